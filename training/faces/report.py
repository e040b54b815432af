"""What a training gained, in numbers and in what the Train page draws. Plain data, kept beside the model."""

from pydantic import BaseModel, ConfigDict, Field

from training.metrics import OpenSet


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rates(_Plain):
    """One network on one set of photos, as they are (clean) and corrupted (hard, see `training.faces.corruptions`)."""

    clean: OpenSet
    hard: OpenSet


class Comparison(_Plain):
    """The untuned and the tuned network on the same photos; `probes` of them, against so many `strangers` photos."""

    untuned: Rates
    tuned: Rates
    probes: int
    strangers: int


class Guess(_Plain):
    """What the tuned network made of one photo it was not trained on.

    Attributes:
        photo: key of the photo, as in `FaceSet.photos`.
        truth, guess: keys of people, as in `FaceSet.people`.
        score: cosine to the guessed person's mean template.
        untuned_guess, untuned_score: the same of the untuned network.
        corruption: how the photo was made worse first, one of `training.faces.corruptions.WAYS`; None for it as it is.
    """

    photo: str
    truth: str
    guess: str
    score: float
    untuned_guess: str
    untuned_score: float
    corruption: str | None = None


class Similarities(_Plain):
    """Scores of photos not trained on, to their own person's template and to the nearest other person's."""

    same: list[float]
    different: list[float]


class EmbeddingMap(_Plain):
    """All faces in the plane, by t-SNE (van der Maaten and Hinton 2008), before and after. Points in order of `photos`.

    Attributes:
        photos, people: keys, one a point.
        untuned, tuned: x and y of each point; only the distances between near points mean anything.
    """

    photos: list[str]
    people: list[str]
    untuned: list[tuple[float, float]]
    tuned: list[tuple[float, float]]


class Report(_Plain):
    """What a training gained.

    Attributes:
        validation: on the photos that chose the epoch and the interpolation of old and new weights.
        test: on photos that chose nothing; None where people have too few photos for a test.
        recommended: whether the tuned network was better on the test photos, or on those of the validation without a test.
        verdict: a sentence that says so, why, on which photos, and how sure that is.
        clear: whether chance alone does not explain the difference. Reports until November 2026 did not ask.
        weight: share of the tuned weights in the interpolation of old and new (WiSE-FT), 0 to 1.
        whitened: whether its last layer was solved anew (`training.faces.whitening`).
        best_epoch: whose weights they are, from 1.
        guesses: for every test photo of people trained on, or validation photo where there is no test.
        hard_guesses: for the same photos, at most `training.faces.open_set.MOST` of them, each corrupted in one way. None in
            earlier reports.
        similarities: of the same photos, tuned.
        untuned_similarities: and untuned.
        map: of all faces.
    """

    validation: Comparison
    test: Comparison | None
    recommended: bool
    verdict: str
    clear: bool = True
    weight: float = Field(ge=0, le=1)
    whitened: bool = False
    best_epoch: int = Field(ge=0)
    guesses: list[Guess]
    hard_guesses: list[Guess] = []
    similarities: Similarities
    untuned_similarities: Similarities
    map: EmbeddingMap

    @property
    def advised_against(self) -> bool:
        """Whether the untuned network is clearly the better one: whoever uses the tuned one is asked first."""
        return self.clear and not self.recommended

    @property
    def measured(self) -> Comparison:
        """On the test photos, or on those of the validation where there was no test."""
        return self.test or self.validation
