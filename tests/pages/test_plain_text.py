"""Names, file names and error texts are shown as they are: none of them is read as Markdown.

A picture link in one, `![](http://…)`, would make the browser of whoever opens the page call another server.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from streamlit.testing.v1 import AppTest

from pages.components.text import WORD_JOINER, plain
from recognition.networks import BUILT_IN, available_networks
from recognition.pictures import Picture
from recognition.services import Services
from tests.browsing import ROOT
from tests.recognition.gallery.photos import photo
from tests.training import made
from tests.training.course.conftest import RECIPE
from training.course.data.loading import load_split
from training.course.data.pictures import Split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.store import list_experiments
from training.course.experiments.training import Outcome, run_experiment
from training.models import save_model

PAGES = ROOT / "pages"

PLAIN_OPTIONS = frozenset({"selectbox", "text_input", "number_input", "slider"})
"""Streamlit's functions that read only their label and help as Markdown."""

RENDERS_MARKDOWN = PLAIN_OPTIONS | {
    *("badge", "button", "caption", "checkbox", "dialog", "download_button", "error", "expander", "form_submit_button"),
    *("header", "info", "markdown", "metric", "page_link", "pills", "popover", "progress", "radio", "segmented_control"),
    *("spinner", "subheader", "success", "table", "tabs", "title", "toast", "toggle", "warning", "write"),
}

KEYWORDS = frozenset({"label", "body", "text", "title", "caption", "captions", "help", "options", "format_func"})
"""Their arguments by keyword that are Markdown."""

FOREIGN = frozenset({"name", "title", "error", "reason", "file", "verdict", "description", "licence", "message", "text"})
"""Attributes that hold what somebody typed, or what a file or library says."""

OURS = re.compile(r"\b(field|fields|model_fields|_field|layer|stage|row|EXAMPLES|PRESETS|BACKBONES)\b")
"""What their titles and names belong to is written in this app."""

SAFE = frozenset({"plain", "count", "duration", "len", "sum"})


def foreign(node: ast.AST) -> list[str]:
    """What of an expression comes from outside and has not gone through `plain`."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in SAFE:
            return []
        if called in ("str", "names") and not OURS.search(ast.unparse(node)):
            return [ast.unparse(node)]
    if isinstance(node, ast.FormattedValue) and node.format_spec and re.search(r"[%fdg,]'?$", ast.unparse(node.format_spec)):
        return []
    if isinstance(node, ast.Attribute) and node.attr in FOREIGN and not OURS.search(ast.unparse(node)):
        return [ast.unparse(node)]
    if isinstance(node, ast.Name) and node.id in ("error", "problem", "message"):
        return [node.id]
    if isinstance(node, ast.IfExp):
        return foreign(node.body) + foreign(node.orelse)
    return [found for child in ast.iter_child_nodes(node) for found in foreign(child)]


def rendered(call: ast.Call, function: str) -> list[ast.expr]:
    """The arguments of a call that are read as Markdown."""
    if function in PLAIN_OPTIONS:
        return [*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg in ("label", "help"))]
    return [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in KEYWORDS)]


@pytest.mark.parametrize("module", sorted(PAGES.rglob("*.py")), ids=lambda path: str(path.relative_to(PAGES)))
def test_no_page_gives_foreign_text_to_markdown(module: Path) -> None:
    unescaped = [
        f"line {call.lineno}: {text}"
        for call in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in RENDERS_MARKDOWN
        for argument in rendered(call, call.func.attr)
        for text in foreign(argument)
    ]
    assert not unescaped


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])

WRITTEN = st.text(st.sampled_from("ab 1.)(*_~`#>+-=|![]<>/:&;\\\\\"'$^{}@\\n\\t\u00e9")) | st.text()


@given(text=WRITTEN)
def test_plain_text_is_one_run_of_the_same_characters(text: str) -> None:
    expected = " ".join(text.split()).replace("\0", "\ufffd")
    blocks = MARKDOWN.parse(plain(text))
    inline = [child for block in blocks for child in block.children or []]
    assert {block.type for block in blocks} <= {"paragraph_open", "inline", "paragraph_close"}
    assert {child.type for child in inline} <= {"text", "text_special"}
    assert "".join(child.content for child in inline).replace(WORD_JOINER, "") == expected.replace(WORD_JOINER, "")


@pytest.mark.parametrize(
    "text", [":material/face:", ":material_face:", ":streamlit:", "https://a.example", "www.a.example", "a@b.example"]
)
def test_what_streamlit_reads_after_markdown_is_broken_up(text: str) -> None:
    (_, inline, _) = MARKDOWN.parse(plain(text))
    shown = "".join(child.content for child in inline.children or [])
    assert shown.replace(WORD_JOINER, "") == text
    assert not re.search(r":material_\w+:|:streamlit:|https?://|www\.|\w@\w", shown)
    assert ":material/" not in plain(text)


FAST = RECIPE.model_copy(update={"training": RECIPE.training.model_copy(update={"epochs": 1})})

PICTURE_LINK = "![x](http://a.example/p.png)"

SHOWN_AS_IT_IS = frozenset(
    {
        "id",
        "options",
        "string_data",
        "value",
        "default",
        "placeholder",
        "alt",
        "raw_value",
        "raw_values",
        "set_value",
        "spec",
        "json",
    }
)
"""Fields of Streamlit's messages that the browser doesn't read as Markdown: options of a select box, cells, values, and what
our components get, which set it as text."""


def strings(message: Message) -> Iterator[tuple[str, str]]:
    """All texts of a message to the browser, by the field's name."""
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if isinstance(one, Message):
                yield from strings(one)
            elif isinstance(one, str):
                yield field.name, one


