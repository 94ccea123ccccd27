"""Files as other tools write them, made after their documentation: what is seen, and what is read."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labkit.files import Bad
from labkit.formats.record import Answer, Document, Relation, Scheme, Span
from labkit.formats.registry import FORMATS, recognise

SAMPLES = Path(__file__).with_name("samples")
BANK = "Ada Okafor joined the Rookery Bank in May."
LAKE = "Nothing happened 😀 at Lakeside."
PERSON, BANK_SPAN, PLACE = Span(0, 10, "PERSON"), Span(22, 34, "ORGANISATION"), Span(22, 30, "PLACE")


def read(name: str) -> tuple[str, list[Document | Bad]]:
    """Return what a sample was seen to be, and its rows."""
    form, seen = recognise(SAMPLES / name)
    return seen, list(form.read(SAMPLES / name))


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("prodigy-binary.jsonl", "Prodigy, binary questions"),
        ("prodigy-choice.jsonl", "Prodigy, choices"),
        ("prodigy-spans.jsonl", "Prodigy, spans"),
        ("prodigy-review.jsonl", "Prodigy, reviews"),
        ("doccano-labels.jsonl", "doccano, labels"),
        ("doccano-spans.jsonl", "doccano, spans"),
        ("doccano-relations.jsonl", "doccano, spans and relations"),
        ("doccano.csv", "doccano, a table of labels joined with #"),
        ("label-studio-choices.json", "Label Studio, tasks with annotations"),
        ("label-studio-labels.json", "Label Studio, tasks with annotations"),
        ("brat", "brat, a folder of standoff files"),
        ("brat/report-1.ann", "brat, one standoff file"),
        ("labelbox.ndjson", "Labelbox, one label or span a row"),
        ("conll-2003.txt", "CoNLL, a token and its tag a line"),
        ("conll-bioes.conll", "CoNLL, a token and its tag a line"),
        ("conll-biluo.conll", "CoNLL, a token and its tag a line"),
        ("plain.jsonl", "JSON lines of spans"),
        ("plain.csv", "a table of labels"),
    ],
)
def test_each_is_recognised_by_what_is_in_it(name, seen):
    assert recognise(SAMPLES / name)[1] == seen


def test_prodigy_binary():
    _, (first, second) = read("prodigy-binary.jsonl")
    (said,) = first.judgements
    assert (said.labels, said.partial, said.answer) == (("BUSINESS",), True, Answer.ACCEPT)
    assert (said.annotator, said.session) == ("news-anna", "news-anna")
    assert said.time == datetime(2025, 11, 20, 10, tzinfo=UTC)
    assert said.extra == {"prodigy": {"_input_hash": -1203482, "_task_hash": 553829121}}
    assert first.meta == {"source": "sample"}
    (said,) = second.judgements
    assert said.answer is Answer.REJECT
    assert (said.annotator, said.session) == (None, "2025-11-20_10-00-00")  # a time is nobody's name


def test_prodigy_choice():
    _, rows = read("prodigy-choice.jsonl")
    said = [row.judgements[0] for row in rows]
    assert [(each.labels, each.answer) for each in said] == [
        (("BUSINESS",), "accept"),
        ((), "accept"),  # none applies
        ((), "ignore"),
    ]
    assert not any(each.partial for each in said)


def test_prodigy_spans():
    _, (first, second) = read("prodigy-spans.jsonl")
    assert first.judgements[0].spans == (PERSON, BANK_SPAN)
    assert second.judgements[0].spans == ()


def test_prodigy_review_has_everyone_and_the_reviewer_last(tmp_path):
    _, (row,) = read("prodigy-review.jsonl")
    assert [(said.annotator, said.spans[0].end) for said in row.judgements] == [
        ("news-anna", 10),
        ("news-cem", 10),
        ("news-ben", 3),
        ("review-dana", 10),
    ]
    form = FORMATS["prodigy-review"]
    form.write(tmp_path / "again.jsonl", [row], Scheme(("PERSON",)))
    (again,) = form.read(tmp_path / "again.jsonl")
    assert again.judgements == row.judgements


def test_doccano():
    _, (first, second) = read("doccano-labels.jsonl")
    assert (first.key, first.meta) == ("11", {"page": 3})
    assert first.judgements[0].labels == ("BUSINESS", "SPORT")
    assert (second.judgements[0].labels, second.judgements[0].note) == ((), "sure?")
    _, rows = read("doccano-spans.jsonl")
    assert [row.judgements[0].spans for row in rows] == [(PERSON, BANK_SPAN), (PLACE,)]
    _, (row,) = read("doccano-relations.jsonl")
    assert row.judgements[0].spans == (PERSON, BANK_SPAN)
    assert row.judgements[0].relations == (Relation(0, 1, "joined"),)
    _, rows = read("doccano.csv")
    assert [row.judgements[0].labels for row in rows] == [("BUSINESS", "SPORT"), ()]


def test_doccano_zip_names_the_annotators(tmp_path):
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(SAMPLES / "doccano-spans.jsonl", "anna.jsonl")
        archive.write(SAMPLES / "doccano-spans.jsonl", "all.jsonl")
        archive.writestr("notes.txt", "hello")
    form, seen = recognise(path)
    assert (form.name, seen) == ("doccano-zip", "doccano, a zip of anna, all")
    rows = list(form.read(path))
    assert [row.judgements[0].annotator for row in rows if isinstance(row, Document)] == ["anna", "anna", None, None]
    assert [(row.source, row.reason) for row in rows if isinstance(row, Bad)] == [
        ("export.zip/notes.txt", "it is no file of doccano's labels")
    ]


def test_label_studio():
    _, (first, second) = read("label-studio-labels.json")
    person, model = first.judgements
    assert (person.annotator, person.model, person.seconds) == ("anna@example.org", False, 12.5)
    assert person.time == datetime(2025, 11, 20, 10, 0, 0, 123456, UTC)
    assert (person.spans, person.relations) == ((PERSON, BANK_SPAN), (Relation(0, 1, "joined"),))
    assert (model.annotator, model.model, model.spans) == ("ner-v2", True, (Span(0, 3, "PERSON"),))
    # Browsers count the emoji as two: only so do the words stand at the place that the file gives.
    assert (second.judgements[0].spans, second.unit) == ((PLACE,), "UTF-16 units")
    assert second.judgements[1].answer is Answer.IGNORE
    assert 2 == first.line < second.line
    _, rows = read("label-studio-choices.json")
    assert [row.judgements[0].labels for row in rows] == [("BUSINESS",), ()]


def test_brat():
    _, (first, second) = read("brat")
    (said,) = first.judgements
    person, bank, place = said.spans
    assert person.attributes == (("Certain", ""), ("Gender", "female"))
    assert bank.note == "is this the bank, or its building?"
    assert [first.text[start:end] for start, end in place.parts] == ["north", "offices"]
    assert said.relations == (Relation(0, 1, "Member-of"),)
    assert (first.key, first.left) == ("report-1", ("events",))
    assert second.judgements[0].spans == ()


def test_labelbox_reads_an_end_of_either_kind_by_the_words_beside_it():
    _, (one, two, three, unsure) = read("labelbox.ndjson")
    assert (one.key, one.text, one.judgements[0].labels) == ("ckrazcueb16og0z6609jj7y3y", None, ("BUSINESS",))
    assert two.judgements[0].labels == ("BUSINESS", "SPORT")
    assert [(span.start, span.end, span.words) for span in three.judgements[0].spans] == [
        (0, 10, "Ada Okafor"),
        (22, 34, "Rookery Bank"),
    ]
    assert three.judgements[0].relations == (Relation(0, 1, "joined"),)
    assert isinstance(unsure, Bad)
    assert "whether Labelbox counts its end in" in unsure.reason


@pytest.mark.parametrize(
    ("name", "spans"),
    [
        ("conll-2003.txt", ["Ada Okafor PER", "Rookery Bank ORG"]),
        ("conll-bioes.conll", ["Ada Okafor PER", "Ben PER", "May DATE"]),
        ("conll-biluo.conll", ["Ada van Dam PER", "Ben PER"]),
    ],
)
def test_conll(name, spans):
    _, rows = read(name)
    assert all(row.respaced for row in rows)
    found = [(row.text, span) for row in rows for span in row.judgements[0].spans]
    assert [f"{text[span.start : span.end]} {span.label}" for text, span in found] == spans


def test_plain_lines_and_tables():
    (first, second), table = read("plain.jsonl")[1], read("plain.csv")[1]
    assert first.judgements[0].spans == (PERSON, BANK_SPAN)
    assert first.judgements[0].time == datetime(2025, 11, 20, 10, tzinfo=UTC)
    assert (second.judgements[0].spans, second.judgements[0].answer) == ((), Answer.IGNORE)
    assert [row.text for row in table] == [first.text, second.text] == [BANK, LAKE]
    assert [row.judgements[0].labels for row in table] == [("BUSINESS", "PEOPLE, WORK"), ()]
    assert [row.judgements[0].note for row in table] == ["a name, and a bank", None]


def test_spacy(tmp_path):
    import spacy
    from spacy.tokens import DocBin

    nlp = spacy.blank("en")
    named, sorted_, none, bare = nlp.make_doc(BANK), nlp.make_doc(LAKE), nlp.make_doc("Nobody."), nlp.make_doc("Raw.")
    named.set_ents([named.char_span(0, 10, "PERSON"), named.char_span(22, 34, "ORGANISATION")])
    sorted_.cats = {"BUSINESS": 0.0, "SPORT": 1.0}
    none.set_ents([])
    DocBin(docs=[named, sorted_, none, bare]).to_disk(tmp_path / "train.spacy")
    form, seen = recognise(tmp_path / "train.spacy")
    one, two, three, four = form.read(tmp_path / "train.spacy")
    assert seen == "spaCy, a DocBin"
    assert one.judgements[0].spans == (PERSON, BANK_SPAN)
    assert (two.judgements[0].labels, two.judgements[0].spans) == (("SPORT",), None)
    assert three.judgements[0].spans == ()
    assert four.reason == "nothing is set on it: no categories, entities or spans"


def test_spacy_reads_what_is_written_for_it(tmp_path):
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    _, rows = read("doccano-spans.jsonl")
    FORMATS["spacy"].write(tmp_path / "a.spacy", rows, Scheme(("PERSON", "ORGANISATION", "PLACE")))
    first, second = DocBin().from_disk(tmp_path / "a.spacy").get_docs(Vocab())
    assert [(ent.text, ent.label_) for ent in first.ents] == [
        ("Ada Okafor", "PERSON"),
        ("Rookery Bank", "ORGANISATION"),
    ]
    assert (second.text, [token.text for token in second][:3]) == (LAKE, ["Nothing", "happened", "😀"])


def test_prodigy_tokens_are_as_it_writes_them(tmp_path):
    _, rows = read("prodigy-spans.jsonl")
    FORMATS["prodigy"].write(tmp_path / "again.jsonl", rows, Scheme(("PERSON",)))
    again = [json.loads(line) for line in (tmp_path / "again.jsonl").read_text("utf-8").splitlines()]
    sample = [json.loads(line) for line in (SAMPLES / "prodigy-spans.jsonl").read_text("utf-8").splitlines()]
    for row in sample:
        row.pop("_is_binary", None)
    assert again == sample
