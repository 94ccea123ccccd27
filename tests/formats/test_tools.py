"""What labkit writes, read by the tools that it is written for, where they are installed."""

from __future__ import annotations

import json

import pytest

from labkit.formats.record import Document, Judgement, Relation, Scheme, Span
from labkit.formats.registry import FORMATS

TEXT = 'Ada Okafor 😀 joined  the "Rookery Bank",\nin May.'
SPANS = (Span(0, 10, "PERSON"), Span(26, 38, "ORGANISATION"))
WORDS = [("Ada Okafor", "PERSON"), ("Rookery Bank", "ORGANISATION")]
MARKED = [
    Document(TEXT, (Judgement(spans=SPANS, relations=(Relation(0, 1, "joined"),), annotator="anna"),), "a-1"),
    Document("Nothing here.", (Judgement(spans=()),), "a-2"),
]
CHOSEN = [
    Document("It fails.", (Judgement(labels=("BUG", "a, b")),), "b-1"),
    Document("Thanks!", (Judgement(labels=()),), "b-2"),
]
VIEW = '<View><Text name="text" value="$text"/>{}</View>'
SPANS_VIEW = VIEW.format(
    '<Labels name="label" toName="text"><Label value="PERSON"/><Label value="ORGANISATION"/></Labels>'
    '<Relations><Relation value="joined"/></Relations>'
)
CHOICES_VIEW = VIEW.format(
    '<Choices name="choice" toName="text" choice="multiple"><Choice value="BUG"/><Choice value="a, b"/></Choices>'
)


def write(name, path, documents):
    """Write documents in a format, and return the path."""
    form = FORMATS[name]
    assert form.write(path, documents, Scheme(("PERSON", "ORGANISATION", "BUG", "a, b"))).texts == len(documents)
    return path


@pytest.mark.parametrize("name", ["conll", "conll-biluo"])
def test_spacys_converter_reads_conll(tmp_path, name):
    from spacy.training import biluo_tags_to_spans, iob_to_biluo
    from spacy.training.converters import conll_ner_to_docs
    from spacy.vocab import Vocab

    written = write(name, tmp_path / "a.conll", MARKED).read_text("utf-8")
    if name == "conll":
        (doc,) = conll_ner_to_docs(written, no_print=True)
        assert [(ent.text, ent.label_) for ent in doc.ents] == WORDS
        assert [token.text for token in doc][-5:] == ["May", ".", "Nothing", "here", "."]
    else:
        from spacy.tokens import Doc

        rows = [line.split("\t") for line in written.split("\n\n")[0].splitlines()]
        doc = Doc(Vocab(), [word for word, _ in rows])
        tags = iob_to_biluo([tag for _, tag in rows])
        assert [(span.text, span.label_) for span in biluo_tags_to_spans(doc, tags)] == WORDS


def test_spacys_corpus_reads_a_docbin(tmp_path):
    import spacy
    from spacy.training import Corpus

    path = write("spacy", tmp_path / "a.spacy", MARKED)
    first, second = Corpus(path)(spacy.blank("en"))
    assert [(ent.text, ent.label_) for ent in first.reference.ents] == WORDS
    assert first.reference.text == TEXT
    assert second.reference.has_annotation("ENT_IOB")


def test_label_studios_converter(tmp_path):
    sdk = pytest.importorskip("label_studio_sdk.converter", reason="label-studio-sdk is not installed")
    interface = pytest.importorskip("label_studio_sdk.label_interface")
    for view, documents in ((SPANS_VIEW, MARKED), (CHOICES_VIEW, CHOSEN)):
        path = write("label-studio", tmp_path / "tasks.json", documents)
        checker = interface.LabelInterface(view)
        tasks = json.loads(path.read_text("utf-8"))
        assert all(checker.validate_annotation(said) for task in tasks for said in task["annotations"])
        converter = sdk.Converter(view, str(tmp_path), download_resources=False)
        converter.convert_to_json_min(str(path), str(tmp_path / "out"), is_dir=False)
        first, second = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))
        if documents is MARKED:
            assert [(span["text"], *span["labels"]) for span in first["label"]] == WORDS
            assert [(span["start"], span["end"]) for span in first["label"]] == [(s.start, s.end) for s in SPANS]
        else:
            assert first["choice"] == {"choices": ["BUG", "a, b"]}
        assert not {"label", "choice"} & set(second)
    path = write("label-studio", tmp_path / "tasks.json", MARKED)
    sdk.Converter(SPANS_VIEW, str(tmp_path), download_resources=False).convert_to_conll2003(
        str(path), str(tmp_path / "conll"), is_dir=False
    )
    rows = [line.split() for line in (tmp_path / "conll" / "result.conll").read_text("utf-8").splitlines()]
    tagged = [(row[0], row[-1]) for row in rows if len(row) == 4 and row[-1] != "O"]
    assert tagged == [
        *(("Ada", "B-PERSON"), ("Okafor", "I-PERSON")),
        *(("Rookery", "B-ORGANISATION"), ("Bank", "I-ORGANISATION")),
    ]
