"""Spans that may overlap, from decisions to a trained pipeline: `configs/news/spancat.cfg`, which ships."""

import json
from pathlib import Path

import pytest
from spacy.util import load_config

from labkit import Lab

from .conftest import ROOT

PLACES = ("Leeds", "Porto", "Lagos", "Kyoto", "Quito", "Turin")
PEOPLE = ("Ada", "Ben", "Cem", "Dora", "Eli", "Fay", "Gus", "Ida", "Jon", "Kim")


def sentence(number: int) -> str:
    """Return a text whose university holds the name of a place."""
    return f"{PEOPLE[number % 10]} works at the University of {PLACES[number % 6]} in block {number}."


def decision(number: int) -> dict[str, object]:
    """Return its spans, one within the other."""
    text, place = sentence(number), PLACES[number % 6]
    start, end = text.index("University"), text.index(place) + len(place)
    spans = [(start, end, "ORGANISATION"), (end - len(place), end, "PLACE")]
    return {"id": f"k{number}", "spans": [dict(zip(("start", "end", "label"), span, strict=True)) for span in spans]}


@pytest.fixture
def lab(tmp_path, database, monkeypatch):
    """Return a lab in which sixty texts are decided, with the configuration that ships cut to fewer steps."""
    folder = tmp_path / "configs/nested"
    folder.mkdir(parents=True)
    (folder / "project.toml").write_text('kind = "spans"\nlabels = ["ORGANISATION", "PLACE"]\noverlap = true\n')
    config = load_config(ROOT / "configs/news/spancat.cfg")
    config["training"] |= {"max_steps": 60, "patience": 0}
    config.to_disk(folder / "spancat.cfg")
    texts, decisions = tmp_path / "texts.jsonl", tmp_path / "decisions.jsonl"
    write(texts, [{"id": f"k{number}", "text": sentence(number)} for number in range(60)])
    write(decisions, [decision(number) for number in range(60)])
    monkeypatch.setenv("DATABASE_URL", database)
    made = Lab("nested", root=tmp_path, person="anna")
    made.ingest(texts, near=None)
    made.load_labels(decisions, "anna")
    yield made
    made.store.close()


def write(path: Path, rows: list[dict[str, object]]) -> None:
    """Write rows as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def test_a_pipeline_is_trained_whose_spans_overlap(lab):
    run = lab.train("spancat")
    doc = run.load()("Ida works at the University of Turin in block 99.")
    found = sorted((span.text, span.label_) for span in doc.spans["sc"])
    assert found == [("Turin", "PLACE"), ("University of Turin", "ORGANISATION")]
    assert not doc.ents
    assert run.figures["score"] > 0.9


def test_texts_are_marked_out_of_fold_with_the_chance_of_each_span(lab):
    lab.annotate("spancat", folds=2, learn_from=["anna"])
    said = lab.annotations("spancat", "anna")
    values = {name: rows.set_index("example").value for name, rows in said.groupby("annotator")}
    same = values["spancat"][values["anna"].index] == values["anna"]
    assert same.mean() > 0.9
    scored = said[said.annotator == "spancat"]
    assert all(
        {f"{span['label']} {span['start']}:{span['end']}" for span in row.value} <= set(row.scores)
        for row in scored.itertuples()
    )
    gap = lab.compare("anna", "spancat")
    assert gap.differences("anna", "spancat").sort.eq("exact").mean() > 0.9
    assert len(gap.queue(decided=True)) == 60
