"""A guideline is Markdown that somebody wrote: it looks like it, and nothing in it runs or is fetched."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from labkit.widgets.markdown import LINKS, as_html

HOSTILE = [
    "<script>window.hacked=1</script>",
    '<img src=x onerror="window.hacked=1">',
    "a <b onclick=window.hacked=1>word</b>",
    "[x](javascript:window.hacked=1)",
    "[x](JaVaScRiPt:window.hacked=1)",
    "[x](java&#x73;cript:window.hacked=1)",
    "[x](&#106;avascript:window.hacked=1)",
    "[x](\tjavascript:window.hacked=1)",
    "[x](data:text/html,<script>window.hacked=1</script>)",
    "[x](vbscript:x)",
    "[x](//example.org/x)",
    "[x]: javascript:window.hacked=1\n\n[x]",
    "<javascript:window.hacked=1>",
    '[x](https://example.org "t\\" onmouseover=window.hacked=1")',
    '[x](https://example.org/"onmouseover=window.hacked=1)',
    "![x](https://example.org/x.png)",
    '![x" onerror="window.hacked=1](x)',
    '```html" onclick="window.hacked=1\n<i>x</i>\n```',
    "| <i>a</i> | b |\n|:--|--|\n| <script>1</script> | 2 |",
    "# <svg onload=window.hacked=1>",
]
ALLOWED = {
    *("div", "p", "h5", "h6", "ul", "ol", "li", "em", "strong", "del", "code", "pre", "blockquote", "hr", "br", "a"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def check(text: str) -> None:
    """Hold that the HTML of a text has no element and no attribute that could do anything."""
    for element in html.fragment_fromstring(as_html(text), create_parent=True).iter():
        assert element.tag in ALLOWED
        assert set(element.attrib) <= {"href", "target", "rel", "style", "start"}
        assert re.fullmatch("(text-align:(left|right|center))?", element.get("style", ""))
        assert element.tag != "a" or element.get("href").lower().startswith(LINKS)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_hostile_markdown_runs_or_loads(text):
    check(text)


@given(st.lists(st.sampled_from([*HOSTILE, *"<>[]()!*_`|#-\n\"'& "]), max_size=8).map("".join))
def test_nothing_runs_however_hostile_parts_are_put_together(text):
    check(text)


def test_markdown_looks_like_it():
    made = as_html("# Title\n\n- **one**\n- `two`\n\n| a | b |\n|---|---|\n| 1 | [c](https://example.org) |")
    for part in ("<h5>Title</h5>", "<li><strong>one</strong></li>", "<code>two</code>", "<td>1</td>"):
        assert part in made
    assert '<a href="https://example.org" target="_blank" rel="noopener noreferrer">c</a>' in made


def test_html_shows_as_characters():
    assert as_html("<b>bold</b>") == "<p>&lt;b&gt;bold&lt;/b&gt;</p>"
    assert as_html("") == ""
