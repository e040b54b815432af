from hypothesis import given
from hypothesis import strategies as st

from recognition.pacing import BUDGET, FORGET, DetectionPacer
from tests.faces import Clock


def test_one_camera_may_detect_nearly_always() -> None:
    pause = DetectionPacer(Clock()).pause(1, 0.02)
    assert 0 <= pause < 0.02


@given(st.integers(1, 32), st.floats(0.001, 0.5))
def test_all_cameras_together_stay_within_the_budget(cameras: int, cost: float) -> None:
    pacer = DetectionPacer(Clock())
    pauses = [pacer.pause(camera, cost) for camera in range(cameras)]
    # In the long run each camera works for `cost` and rests for the pause.
    assert cameras * cost / (cost + pauses[-1]) <= max(BUDGET, 1.0 if cameras == 1 else BUDGET) + 1e-9


def test_a_camera_that_has_gone_is_forgotten() -> None:
    clock = Clock()
    pacer = DetectionPacer(clock)
    alone = pacer.pause(1, 0.02)
    shared = [pacer.pause(camera, 0.02) for camera in range(2, 9)][-1]
    assert shared > alone
    clock.tick(FORGET * 2)
    assert pacer.pause(1, 0.02) == alone
