"""Hugging Face datasets saved to disk: tokens with ner_tags, or text with label; where that library is installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import LabError
from ..files import Bad, Record, in_words, whole_folder
from . import odd
from .aligned import tag, untag
from .base import Format, Peek, Refused, Unfit, known_text
from .odd import Odd
from .record import Document, Field, Judgement, Scheme
from .tags import IOB2, tagging_of

_KNOWN = ("id", "text", "tokens", "ner_tags", "label")


def _sniff(peek: Peek) -> str | None:
    marks = ("dataset_dict.json", "state.json")
    return "a Hugging Face dataset" if any((peek.path / mark).is_file() for mark in marks) else None


@contextmanager
def _quiet() -> Iterator[Any]:
    """Lend the library with its progress bars off; a LabError where it is not installed."""
    try:
        import datasets
    except ImportError:
        raise LabError(
            "The library datasets is not installed, which reads and writes Hugging Face datasets.",
            'Install it: pip install "datasets<5".',
        ) from None
    shown = not datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        yield datasets
    finally:
        if shown:
            datasets.enable_progress_bars()


def _read(path: Path) -> Iterator[Document | Bad]:
    """Read the rows of each split; the line of a row is its number in the split, from 1."""
    with _quiet() as datasets:
        try:
            loaded = datasets.load_from_disk(str(path))
        except (OSError, ValueError, TypeError, KeyError):
            raise LabError(f"{path} is no saved dataset, or is damaged.", "Write it again: save_to_disk.") from None
        splits = loaded if isinstance(loaded, dict) else {"": loaded}
        for name, rows in splits.items():
            yield from _split(rows, f"{path.name}/{name}" if name else path.name, {"split": name} if name else {})


def _split(rows: Any, source: str, meta: dict[str, Any]) -> Iterator[Document | Bad]:
    """Read one split."""
    tags = _names(rows.features.get("ner_tags"))
    labels = _names(rows.features.get("label"))
    tagging = None
    if "ner_tags" in rows.features:
        tagging = tagging_of(tags or {each for row in rows.select_columns(["ner_tags"]) for each in row["ner_tags"]})
        if tagging is None:
            raise LabError(f"The tags of {source} are of no scheme that can be told.", "Write them as IOB2 or BILUO.")

    def decode(row: dict[str, Any]) -> Document:
        text, key, spans = odd.optional_string(row, "text"), odd.key(row.get("id")), None
        respaced = text is None
        if tagging is not None:
            words = odd.strings(row.get("tokens"), "tokens")
            marks = [_named(each, tags) for each in row["ner_tags"]]
            if len(marks) != len(words):
                raise Odd(f"it has {len(words)} tokens and {len(marks)} tags")
            text, spans = untag(text, words, marks, tagging)
        found = _labels(row["label"], labels) if "label" in row else None
        if found is None and spans is None:
            raise Odd("it has neither ner_tags nor a label")
        said = Judgement(found, spans)
        return Document(text, (said,), key, {**odd.rest(row, _KNOWN), **meta}, respaced=respaced)

    records = (Record(number, dict(row), None) for number, row in enumerate(rows, 1))
    return odd.decoded(records, source, decode)


def _names(feature: Any) -> list[str] | None:
    """Return the names behind the numbers of a column, or of the lists in it; None where it holds texts."""
    inner = getattr(feature, "feature", feature[0] if isinstance(feature, list) else feature)
    names = getattr(inner, "names", None)
    return list(names) if names else None


def _named(value: Any, names: list[str] | None) -> str:
    """Return the name of a label, which may stand there as its number."""
    if isinstance(value, str):
        return value
    if names is None or isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(names):
        raise Odd(f"the label {value!r} has no name")
    return names[value]


def _labels(value: Any, names: list[str] | None) -> tuple[str, ...]:
    """Return the labels of a text: one, or a list."""
    if value is None or value == -1:
        raise Odd("it has no label")
    each = value if isinstance(value, list) else [value]
    return odd.labels([_named(one, names) for one in each], "label")


def _put(path: Path, documents: Iterable[Document], scheme: Scheme, refuse: Refused) -> int:
    """Write the rows through a file of the library's own, so that they need not be in memory at once."""
    stream = iter(documents)
    first = list(islice(stream, 1))
    spans = bool(first) and first[0].judgements[0].spans is not None
    done = 0
    with _quiet() as datasets, TemporaryDirectory() as beside, in_words(path, "written"):
        from datasets.arrow_writer import ArrowWriter

        file = str(Path(beside) / "rows.arrow")
        with ArrowWriter(path=file, features=_features(datasets, scheme, spans)) as writer:
            for document in chain(first, stream):
                try:
                    writer.write(_row(document, scheme, spans))
                except Unfit as why:
                    refuse(document, str(why))
                    continue
                done += 1
            writer.finalize()
        if not done:
            raise LabError("No annotation fits into a Hugging Face dataset.", "Choose another format.")
        with whole_folder(path) as folder:
            datasets.Dataset.from_file(file).save_to_disk(str(folder))
    return done


def _features(datasets: Any, scheme: Scheme, spans: bool) -> Any:
    """Return the columns of the dataset."""
    text = datasets.Value("string")
    columns: dict[str, Any] = {"id": text, "text": text}
    label = datasets.ClassLabel(names=_tags(scheme) if spans else list(scheme.labels))
    if spans:
        columns |= {"tokens": datasets.Sequence(text), "ner_tags": datasets.Sequence(label)}
    else:
        columns["label"] = label if scheme.exclusive else datasets.Sequence(label)
    return datasets.Features(columns)


def _tags(scheme: Scheme) -> list[str]:
    """Return all tags, O first."""
    return ["O", *(f"{letter}-{label}" for label in scheme.labels for letter in "BI")]


def _row(document: Document, scheme: Scheme, spans: bool) -> dict[str, Any]:
    """Return the row of a document; raises `Unfit`."""
    text, said = known_text(document), document.judgements[0]
    row: dict[str, Any] = {"id": document.key, "text": text}
    if (said.spans is not None) != spans:
        raise Unfit("it has spans where others have labels, or the other way round")
    given = said.labels or tuple(span.label for span in said.spans or ())
    stray = next((label for label in given if label not in scheme.labels), None)
    if stray:
        raise Unfit(f"the label {stray!r} is none of the dataset's")
    if spans:
        tokens, tags = tag(text, said.spans or (), IOB2)
        numbers = {name: number for number, name in enumerate(_tags(scheme))}
        return row | {"tokens": tokens, "ner_tags": [numbers[name] for name in tags]}
    numbers = {name: number for number, name in enumerate(scheme.labels)}
    if scheme.exclusive and len(given) != 1:
        raise Unfit("a column of one label has no place for none")
    return row | {"label": numbers[given[0]] if scheme.exclusive else [numbers[name] for name in given]}


HUGGING = Format(
    name="huggingface",
    title="a Hugging Face dataset",
    ending="",
    carries=frozenset({Field.TEXT, Field.ID, Field.LABELS, Field.SPANS, Field.NONE}),
    sniff=_sniff,
    read=_read,
    put=_put,
)
