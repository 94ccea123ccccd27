"""Shows Markdown that anybody may have written: as HTML in which nothing runs and nothing is fetched."""

from __future__ import annotations

from html import escape
from typing import Any

LINKS = ("https://", "http://", "mailto:")
"""What a link may lead to."""
BELOW = 4
"""The level of the headings that stand around the text: its own are lower."""


def as_html(text: str) -> str:
    """Return Markdown as HTML: its headings, lists, tables, emphasis, code, and links to the web or to a mailbox.

    HTML in it shows as characters. Of any other link, and of an image, the words stay: a card fetches nothing.

    Parameters
    ----------
    text : str
        Markdown; plain text is Markdown, too.

    Examples
    --------
    >>> as_html("Read the **title** <b>first</b>.")
    '<p>Read the <strong>title</strong> &lt;b&gt;first&lt;/b&gt;.</p>'
    >>> as_html("[here](javascript:alert(1)), ![a chart](https://example.org/chart.png)")
    '<p>here, a chart</p>'
    """
    import mistune

    class Safe(mistune.HTMLRenderer):
        """HTML without what is not safe."""

        def link(self, text: str, url: str, title: str | None = None) -> str:
            if not url.lower().startswith(LINKS):
                return text
            return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{text}</a>'

        def image(self, text: str, url: str, title: str | None = None) -> str:
            return text

        def heading(self, text: str, level: int, **attrs: Any) -> str:
            return f"<h{min(level + BELOW, 6)}>{text}</h{min(level + BELOW, 6)}>\n"

        def block_code(self, code: str, info: str | None = None) -> str:
            return f"<pre><code>{escape(code)}</code></pre>\n"

    return str(mistune.create_markdown(renderer=Safe(escape=True), plugins=["table", "strikethrough"])(text)).strip()
