"""Names for the keys of people that a model holds. Models keep no names, so that renaming and deleting reach them too."""

from recognition.gallery import Gallery
from training.models import TunedModel, of_this_gallery


class Names:
    """Names by key, as they are now.

    Args:
        gallery: where the names are.
        model: whose keys. Those of one made elsewhere mean nobody here.
    """

    def __init__(self, gallery: Gallery, model: TunedModel) -> None:
        self.known = of_this_gallery(model, gallery)
        self._names = {str(person.id): person.name for person in gallery.people()} if self.known else {}

    def __call__(self, key: str) -> str:
        """The person's name; somebody deleted since has none, and somebody of another gallery only a number."""
        return self._names.get(key, f"deleted person {key}" if self.known else f"person {key}")
