"""The kind of job that makes results of the course again."""

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from recognition.gallery import Gallery
from training.course.data.choice import Source
from training.course.experiments.store import list_experiments
from training.course.results.experiments import COURSE, Data
from training.course.results.running import Course, check_known
from training.jobs.kinds import JobContext, register
from training.loop.observer import EpochRecord, Observer


class CourseSettings(BaseModel):
    """What to make again.

    Attributes:
        experiments: keys in `COURSE`.
        sources: where the pictures of each data set are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    experiments: tuple[str, ...] = Field(min_length=1)
    sources: dict[Data, Source]


class CourseResults:
    """A `Kind`. Experiments of the store that have the same recipe are not run again: a resumed job goes on after them."""

    key = "course"
    settings = CourseSettings

    def epochs(self, settings: CourseSettings) -> int:
        return sum(
            experiment.seeds * experiment.training.epochs for experiment in map(COURSE.__getitem__, settings.experiments)
        )

    def clean_name(self, name: str, storage: Path) -> str:  # noqa: ARG002  # its experiments have the course's names
        return name

    def check(self, settings: CourseSettings, gallery: Gallery, storage: Path) -> None:  # noqa: ARG002  # neither is needed
        """Raises DataError for an experiment that the course doesn't have."""
        check_known(settings.experiments)

    def run(self, context: JobContext[CourseSettings]) -> str:
        """Run them one after the other; the id of the last experiment kept."""
        settings, storage = context.settings, context.storage
        observer = _OneAfterTheOther(context.observer)
        course = Course(settings.sources, storage, observer, kept=list_experiments(storage))
        last = ""
        for result in course.run(settings.experiments):
            context.observer.log(f"{result.experiment}: {result.test_accuracy:.2%} of the test pictures.")
            last = result.ids[-1]
        context.keep_history(observer.history)
        return last


class _OneAfterTheOther:
    """Several trainings as one: epochs are counted on."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self.history: list[EpochRecord] = []

    def log(self, text: str) -> None:
        self._observer.log(text)

    def step(self, done: int, total: int, seconds_left: float) -> None:
        self._observer.step(done, total, seconds_left)

    def epoch(self, record: EpochRecord) -> None:
        numbered = replace(record, epoch=len(self.history) + 1)
        self.history.append(numbered)
        self._observer.epoch(numbered)


register(CourseResults())
