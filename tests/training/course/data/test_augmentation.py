"""Random changes to whole batches."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.course.data.augmentation import Changes, change

CHANGES = st.builds(
    Changes,
    flip=st.booleans(),
    shift=st.sampled_from([0.0, 0.1, 0.5]),
    rotate=st.sampled_from([0.0, 15.0, 180.0]),
    zoom=st.sampled_from([0.0, 0.2]),
    light=st.sampled_from([0.0, 0.5]),
    erase=st.sampled_from([0.0, 0.25]),
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 6, channels: int = 3, height: int = 12, width: int = 16) -> torch.Tensor:
    return torch.rand(count, channels, height, width, generator=seeded(9)) * 255


@given(CHANGES, st.sampled_from([1, 3]))
def test_changed_pictures_keep_shape_and_range_and_depend_on_the_seed_alone(changes: Changes, channels: int) -> None:
    batch = pictures(channels=channels)
    before = batch.clone()
    changed = change(batch, changes, seeded())
    assert changed.shape == batch.shape
    assert changed.dtype == torch.float32
    assert float(changed.min()) >= -1e-3
    assert float(changed.max()) <= 255 + 1e-3
    assert torch.equal(changed, change(batch, changes, seeded()))
    assert torch.equal(batch, before)


def test_without_changes_nothing_is_changed() -> None:
    batch = pictures()
    assert not Changes().any
    assert torch.equal(change(batch, Changes(), seeded()), batch)


def test_mirroring_turns_some_pictures_around_and_leaves_the_others() -> None:
    batch = pictures(40)
    changed = change(batch, Changes(flip=True), seeded())
    mirrored = [torch.equal(one, other.flip(2)) for one, other in zip(changed, batch, strict=True)]
    same = [torch.equal(one, other) for one, other in zip(changed, batch, strict=True)]
    assert all(one or other for one, other in zip(mirrored, same, strict=True))
    assert any(mirrored)
    assert any(same)


def test_a_shift_moves_by_whole_pixels_and_stays_sharp() -> None:
    batch = torch.zeros(30, 1, 16, 16)
    batch[:, :, 8, 8] = 255
    changed = change(batch, Changes(shift=0.25), seeded())
    places = {tuple(int(place) for place in torch.nonzero(picture[0] > 254)[0]) for picture in changed}
    assert len(places) > 5
    assert all(abs(row - 8) <= 4 and abs(column - 8) <= 4 for row, column in places)


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_an_erased_square_has_the_size_asked_for(share: float) -> None:
    changed = change(torch.zeros(50, 3, 16, 16), Changes(erase=share), seeded())
    grey = (changed == 127.5).all(dim=1).flatten(1).sum(dim=1)
    # Whole where it lies inside the picture.
    assert int(grey.max()) == (16 * share) ** 2
    assert bool((grey > 0).all())


def test_light_changes_brightness_but_no_places() -> None:
    batch = pictures()
    changed = change(batch, Changes(light=0.3), seeded())
    assert not torch.allclose(changed.mean(dim=(1, 2, 3)), batch.mean(dim=(1, 2, 3)))
    for one, other in zip(changed, batch, strict=True):
        assert torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1] > 0.95
