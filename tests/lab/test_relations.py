"""A project of relations, from texts to what other tools read, offline."""

from __future__ import annotations

import json

import pytest

from labkit import Lab, LabError
from labkit.formats.registry import FORMATS
from labkit.plots import span_differences
from tests import related
from tests.related import TEXTS, TRUE, value

CARRY = ("brat", "doccano", "doccano-zip", "label-studio", "labelbox", "jsonl", "csv")


@pytest.fixture
def people(tmp_path, database, monkeypatch):
    """Return a lab that has read the texts of the project, and what an LLM says of them."""
    related.make(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    made = Lab("people", root=tmp_path, person="anna")
    made.ingest("texts.jsonl")
    made.annotate("llm")
    yield made
    made.store.close()


def said(lab, name):
    """Return the values of an annotator by the key of the text."""
    frame = lab.annotations(name).merge(lab.texts(), on="example")
    return dict(zip(frame.key, frame.value, strict=True))


def decided(lab, values):
    """Let the person decide on each text, and return the lab."""
    corrector = lab.correct(lab.compare("llm", "reference").queue())
    by_text = dict(zip(TEXTS, values, strict=True))
    while corrector.left:
        card = corrector._sitting.deck.wait(corrector._sitting.head)
        corrector.decide(by_text[card["text"]])
    corrector.close()
    return lab


def test_an_llm_labels_offline_and_each_reply_has_its_outcome(people):
    summary = people.summary("llm").loc["llm"].to_dict()
    assert summary == {"texts": 4, "parsed": 2, "explicitly none": 1, "unreadable": 1, "LIVES_IN": 1, "MARRIED_TO": 1}
    assert said(people, "llm")["t-1"] == value(1, ("Max", "MARRIED_TO", "İda"))
    assert list(people.replies("llm", outcome="unreadable").reply) == ["Eve lives in Bern."]
    found = people.findings("llm")
    assert found.finding.value_counts().to_dict() == {"exact": 3, "malformed": 1}


def test_annotators_are_compared_relation_by_relation(people):
    gap = people.compare("reference", "llm")
    assert gap.agreement.loc[0, ["texts", "agreed"]].tolist() == [3, 1]
    per_label = gap.per_label.set_index("label")
    assert per_label.loc["MARRIED_TO", ["both", "only_a", "only_b", "neither"]].tolist() == [1, 1, 0, 1]
    assert gap.alpha["LIVES_IN"] == 1.0
    table = gap.differences("reference", "llm")
    links = table[table.tail_start_a.notna() | table.tail_start_b.notna()]
    assert links.value_counts(["label_a", "sort"]).to_dict() == {
        ("LIVES_IN", "exact"): 2,
        ("MARRIED_TO", "missing"): 1,
        ("MARRIED_TO", "direction"): 1,
    }
    scores = gap.overlap("reference", "llm")
    assert scores.loc[("PERSON", "strict"), "f"] == 1.0
    assert gap.tokens("reference", "llm", people.texts()).loc["PLACE", "kappa"] == 1.0
    assert gap.boundaries().empty


def test_the_queue_says_what_annotators_say(people):
    queue = people.compare("llm", "reference").queue()
    assert {row["key"] for row in queue[:2]} == {"t-0", "t-1"}
    why = next(row["why"] for row in queue if row["key"] == "t-1")
    assert why.startswith("llm says PERSON 2:5 + PERSON 21:24 + PLACE 28:32 + MARRIED_TO 21:24 -> 2:5, reference says")


def test_relations_are_scored_by_label(people):
    table = people.evaluate(split=None).loc["llm"]
    assert table.loc["LIVES_IN", ["precision", "recall", "support"]].tolist() == [1.0, 1.0, 2]
    assert table.loc["MARRIED_TO", ["precision", "recall", "support"]].tolist() == [0.0, 0.0, 2]
    assert table.loc["micro average", "precision"].item() == pytest.approx(0.667)
    assert table["left_out"].unique().tolist() == [1]  # the reply that could not be read is no empty value


def test_a_decision_is_kept_as_it_was_given(people):
    decided(people, TRUE)
    assert said(people, "anna") == {f"t-{number}": each for number, each in enumerate(TRUE) if number != 3}
    best = people.labels().merge(people.texts(), on="example").set_index("key")
    assert best.loc["t-0", "origin"] == "person"
    assert best.loc["t-0", "value"] == TRUE[0]


@pytest.mark.parametrize("name", CARRY)
def test_relations_travel_to_other_tools_and_back(people, tmp_path, name):
    decided(people, TRUE)
    path = tmp_path / f"out{FORMATS[name].ending}"
    exported = people.export_labels(path, format=name)
    lost = set(exported.lost)
    assert exported.annotations == (2 if name in ("labelbox",) else 3) or exported.refused
    assert "relations" not in lost
    found = people.import_labels(path, format=name, annotator="ben", names={"anna": "ben"}, none=True)
    back = said(people, "ben")
    assert not found.bad
    assert back == {key: each for key, each in said(people, "anna").items() if key in back}
    assert {"t-0", "t-1"} <= set(back)
    assert "relations" not in found.left and "spans" not in found.left


@pytest.mark.parametrize("name", ["conll", "spacy", "prodigy", "huggingface"])
def test_a_format_without_relations_says_what_is_left_out(people, tmp_path, name):
    if name == "huggingface":
        pytest.importorskip("datasets")
    decided(people, TRUE)
    exported = people.export_labels(tmp_path / f"out{FORMATS[name].ending}", format=name)
    assert exported.lost.get("relations", 0) == 2 or exported.refused
    assert "relations" in exported.lacks
    assert "relations (2 annotations)" in repr(exported) or exported.refused


def test_spans_alone_say_nothing_of_relations(people, tmp_path):
    rows = [{"text": TEXTS[0], "spans": [{"start": 0, "end": 3, "label": "PERSON"}]}]
    found = people.import_labels(related.lines(tmp_path / "spans.jsonl", rows), annotator="ben")
    assert [row.reason for row in found.bad] == ["it says nothing of relations, which this project asks for"]


def test_labels_that_are_none_are_named_with_their_line(people, tmp_path):
    rows = [{"id": "t-0", "spans": [], "relations": [{"head": 0, "tail": 1, "label": "LIVES_IN"}]}]
    with pytest.raises(LabError, match=r"bad.jsonl:1: .* is no relation with a label between two of 0 spans"):
        people.load_labels(related.lines(tmp_path / "bad.jsonl", rows), "ben")


def test_training_is_refused_in_words(people, tmp_path):
    with pytest.raises(LabError, match="No model of the kind 'relations' is trained here") as error:
        people.train("cpu")
    assert "export_labels" in str(error.value)
    (tmp_path / "configs" / "people" / "cpu.cfg").write_text('[nlp]\nlang = "en"\npipeline = []\n', "utf-8")
    with pytest.raises(LabError, match="No model of the kind 'relations' is trained here"):
        people.annotate("cpu")


def test_rules_say_nothing_of_relations(people):
    with pytest.raises(LabError, match="No rule says what one span is to another"):
        people.rule("home", regex="lives", label="LIVES_IN")


def test_models_labels_are_imported_and_vote(people, tmp_path):
    rows = [
        {"text": text, **related.by_number(each), "annotator": name, "model": True}
        for name in ("one", "two")
        for text, each in zip(TEXTS, TRUE, strict=True)
    ]
    people.import_labels(related.lines(tmp_path / "models.jsonl", rows))
    best = people.labels("llm", "one", "two", by=["consensus"])
    assert sorted(best.value.to_list(), key=repr) == sorted(TRUE, key=repr)
    sure = people.labels("llm", "one", "two", by=["consensus"], method="dawid-skene")
    assert sorted(sure.value.to_list(), key=repr) == sorted(TRUE, key=repr)


def test_the_card_gets_spans_relations_and_both_sets_of_labels(people, tmp_path):
    rows = [{"text": TEXTS[1], **related.by_number(TRUE[1]), "annotator": "two", "model": True}]
    people.import_labels(related.lines(tmp_path / "models.jsonl", rows))
    corrector = people.correct(people.compare("llm", "two").queue())
    task = corrector.config["task"]
    assert (task["kind"], task["labels"]) == ("relations", ["LIVES_IN", "MARRIED_TO"])
    assert (task["span_labels"], task["definitions"]["PLACE"]) == (["PERSON", "PLACE"], "a town")
    card = corrector._sitting.deck.wait(0)
    assert card["selected"] == value(1, ("Max", "MARRIED_TO", "İda"))
    assert [each["label"] for each in card["contested"]] == ["MARRIED_TO", "MARRIED_TO"]
    assert json.loads(json.dumps(card["contested"])) == card["contested"]
    corrector.close()


def test_what_models_agree_on_is_accepted_in_bulk_and_certified(people, tmp_path):
    rows = [
        {"text": text, **related.by_number(each), "annotator": "two", "model": True}
        for text, each in zip(TEXTS, said(people, "llm").values(), strict=True)
        if each is not None
    ]
    people.import_labels(related.lines(tmp_path / "models.jsonl", rows))
    gap = people.compare("llm", "two")
    assert gap.headline == "llm and two give 0 of 3 texts different labels"
    assert people.accept("llm", "two").texts == 3
    assert "3 labels that were accepted" in people.certify(max_error=0.5).sentence


def test_a_boundary_settled_once_moves_the_ends_of_relations(people, tmp_path):
    said_so = (("Ada", "PERSON"), ("London", "PLACE"), ("with Bob", "PERSON"))
    spans = [related.span(TEXTS[0], *each) for each in said_so]
    links = [{"head": 2, "tail": 1, "label": "LIVES_IN"}, {"head": 0, "tail": 2, "label": "MARRIED_TO"}]
    rows = [{"text": TEXTS[0], "spans": spans, "relations": links, "model": True}]
    rows = [{**row, "annotator": name} for row in rows for name in ("two", "three")]  # most say so
    people.import_labels(related.lines(tmp_path / "models.jsonl", rows))
    (found,) = people.compare("llm", "two").boundaries().to_dict("records")
    assert (found["label"], found["before"], found["longer"]) == ("PERSON", "with", "with Bob")
    held = people.settle("PERSON", before="with", why="no part of a name")
    assert held.loc[1, ["spans", "texts"]].tolist() == [1, 1]
    assert said(people, "settled")["t-0"] == value(0, ("Bob", "LIVES_IN", "London"), ("Ada", "MARRIED_TO", "Bob"))
    sorts = people.compare("llm", "two").differences("llm", "two").sort
    assert "boundary" not in set(sorts)
    assert people.unsettle(1).empty
    with pytest.raises(LabError, match="No span of this project has the label 'LIVES_IN'.*PERSON, PLACE"):
        people.settle("LIVES_IN", before="with")


def test_differences_are_drawn(people):
    gap = people.compare("reference", "llm")
    assert gap.plot().axes
    drawn = span_differences(gap, "reference", "llm", people.texts())
    assert drawn.total == 0  # the spans are the same, and relations are drawn in the corrector