@pytest.fixture(scope="module")
def hostile_digits(tmp_path_factory: pytest.TempPathFactory) -> tuple[Split, Outcome]:
    """Handwritten digits whose classes are called by a link to a picture, and what was learned from them."""
    storage = tmp_path_factory.mktemp("storage")
    split = load_split(FAST.data, FAST.split, storage)
    outcome = run_experiment(FAST, split, storage)
    return replace(split, classes=tuple(f"{name}{PICTURE_LINK}" for name in split.classes)), outcome


@pytest.fixture
def hostile(app: Services, collins_crop: Picture, hopper_crop: Picture, hostile_digits: tuple[Split, Outcome]) -> Services:
    """Two people, a model, an experiment and its classes, all called by a link to a picture."""
    network = app.recognizer().network
    darker = collins_crop // 2
    for number, crops in enumerate(([collins_crop, darker], [hopper_crop])):
        vectors = network.embed(np.stack(crops), mirrored=True)
        photos = [
            photo(0, crop=crop, picture=crop, templates={BUILT_IN.key: vector})
            for crop, vector in zip(crops, vectors, strict=True)
        ]
        app.gallery.enroll(f"{number}{PICTURE_LINK}", photos, consented=True)
    people = [str(person.id) for person in app.gallery.people()]
    photo_ids = [str(one.id) for person in app.gallery.people() for one in app.gallery.photos(person.id)]
    save_model(app.settings.storage, PICTURE_LINK, made.trained(people, photo_ids), "CC0", gallery=app.gallery.identity())
    keep_outcome(app.settings.storage, FAST, *hostile_digits, name=PICTURE_LINK)
    return app


@pytest.mark.parametrize(
    ("page", "params"),
    [
        ("people", {}),
        ("people", {"person": "1"}),
        ("train", {}),
        ("train", {"train": "Result"}),
        ("train", {"train": "Result", "report": "Wrong faces"}),
        ("train", {"train": "Models"}),
        ("evaluate", {}),
        ("evaluate", {"evaluate": "Mixed up"}),
        ("evaluate", {"evaluate": "People", "network": PICTURE_LINK}),
        ("feature_maps", {"source": "Enrolled photo", "look": "Why this name?"}),
        ("feature_maps", {"look": "Before and after"}),
        ("settings", {}),
    ],
)
def test_no_name_reaches_the_browser_as_a_link_to_a_picture(hostile: Services, page: str, params: dict[str, str]) -> None:
    check_no_link_is_sent(page, params)


def test_no_network_that_is_looked_into_sends_one(hostile: Services) -> None:
    model = available_networks(hostile.settings.storage)[-1]
    (experiment,) = list_experiments(hostile.settings.storage)
    check_no_link_is_sent("feature_maps", {"look": "Why this name?", "net": model.key})
    for look in ("Maps", "Kernels", "Why this class?", "Before and after"):
        check_no_link_is_sent("feature_maps", {"look": look, "net": f"experiment:{experiment.id}"})


def check_no_link_is_sent(page: str, params: dict[str, str]) -> None:
    test = AppTest.from_file(str(PAGES / "main.py"), default_timeout=60)
    test.switch_page(f"{page}.py")
    for key, value in params.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception, test.exception
    messages = [node.proto for node in test._tree if isinstance(getattr(node, "proto", None), Message)]
    sent = [found for message in messages for found in strings(message)]
    assert any("a.example" in text.replace("\\", "") for _, text in sent)
    assert not [(field, text) for field, text in sent if "![" in text and field not in SHOWN_AS_IT_IS]
