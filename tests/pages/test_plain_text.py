"""Names, file names and error texts are shown as they are: none of them is read as Markdown.

A picture link in one, `![](http://…)`, would make the browser of whoever opens the page call another server.
"""

import ast
import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "pages"

RENDERS_MARKDOWN = frozenset(
    "badge button caption checkbox dialog download_button error expander explain form_submit_button header info markdown "
    "metric number_input page_link pills popover progress radio segmented_control selectbox slider spinner subheader "
    "success table tabs text_input title toast toggle warning write".split()
)
"""Streamlit's functions (and `explain`, ours) that read their label, text or help as Markdown."""

NOT_MARKDOWN = frozenset({"options", "placeholder", "value", "key", "icon", "args", "on_click", "on_change", "default", "kwargs"})
"""Arguments of theirs that aren't."""

PLAIN_OPTIONS = frozenset({"selectbox", "text_input", "number_input", "slider"})
"""Those whose further arguments are shown as they are: only the label is Markdown."""

FOREIGN = frozenset({"name", "title", "error", "reason", "file", "verdict", "description", "licence", "message", "text"})
"""Attributes that hold what somebody typed, or what a file or library says."""

SAFE = frozenset({"plain", "count", "duration", "len", "sum"})


def foreign(node: ast.AST) -> list[str]:
    """What of an expression comes from outside and has not gone through `plain`."""
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in SAFE:
            return []
        if called in ("str", "names"):
            return [ast.unparse(node)]
    if isinstance(node, ast.FormattedValue) and node.format_spec and re.search(r"[%fdg,]'?$", ast.unparse(node.format_spec)):
        return []
    if isinstance(node, ast.Attribute) and node.attr in FOREIGN and not re.match(r"_?fields?\b", ast.unparse(node)):
        return [ast.unparse(node)]
    if isinstance(node, ast.Name) and node.id in ("error", "problem", "message", "name"):
        return [node.id]
    if isinstance(node, ast.IfExp):
        return foreign(node.body) + foreign(node.orelse)
    return [found for child in ast.iter_child_nodes(node) for found in foreign(child)]


def rendered(call: ast.Call, function: str) -> list[ast.expr]:
    """The arguments of a call that are read as Markdown."""
    positional = call.args[:1] if function in PLAIN_OPTIONS else call.args
    named = [keyword.value for keyword in call.keywords if keyword.arg not in NOT_MARKDOWN]
    return [*positional, *named]


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
