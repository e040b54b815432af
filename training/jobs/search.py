"""The kind of job that runs a study."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from recognition.gallery import Gallery
from training.course.data.loading import load_split
from training.course.data.pictures import PictureSet
from training.faces.dataset import FaceSet, from_gallery
from training.jobs.enrolled import faces_as_pictures
from training.jobs.experiments import Experiment
from training.jobs.faces import FaceFineTuning
from training.jobs.kinds import JobContext, register
from training.search.bases import check
from training.search.experiments import ExperimentSubject
from training.search.faces import FaceSubject
from training.search.run import run_study
from training.search.settings import ExperimentBase
from training.search.study import Study, StudyId, read_study
from training.search.subject import Subject


class RunStudy(BaseModel):
    """One run of a study: from its beginning, or from where an earlier run stopped."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    study: StudyId


class Search:
    """A `Kind`. What it makes is the study, which keeps settings and numbers; every network of a trial is forgotten."""

    key = "search"
    settings = RunStudy

    def epochs(self, settings: RunStudy) -> int:  # noqa: ARG002  # how many it takes is what a search finds out
        return 0

    def clean_name(self, name: str, storage: Path) -> str:  # noqa: ARG002  # the study has one
        return name

    def check(self, settings: RunStudy, gallery: Gallery, storage: Path) -> None:
        """Raises SearchError for a study that is not there or can't be searched, and what its trainings would."""
        study = read_study(storage, settings.study).settings
        check(study)
        if isinstance(study.base, ExperimentBase):
            Experiment().check(study.base.recipe, gallery, storage)
        else:
            FaceFineTuning().check(study.base.settings, gallery, storage)

    def run(self, context: JobContext[RunStudy]) -> str:
        """Read the pictures, then train one trial after the other."""
        study = read_study(context.storage, context.settings.study)
        context.observer.log("Reading the pictures.")
        run_study(context.storage, study, _subject(study, context), context.checkpoints, context.observer)
        return study.id


def _subject(study: Study, context: JobContext[RunStudy]) -> Subject:
    def faces() -> FaceSet:
        context.claim_photos()
        found = from_gallery(context.gallery, lambda done, total: context.check_cancelled())
        # Those enrolled meanwhile may have been read too.
        context.claim_photos()
        return found

    def enrolled() -> PictureSet:
        return faces_as_pictures(faces())

    base = study.settings.base
    if isinstance(base, ExperimentBase):
        recipe = base.recipe
        return ExperimentSubject.of(recipe, load_split(recipe.data, recipe.split, context.storage, enrolled), context.storage)
    return FaceSubject(base.settings, faces(), context.storage)


register(Search())
