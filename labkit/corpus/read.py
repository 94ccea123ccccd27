"""Reads texts from files and folders, and sets aside the rows that can't be used."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LabError
from ..files import Bad, Record, excerpt
from .forms import FORMS, ONE_TEXT, form_of
from .rows import Columns, Keeper, Row, plain

if TYPE_CHECKING:
    from .sources import Source

TEXT_NAMES = ("text", "body", "content", "message", "description")
ID_NAMES = ("id", "key", "_id")
LABEL_NAMES = ("labels", "label", "cats")

LIMIT = 100_000
"""Longest text that is taken unless another limit is given, in characters."""

_SAMPLE = 100  # rows that tell the columns of a file


def read(
    path: str | Path,
    *,
    text: str | None = None,
    id: str | None = None,
    label: str | None = None,
    limit: int = LIMIT,
    unique: bool = True,
) -> Iterator[Row | Bad]:
    r"""Read the texts of a file or folder, one at a time.

    Parameters
    ----------
    path : str or Path
        JSONL, CSV, TSV or Parquet with a text a row, a .txt, .pdf or .html file that is one text, or a folder of these
        at any depth, taken in the order of their names; hidden files are left out.
    text : str, optional
        The column that holds the text. Otherwise the first of `TEXT_NAMES` that is there (in any case); in
        a file that has none of these and is named itself, the column whose strings are the longest over the
        first 100 rows.
    id : str, optional
        The column that holds the text's own id. Otherwise the first of `ID_NAMES`, or none.
    label : str, optional
        The column that holds labels. Otherwise the first of `LABEL_NAMES`, or none.
    limit : int
        Longest text that is taken, in characters as it stands in the file.
    unique : bool
        Whether an id that is already that of another text makes a row unusable; to know that, all ids are remembered.

    Returns
    -------
    iterator of Row or Bad
        A `Bad` for each row that can't be used; it has the physical line and the reason. In a folder, a file
        that can't be used at all is one `Bad`, of line 0.

    Raises
    ------
    LabError
        If nothing is there, it can't be read, is of no known form, holds no rows, or has no such column.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "texts.jsonl"
    >>> _ = file.write_text('{"id": 7, "text": "castling through check", "app": "rookery"}\n{"text": ""}\n')
    >>> good, bad = read(file)
    >>> good.key, good.text, good.source, good.meta
    ('7', 'castling through check', 'texts.jsonl:1', {'app': 'rookery'})
    >>> bad.line, bad.reason
    (2, 'the text is empty')
    """
    path = _path(path)
    keep = Keeper(limit, unique)
    if not path.is_dir():
        return _file(path, path.name, keep, (text, id, label), guess=True)
    files = _files(path)
    return chain.from_iterable(_member(file, path, keep, (text, id, label)) for file in files)


def read_source(
    source: Source, *, text: str | None = None, id: str | None = None, limit: int = LIMIT, unique: bool = True
) -> Iterator[Row | Bad]:
    """Read the texts of a source beyond files, one at a time; nothing of it is written to a file.

    Parameters
    ----------
    source : Source
        A `Query`, or another of `labkit.corpus.sources`.
    text, id, limit, unique
        As for `read`. The line of a row is its number, from 1.

    Raises
    ------
    LabError
        If the source can't be reached or refuses, gives no rows, or has no such column.
    """
    keep = Keeper(limit, unique)
    rows = (row for page in source.pages(None) for row in page.rows)
    records = (Record(number, plain(row), None) for number, row in enumerate(rows, 1))
    return _rows(source.name, source.name, records, keep, (text, id, None), guess=True)


def _path(path: str | Path) -> Path:
    """Return the path, if there is something that can be read."""
    try:
        path = Path(path).expanduser()
        path.lstat()
    except TypeError:
        raise LabError(f"{path!r} is not a path.", "Give a file or folder.") from None
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else error
        raise LabError(f"{excerpt(str(path))} can't be read: {said}.", "Check the path.") from None
    if not path.is_dir():
        form_of(path)
    return path


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder, in the order of their names, hidden ones left out."""

    def refuse(error: OSError) -> None:
        raise LabError(f"{error.filename} can't be read: {error.strerror}.", "Check its permissions.") from None

    found = []
    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name) for name in names if not name.startswith(".")]
    if not any(file.suffix.lower() in FORMS for file in found):
        raise LabError(
            f"The folder {folder} holds no texts.", f"Give a folder of files that end in {', '.join(FORMS)}."
        )
    return sorted(found)


