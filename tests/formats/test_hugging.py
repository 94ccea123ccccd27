"""Hugging Face datasets: read as others save them, and written so that the library reads them."""

from __future__ import annotations

import sys

import pytest

from labkit.errors import LabError
from labkit.files import Bad
from labkit.formats.record import Document, Judgement, Scheme, Span
from labkit.formats.registry import FORMATS, recognise

datasets = pytest.importorskip("datasets")
HUGGING = FORMATS["huggingface"]
SPANS = [
    Document(
        "Ada  😀 saw e\u0301va.\r\nBen", (Judgement(spans=(Span(0, 3, "PERSON"), Span(11, 15, "two words"))),), "1"
    ),
    Document("Nobody.", (Judgement(spans=()),), "2"),
]


def labelled(*labels: tuple[str, ...]) -> list[Document]:
    """Return a document for each value."""
    return [Document(f"text {number}", (Judgement(given),), str(number)) for number, given in enumerate(labels)]


@pytest.mark.parametrize(
    ("documents", "scheme"),
    [
        (SPANS, Scheme(("PERSON", "two words"))),
        (labelled(("A",), ("B,",), ()), Scheme(("A", "B,"))),
        (labelled(("A",), ("B,",)), Scheme(("A", "B,"), exclusive=True)),
    ],
)
def test_what_is_written_is_read_again(tmp_path, documents, scheme):
    written = HUGGING.write(tmp_path / "saved", documents, scheme)
    assert (written.texts, written.refused) == (len(documents), [])
    assert recognise(tmp_path / "saved")[1] == "a Hugging Face dataset"
    again = list(HUGGING.read(tmp_path / "saved"))
    assert [(each.text, each.key, each.judgements) for each in again] == [
        (each.text, each.key, each.judgements) for each in documents
    ]


def test_the_library_reads_what_is_written(tmp_path):
    HUGGING.write(tmp_path / "saved", SPANS, Scheme(("PERSON", "two words")))
    rows = datasets.load_from_disk(str(tmp_path / "saved"))
    assert rows.features["ner_tags"].feature.names == ["O", "B-PERSON", "I-PERSON", "B-two words", "I-two words"]
    assert rows[0]["tokens"] == ["Ada", "😀", "saw", "e\u0301va", ".", "Ben"]
    assert rows[0]["ner_tags"] == [1, 0, 0, 3, 0, 0]


def test_tokens_alone_as_others_save_them(tmp_path):
    names = datasets.ClassLabel(names=["O", "B-PER", "I-PER"])
    features = datasets.Features(
        {"tokens": datasets.Sequence(datasets.Value("string")), "ner_tags": datasets.Sequence(names)}
    )
    rows = {"tokens": [["Ada", "Okafor", "left"], ["No"]], "ner_tags": [[1, 2, 0], [0]]}
    datasets.DatasetDict({"train": datasets.Dataset.from_dict(rows, features)}).save_to_disk(str(tmp_path / "saved"))
    one, two = HUGGING.read(tmp_path / "saved")
    assert (one.text, one.respaced, one.meta) == ("Ada Okafor left", True, {"split": "train"})
    assert one.judgements[0].spans == (Span(0, 10, "PER"),)
    assert two.judgements[0].spans == ()


def test_labels_as_numbers_strings_and_none(tmp_path):
    rows = {"text": ["a", "b", "c"], "label": ["X", "", None]}
    datasets.Dataset.from_dict(rows).save_to_disk(str(tmp_path / "strings"))
    one, two, three = HUGGING.read(tmp_path / "strings")
    assert one.judgements[0].labels == ("X",)
    assert [type(each) for each in (two, three)] == [Bad, Bad]
    datasets.Dataset.from_dict({"text": ["a"], "label": [1]}).save_to_disk(str(tmp_path / "numbers"))
    (bad,) = HUGGING.read(tmp_path / "numbers")
    assert bad.reason == "the label 1 has no name"


def test_what_a_dataset_has_no_place_for(tmp_path):
    written = HUGGING.write(tmp_path / "a", labelled(("A",), (), ("C",)), Scheme(("A", "B"), exclusive=True))
    assert written.texts == 1
    assert [row.reason for row in written.refused] == [
        "a column of one label has no place for none",
        "the label 'C' is none of the dataset's",
    ]
    with pytest.raises(LabError, match="No annotation fits"):
        HUGGING.write(tmp_path / "b", labelled(("C",)), Scheme(("A",)))
    assert not (tmp_path / "b").exists()


def test_a_folder_that_is_no_dataset_and_a_machine_without_the_library(tmp_path, monkeypatch):
    (tmp_path / "state.json").write_text("{}")
    with pytest.raises(LabError, match="is no saved dataset, or is damaged"):
        list(HUGGING.read(tmp_path))
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(LabError, match='Install it: pip install "datasets<5"'):
        list(HUGGING.read(tmp_path))
