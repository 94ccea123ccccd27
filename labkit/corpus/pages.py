"""Texts of pages that were made to be looked at: PDF and HTML, each file one text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import LabError
from ..files import LINE_LIMIT, Bad, Record, in_words


def pdf(path: Path, source: str) -> Iterator[Record | Bad]:
    """Read the text of a PDF, page by page, in a column called text; `pages` counts them.

    Parameters
    ----------
    path : Path
        The file.
    source : str
        How the file is named in rows that are set aside. A PDF without text, which was scanned, is one such row.

    Raises
    ------
    LabError
        If it is no PDF, is damaged, or is locked with a password.
    """
    import pypdf

    with in_words(path, "read"):
        stream = path.open("rb")
    try:
        with stream:
            reader = pypdf.PdfReader(stream)
            if reader.is_encrypted and not reader.decrypt(""):
                raise LabError(f"{path} is locked with a password.", "Save it without one.")
            texts = [page.extract_text() for page in reader.pages]
    except (pypdf.errors.PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        # What a damaged file makes pypdf raise is of many kinds.
        raise LabError(f"{path} is no PDF that can be read, or is damaged.", "Open it, and save it again.") from None
    count = f"{len(texts)} page{'' if len(texts) == 1 else 's'}"
    if not any(text.strip() for text in texts):
        yield Bad(source, 0, f"it has {count} and no text: it was scanned; have a program for OCR read it first", "")
        return
    empty = [number for number, text in enumerate(texts, 1) if not text.strip()]
    more = {"empty_pages": empty} if empty else {}
    yield Record(1, {"text": "\n\n".join(texts), "pages": len(texts), **more}, None)


def html(path: Path, source: str) -> Iterator[Record | Bad]:
    """Read the main text of an HTML page, in a column called text, without menus and scripts; `title` beside it.

    Parameters
    ----------
    path : Path
        The file.
    source : str
        How the file is named in rows that are set aside. A page without text is one such row.

    Raises
    ------
    LabError
        If the file can't be read.
    """
    import trafilatura

    with in_words(path, "read"), path.open("rb") as stream:
        page = stream.read(LINE_LIMIT + 1)
    if len(page) > LINE_LIMIT:
        yield Bad(source, 0, f"it is longer than {LINE_LIMIT:,} bytes", "")
        return
    found: Any = trafilatura.bare_extraction(page, with_metadata=True, include_comments=False) if page else None
    if found is None or not (found.text or "").strip():
        yield Bad(source, 0, "no text was found on the page", "")
        return
    named = {name: value for name in ("title", "date", "url") if (value := getattr(found, name))}
    yield Record(1, {"text": found.text, **named}, None)
