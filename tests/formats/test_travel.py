"""What is written in a format is read again: the same annotations, or a reason why one is not there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import loky
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from labkit.apart import FEW
from labkit.files import Bad
from labkit.formats.record import ESSENTIAL, Answer, Document, Field, Judgement, Relation, Scheme, Span, needs, overlap
from labkit.formats.registry import FORMATS, format_called

LABELS = ("PERSON", "two words", 'a "quoted", one', "tab\tand | bar", "née #1", "😀", "a-b")
SCHEME = Scheme(LABELS)
ODD = [
    "😀",
    "e\u0301",
    "\r\n",
    "\n\n",
    "\u2028",
    "\u200d",
    "\u202e",
    "İ",
    "<b>",
    '"',
    ",",
    "\t",
    "#",
    "  ",
    "\x1f",
    "\ufeff",
    "O",
]

texts = (
    st.lists(
        st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6),
        min_size=1,
        max_size=8,
    )
    .map("".join)
    .filter(str.strip)
)
names = st.sampled_from([None, "anna", "ben@example.org", "Zoë 😀"])
times = st.none() | st.integers(0, 4_000_000_000).map(lambda stamp: datetime.fromtimestamp(stamp, UTC))
words = st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


@st.composite
def spans(draw, text: str) -> tuple[Span, ...]:
    """Draw ranges of a text, which may overlap."""
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda place: place[0] != place[1])
    found = draw(st.lists(st.tuples(places, st.sampled_from(LABELS)), max_size=4, unique=True))
    return tuple(Span(*sorted(place), label) for place, label in found)


@st.composite
def judgements(draw, text: str, kind: str) -> Judgement:
    """Draw what one annotator says of a text."""
    marked = draw(spans(text)) if kind == "spans" else None
    given = tuple(draw(st.lists(st.sampled_from(LABELS), max_size=3, unique=True))) if kind == "labels" else None
    said = Judgement(given, marked, annotator=draw(names), time=draw(times), note=draw(words), session=draw(words))
    said = said._replace(seconds=draw(st.none() | st.integers(0, 99).map(float)), answer=draw(st.sampled_from(Answer)))
    if marked and len(marked) > 1 and draw(st.booleans()):
        said = said._replace(relations=(Relation(0, len(marked) - 1, "owns"),))
    return said


@st.composite
def documents(draw) -> Document:
    """Draw a text with what some annotators say of it, all about labels or all about spans."""
    kind, text = draw(st.sampled_from(["labels", "spans"])), draw(texts)
    said = tuple(draw(st.lists(judgements(text, kind), min_size=1, max_size=3)))
    meta = draw(st.dictionaries(st.sampled_from(["app", "née 1"]), st.sampled_from(["x", "😀", "a,b"]), max_size=2))
    return Document(text, said, draw(st.sampled_from(["1", "née/", "a b", "../x", ".."])), meta)


def without(document: Document, lacking: set[Field]) -> list[object]:
    """Return what of a document is left in a format that lacks some fields: one entry an annotation."""
    key = None if Field.ID in lacking else document.key
    text = None if Field.TEXT in lacking else document.text
    meta = {} if Field.META in lacking else dict(document.meta)
    bare = {
        Field.ANNOTATOR: {"annotator": None},
        Field.TIME: {"time": None},
        Field.SECONDS: {"seconds": None},
        Field.SESSION: {"session": None},
        Field.NOTE: {"note": None},
        Field.RELATIONS: {"relations": None},
        Field.MODEL: {"model": False},
    }
    changes = {name: value for field in lacking for name, value in bare.get(field, {}).items()}
    return [(key, text, meta, plain(said._replace(**changes))) for said in document.judgements]


def plain(said: Judgement) -> Judgement:
    """Return an annotation with its spans in the order of the text, and empty parts alike."""
    order = sorted(range(len(said.spans or ())), key=lambda number: said.spans[number])
    marked = tuple(said.spans[number]._replace(words=None) for number in order)
    moved = tuple(Relation(order.index(r.head), order.index(r.tail), r.label) for r in said.relations or ())
    return said._replace(labels=tuple(sorted(said.labels or ())), spans=marked, relations=moved)


def travelled(name: str, document: Document, folder: Path) -> None:
    """Write a document in a format, read it again, and compare."""
    form = FORMATS[name]
    path = folder / f"file{form.ending}"
    written = form.write(path, [document], SCHEME)
    found = list(form.read(path)) if written.texts else []
    assert not [row for row in found if isinstance(row, Bad)], found
    lacking = set(form.lacks)
    kept = [each for each in document.judgements if not lacking & set(needs(each)) & ESSENTIAL]
    said = [row.reason for row in written.refused]
    assert len(said) == len(document.judgements) - len(kept) + (bool(kept) and not written.texts)
    kept = kept[-1:] if Field.SEVERAL in lacking else kept
    if kept and not written.texts:
        assert any(why in said[-1] for why in REFUSED)
        kept = []
    expected = without(document._replace(judgements=tuple(kept)), lacking)
    assert sorted(map(repr, [each for one in found for each in without(one, lacking)])) == sorted(map(repr, expected))
    assert written.annotations == len(kept)


REFUSED = (
    "starts or ends with white space",  # tokens have none
    "brat's labels have no white space",
    "can't be a column of its own",
    "holds #",
    "a text without spans has no row",
    "can't be the name of a file",
    "a note or an attribute has several lines",
    "would begin with a byte order mark",
)
"""Why a format may refuse what it has a place for."""


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if Field.RELATIONS in form.carries])
@given(texts, st.data())
@settings(max_examples=20)
def test_a_text_without_relations_is_read_as_such_and_not_as_one_of_which_nothing_is_known(name, text, data):
    marked = data.draw(spans(text).filter(bool))
    said = Judgement(spans=tuple(span._replace(label="PERSON") for span in marked), relations=())
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"file{FORMATS[name].ending}"
        FORMATS[name].write(path, [Document(text, (said,), "1")], SCHEME)
        (found,) = FORMATS[name].read(path)
    assert found.judgements[0].relations == ()


@pytest.mark.parametrize(
    "wanted",
    {
        "an emoji": lambda d: "😀" in d.text,
        "a combining character": lambda d: "e\u0301" in d.text,
        "CRLF": lambda d: "\r\n" in d.text,
        "a label with a space": lambda d: said_in(d, "two words"),
        "one with quotes and a comma": lambda d: said_in(d, 'a "quoted", one'),
        "one with a tab": lambda d: said_in(d, "tab\tand | bar"),
        "no labels": lambda d: any(said.labels == () and said.answer is Answer.ACCEPT for said in d.judgements),
        "no spans": lambda d: any(said.spans == () and said.answer is Answer.ACCEPT for said in d.judgements),
        "overlaps": lambda d: any(said.spans and overlap(said.spans) for said in d.judgements),
        "relations": lambda d: any(said.relations for said in d.judgements),
        "several annotators": lambda d: len({said.annotator for said in d.judgements}) > 1,
    }.items(),
    ids=lambda item: item[0],
)
def test_what_travels_may_hold(wanted):
    sought = settings(max_examples=5000, database=None, phases=[Phase.generate])
    assert find(documents(), wanted[1], settings=sought)


def said_in(document: Document, label: str) -> bool:
    """Say whether an annotation of a document has a label."""
    return any(
        label in (said.labels or ()) or label in {span.label for span in said.spans or ()}
        for said in document.judgements
    )


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in ("huggingface", "prodigy-review")])
@given(documents())
@settings(max_examples=60)
def test_what_is_written_is_read_again(name, document):
    with TemporaryDirectory() as folder:
        travelled(name, document, Path(folder))


def test_what_no_fast_writer_knows_is_written_all_the_same(tmp_path):
    meta = {"half": "a \ud83d b", "large": 2**70}
    said = Judgement(spans=(Span(0, 3, "PERSON"),), annotator="ann")
    format_called("prodigy").write(tmp_path / "out.jsonl", [Document("Ada.", (said,), meta=meta)], Scheme(("PERSON",)))
    row = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))
    assert row["meta"] == meta
    assert [token["text"] for token in row["tokens"]] == ["Ada", "."]


def test_many_are_written_as_few_are_and_what_is_refused_is_known(tmp_path, monkeypatch):
    count = FEW + 70
    labels = [LABELS[:2] if number % 10 == 0 else LABELS[:1] for number in range(count)]
    many = [
        Document(f"text {number} 😀 \ud83d", (Judgement(given, partial=True),), str(number))
        for number, given in enumerate(labels)
    ]
    form = format_called("prodigy")
    beside = form.write(tmp_path / "beside.jsonl", iter(many), SCHEME)
    monkeypatch.setattr(loky, "cpu_count", lambda: 1)
    here = form.write(tmp_path / "here.jsonl", iter(many), SCHEME)
    assert beside == here
    assert (tmp_path / "beside.jsonl").read_bytes() == (tmp_path / "here.jsonl").read_bytes()
    assert [(row.source, row.reason) for row in beside.refused] == [
        (str(number), "a binary question has one label") for number in range(0, count, 10)
    ]
    assert beside.texts == beside.annotations == count - len(beside.refused)
