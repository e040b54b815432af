"""Names, file names and error texts are shown as they are: none of them is read as Markdown.

A picture link in one, `![](http://…)`, would make the browser of whoever opens the page call another server.
"""

import ast
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "pages"

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

OURS = re.compile(r"\b(field|fields|_field|layer|stage|row|EXAMPLES|PRESETS|BACKBONES)\b")
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
