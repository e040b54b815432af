"""Numbers as pictures: sizes, scales and degenerate maps."""

import numpy as np
import pytest

from recognition.inspection import drawing
from recognition.inspection.errors import FitError


@pytest.mark.parametrize("palette", ["grey", "viridis", "magma", "signed"])
def test_any_map_becomes_a_picture(palette: drawing.Palette) -> None:
    for values in (np.zeros((4, 6)), np.full((4, 6), np.nan), np.linspace(-1, 1, 24).reshape(4, 6)):
        picture = drawing.colourise(values, palette)
        assert picture.shape == (4, 6, 3) and picture.dtype == np.uint8


def test_zero_stays_white_in_signed_maps() -> None:
    picture = drawing.colourise(np.array([[-1.0, 0.0, 4.0]]), "signed")
    assert picture[0, 1].tolist() == [247, 247, 247]
    assert picture[0, 2].tolist() == [178, 24, 43]
    assert drawing.colourise(np.zeros((1, 1)), "signed")[0, 0].tolist() == [247, 247, 247]


def test_filtered_pictures_are_cut_at_black_and_white() -> None:
    assert drawing.as_picture(np.array([[-1.0, 0.5, 2.0]]))[0, :, 0].tolist() == [0, 128, 255]
    assert drawing.as_picture(np.zeros((2, 2, 3)), centre=0.5).tolist() == [[[128] * 3] * 2] * 2


def test_a_grid_fills_its_last_row_with_ground() -> None:
    cells = [np.full((4, 5, 3), value, np.uint8) for value in (1, 2, 3)]
    sheet = drawing.tile(cells, columns=2, gap=1)
    assert sheet.shape == (9, 11, 3)
    assert sheet[5, 0, 0] == 3 and sheet[5, 8, 0] == 128
    with pytest.raises(FitError, match="no picture"):
        drawing.tile([], 2)
    with pytest.raises(FitError, match="one size"):
        drawing.tile([cells[0], cells[0][:2]], 2)


def test_heat_leaves_cold_places_alone() -> None:
    crop = np.full((10, 10, 3), 90, np.uint8)
    heat = np.zeros((2, 2), np.float32)
    np.testing.assert_array_equal(drawing.overlay(crop, heat), crop)
    heat[0, 0] = 1
    assert (drawing.overlay(crop, heat)[0, 0] != crop[0, 0]).any()


def test_a_box_keeps_its_inside_and_dims_the_rest() -> None:
    crop = np.full((20, 20, 3), 100, np.uint8)
    boxed = drawing.with_box(crop, (5, 5, 15, 15))
    assert boxed[10, 10, 0] == 100 and boxed[0, 0, 0] == 45


def test_cells_stay_sharp_when_enlarged() -> None:
    small = np.array([[[0] * 3, [255] * 3]], np.uint8)
    large = drawing.enlarge(small, 10)
    assert large.shape == (5, 10, 3)
    assert set(np.unique(large)) == {0, 255}
