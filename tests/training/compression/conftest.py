"""Digits, and the network that has learned them, as something to compress."""

from pathlib import Path

import pytest

from tests.training.course.conftest import RECIPE, few_digits, learned_digits
from training.compression.classifiers import ClassifierSubject
from training.course.data.pictures import Split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.record import Record
from training.course.experiments.training import Outcome

__all__ = ["few_digits", "learned_digits"]


@pytest.fixture
def record(storage: Path, few_digits: Split, learned_digits: Outcome) -> Record:
    """The experiment, in this test's storage."""
    return keep_outcome(storage, RECIPE, few_digits, learned_digits, name="Digits")


@pytest.fixture
def digits(record: Record, few_digits: Split, learned_digits: Outcome) -> ClassifierSubject:
    return ClassifierSubject(record, learned_digits.classifier, few_digits)
