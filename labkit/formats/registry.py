"""The formats by name, and which of them a file is of."""

from __future__ import annotations

from pathlib import Path

from ..errors import LabError
from ..files import in_words, undecodable, unstorable
from .base import Format, Peek
from .brat import BRAT
from .conll import CONLL, CONLL_BILUO, CONLL_BIOES
from .doccano import DOCCANO, DOCCANO_CSV, DOCCANO_ZIP
from .hugging import HUGGING
from .label_studio import LABEL_STUDIO
from .labelbox import LABELBOX
from .plain import JSONL
from .prodigy import PRODIGY, REVIEW
from .spacy_docs import SPACY
from .table import CSV

FORMATS: dict[str, Format] = {
    each.name: each
    for each in [
        *(PRODIGY, REVIEW, LABEL_STUDIO, DOCCANO, DOCCANO_ZIP, DOCCANO_CSV, BRAT, LABELBOX),
        *(CONLL, CONLL_BIOES, CONLL_BILUO, SPACY, HUGGING, JSONL, CSV),
    ]
}
"""Every format, by the name that it is asked for by."""

_LAST = frozenset({"jsonl", "csv"})
"""Plain forms, which a file is of where it is in no tool's way."""


def format_called(name: str) -> Format:
    """Return the format of a name; raises LabError for one that is not known."""
    if name not in FORMATS:
        raise LabError(f"The format {name!r} is not known.", f"Use one of: {', '.join(FORMATS)}.")
    return FORMATS[name]


def format_for(path: Path) -> Format:
    """Return the format in which a file of this name is written; raises LabError where its ending tells none.

    Examples
    --------
    >>> format_for(Path("people.spacy")).title
    "spaCy's DocBin"
    """
    by_ending = {FORMATS[name].ending: FORMATS[name] for name in ("conll", "spacy", "csv", "doccano-zip", "jsonl")}
    if path.suffix.lower() not in by_ending:
        raise LabError(f"The name {path.name!r} tells no format.", f'Name one: format="...", of {", ".join(FORMATS)}.')
    return by_ending[path.suffix.lower()]


def recognise(path: Path) -> tuple[Format, str]:
    """Tell the format of a file or folder by what is in it.

    Parameters
    ----------
    path : Path
        The file or folder.

    Returns
    -------
    Format
        The format.
    str
        What was found, for a person: ``"Prodigy, choices"``.

    Raises
    ------
    LabError
        If nothing is there, it is empty, it is of no known format, or it may be of two.
    """
    with in_words(path, "read"):
        empty = not any(path.iterdir()) if path.is_dir() else path.stat().st_size == 0
    if empty:
        raise LabError(f"{path} is empty.", "Check that it is the right file.")
    peek = Peek(path)
    found = [(each, seen) for each in FORMATS.values() if (seen := each.sniff(peek))]
    found = [(each, seen) for each, seen in found if each.name not in _LAST] or found
    if not found:
        wrong = next((why for line in peek.lines() if (why := undecodable(line) or unstorable(line))), None)
        if wrong:
            raise LabError(f"{path} can't be read as text: {wrong}.", "Save it as UTF-8.")
        raise LabError(f"{path} is of no format that is known.", f'Name it: format="...", of {", ".join(FORMATS)}.')
    if len(found) > 1:
        names = " or ".join(each.name for each, _ in found)
        raise LabError(f"{path} may be {names}.", f'Say which: format="{found[0][0].name}".')
    return found[0]
