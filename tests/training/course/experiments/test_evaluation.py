"""The confusion matrix, what is read off it, and the mistakes, from any probabilities."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.course.experiments.evaluation import by_class, confusion, mistakes, said

CLASSES = 4

predictions = st.integers(0, 40).flatmap(
    lambda count: st.tuples(
        arrays(np.int64, count, elements=st.integers(0, CLASSES - 1)),
        arrays(np.float32, (count, CLASSES), elements=st.floats(0.0, 1.0, width=32)),
    )
)


@given(predictions)
def test_every_picture_is_in_the_matrix_and_every_wrong_one_among_the_mistakes(both: tuple[np.ndarray, np.ndarray]) -> None:
    labels, probabilities = both
    if not len(labels):
        return
    matrix = confusion(labels, probabilities)
    assert matrix.shape == (CLASSES, CLASSES)
    assert matrix.sum() == len(labels)
    wrong = mistakes(labels, probabilities)
    assert len(wrong) == len(labels) - np.trace(matrix)
    assert [mistake.probability for mistake in wrong] == sorted((mistake.probability for mistake in wrong), reverse=True)
    for mistake in wrong:
        assert labels[mistake.index] == mistake.truth != mistake.said == said(probabilities)[mistake.index]
        assert mistake.of_truth <= mistake.probability


@given(predictions)
def test_a_class_without_pictures_has_no_accuracy(both: tuple[np.ndarray, np.ndarray]) -> None:
    labels, probabilities = both
    if not len(labels):
        return
    for label, accuracy in enumerate(by_class(confusion(labels, probabilities))):
        asked = labels == label
        if accuracy is None:
            assert not asked.any()
        else:
            assert accuracy.count == asked.sum()
            assert accuracy.right == (said(probabilities)[asked] == label).sum()
