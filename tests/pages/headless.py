"""A page of the app without a browser: opened, clicked, read."""

import json
from typing import Any

from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.testing.v1 import AppTest

from tests.browsing import ROOT


def open_page(script: str, **params: str) -> AppTest:
    """A page, such as `train.py`, at an address with these parameters."""
    page = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60)
    page.switch_page(script)
    for key, value in params.items():
        page.query_params[key] = value
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    return checked(next(button for button in page.button if button.label == label).click().run())


def faces(page: AppTest) -> list[dict[str, Any]]:
    """The tiles of all its grids of faces."""
    grids = [node.proto for node in page._tree if isinstance(getattr(node, "proto", None), BidiComponent)]
    shown = [json.loads(grid.json) for grid in grids if grid.component_name == "familiar.faces"]
    return [tile for grid in shown for tile in grid["tiles"]]


def words(page: AppTest) -> str:
    """Everything it says, as Markdown."""
    kinds = (page.title, page.subheader, page.markdown, page.caption, page.info, page.warning, page.error, page.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def read_words(page: AppTest) -> str:
    """The same as it is read: without the signs that escape names and errors."""
    return words(page).replace("\\", "")