def _member(file: Path, folder: Path, keep: Keeper, named: tuple[str | None, ...]) -> Iterator[Row | Bad]:
    """Read one file of a folder; what is wrong with the file as a whole is one bad row."""
    source = excerpt(file.relative_to(folder).as_posix())
    try:
        yield from _file(file, source, keep, named, guess=False)
    except LabError as error:
        yield Bad(source, 0, error.problem.replace(str(file), source).rstrip("."), "")


def _file(path: Path, source: str, keep: Keeper, named: tuple[str | None, ...], *, guess: bool) -> Iterator[Row | Bad]:
    """Read one file."""
    if path.suffix.lower() in ONE_TEXT:
        named = ("text", None, None)
    return _rows(path, source, form_of(path)(path, source), keep, named, guess=guess)


def _rows(
    path: Path | str,
    source: str,
    rows: Iterator[Record | Bad],
    keep: Keeper,
    named: tuple[str | None, ...],
    *,
    guess: bool,
) -> Iterator[Row | Bad]:
    """Find the columns of some rows in the first of them, then check each."""
    sample = list(islice(rows, _SAMPLE))
    if not sample:
        raise LabError(f"{path} holds no rows.", "Check that it is the right one.")
    while sample and not (good := [row for row in sample if isinstance(row, Record)]):
        yield from (row for row in sample if isinstance(row, Bad))
        sample = list(islice(rows, _SAMPLE))
    if sample:
        columns = _columns(path, good, named, guess=guess)
        for row in chain(sample, rows):
            yield keep.row(source, row, columns) if isinstance(row, Record) else row


def _columns(path: Path | str, sample: Sequence[Record], named: tuple[str | None, ...], *, guess: bool) -> Columns:
    """Find the columns of text, id and label."""
    names = list(dict.fromkeys(name for record in sample for name in record.fields))
    text, key, label = (
        _column(path, names, name, usual)
        for name, usual in zip(named, (TEXT_NAMES, ID_NAMES, LABEL_NAMES), strict=True)
    )
    if text is None and guess:
        text = _longest(sample, [name for name in names if name not in (key, label)])
    if text is None:
        raise LabError(
            f"{path} has no column called {' or '.join(TEXT_NAMES)}.", f'Name the column: text="...". {_said(names)}'
        )
    return Columns(text, key, label)


def _column(path: Path | str, names: Sequence[str], name: str | None, usual: Sequence[str]) -> str | None:
    """Return the column called `name`; without a name, the first usual one in any case, or None."""
    if name is None:
        known = {candidate.strip().lower(): candidate for candidate in reversed(names)}
        return next((known[candidate] for candidate in usual if candidate in known), None)
    if name not in names:
        raise LabError(f"{path} has no column called {name!r}.", _said(names))
    return name


def _said(names: Sequence[str]) -> str:
    """List the columns of a file for a message, at most twenty."""
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f"Its columns are: {', '.join(names[:20])}{more}."


def _longest(sample: Sequence[Record], names: Sequence[str]) -> str | None:
    """Return the column that holds most characters over the sample, or None where there are no strings."""
    size = {name: sum(len(value) for r in sample if isinstance(value := r.fields.get(name), str)) for name in names}
    best = max(names, key=size.__getitem__, default=None)
    return best if best is not None and size[best] else None
