"""Pipelines that were trained elsewhere, as annotators."""

import json

import pytest
import spacy

from labkit import Lab, LabError
from labkit.metrics import MICRO
from labkit.project import load_project
from labkit.student import train
from tests.lab.conftest import ROOT, ship

TEXTS = 20
SCORED = 160
NAMES = ("NASA", "IEA")


@pytest.fixture
def folder(tmp_path, database, monkeypatch):
    """Make a folder with the project `news`, cut to its first texts, on a fresh database."""
    ship("news", TEXTS, tmp_path)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pretrained(folder, patterns, *lines):
    """Save a pipeline that knows some names, name it in the project's settings, and open the project."""
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns(patterns)
    nlp.to_disk(folder / "elsewhere")
    settings = folder / "configs" / "news" / "project.toml"
    own, _, _ = settings.read_text("utf-8").partition("# What others call")
    settings.write_text("\n".join([own, *lines]), "utf-8")
    lab = Lab("news", root=folder, person="anna")
    lab.ingest("data/news/texts.jsonl")
    return lab


ORG = [{"label": "ORG", "pattern": name} for name in NAMES]
LINES = ('[pipelines]\nweb = "elsewhere"', '[aliases]\nORG = "ORGANISATION"')


def test_a_pipeline_with_labels_of_its_own_is_one_more_annotator(folder):
    lab = pretrained(folder, [*ORG, {"label": "GPE", "pattern": "Leeds"}], *LINES)
    assert lab.annotate("web").summary.loc["web", ["texts", "ORGANISATION"]].tolist() == [TEXTS, 2]
    texts = lab.texts().set_index("example").text
    said = lab.annotations("web")
    marked = {texts[row.example][span["start"] : span["end"]] for row in said.itertuples() for span in row.value}
    assert marked == set(NAMES)
    assert said.kind.unique().tolist() == ["model"]
    lab.annotate("llm")
    assert lab.compare("llm", "web").annotators == ("llm", "web")


def test_it_is_not_run_again_until_it_changes(folder):
    lab = pretrained(folder, ORG, *LINES)
    lab.annotate("web")
    rows = lab.store.annotations.latest(lab._desk.number, ["web"])
    lab.annotate("web")
    assert lab.store.annotations.latest(lab._desk.number, ["web"]).equals(rows)
    nlp = spacy.load(folder / "elsewhere")
    nlp.get_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Pannier"}])
    nlp.to_disk(folder / "elsewhere")
    assert lab.annotate("web").summary.loc["web", "ORGANISATION"] == 3


def test_a_pipeline_that_is_not_installed_is_named_with_the_command_that_installs_it(folder):
    lab = pretrained(folder, ORG, '[pipelines]\nweb = "en_core_web_md"\nown = "en_mine"')
    with pytest.raises(
        LabError, match=r"en_core_web_md is not installed\. Run: python -m spacy download en_core_web_md"
    ):
        lab.annotate("web")
    with pytest.raises(LabError, match=r"en_mine is not installed\. Run: pip install en_mine"):
        lab.annotate("own")
    with pytest.raises(LabError, match="use one of: .*llm, llm-bare, own, .*web"):
        lab.annotate("other")


def test_a_pipeline_without_the_labels_is_told_of_aliases(folder):
    lab = pretrained(folder, ORG, LINES[0])
    with pytest.raises(LabError, match=r"web in project.toml: .* none of the labels ORGANISATION.*\[aliases\]"):
        lab.annotate("web")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['[aliases]\nORG = "COMPANY"'], "alias 'ORG' of 'COMPANY'"),
        (['[aliases]\nPERSON = "DATE"'], "alias 'PERSON' of 'DATE'"),
        (["[aliases]\nORG = 3"], "wrong type"),
        (["[pipelines]\nweb = []"], "wrong type"),
    ],
)
def test_what_is_no_alias_and_no_pipeline_is_refused(folder, lines, said):
    with pytest.raises(LabError, match=said):
        pretrained(folder, ORG, *lines)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Train a pipeline on the first reports that ship, by their reference labels, until it is sure of them."""
    rows = [json.loads(line) for line in (ROOT / "data/issues/texts.jsonl").read_text("utf-8").splitlines()[:SCORED]]
    known = (ROOT / "data/issues/reference.jsonl").read_text("utf-8").splitlines()
    labels = {row["id"]: row["labels"] for row in map(json.loads, known)}
    project = load_project("issues", ROOT)
    learned = [(row["text"], labels[row["id"]]) for row in rows[: SCORED // 2]]
    return train(project.config("cpu"), project.task, learned, [], out=tmp_path_factory.mktemp("own")).pipeline


def scored(folder, trained):
    """Open a project that names the trained pipeline, with the reports that it learned from and as many more."""
    settings = folder / "configs" / "issues" / "project.toml"
    settings.write_text(settings.read_text("utf-8") + f'\n[pipelines]\nown = "{trained}"\n', "utf-8")
    lab = Lab("issues", root=folder, person="anna")
    lab.ingest("data/issues/texts.jsonl")
    return lab


def half(folder, keep):
    """Write half.jsonl: of the reference's labels, those to keep of each row by its number."""
    rows = map(json.loads, (folder / "data/issues/reference.jsonl").read_text("utf-8").splitlines())
    kept = [{**row, "labels": keep(row, number)} for number, row in enumerate(rows)]
    (folder / "half.jsonl").write_text("".join(json.dumps(row) + "\n" for row in kept), "utf-8")


@pytest.fixture
def issues(tmp_path, database, monkeypatch):
    """Make a folder with the project `issues`, cut to its first texts, on a fresh database."""
    ship("issues", SCORED, tmp_path)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_scores_are_calibrated_by_decisions_of_other_folds(issues, trained):
    lab = scored(issues, trained)
    given = lab.annotate("own")
    assert "The scores of own are as the pipeline gave them, and not calibrated" in repr(given)
    assert given.caution in lab.compare("own")._repr_html_().replace("&#x27;", "'")
    before = lab.annotations("own")
    lab.load_labels("data/issues/reference.jsonl", "ben")
    raw = lab.compare("own").calibration("own").scores.brier
    again = lab.annotate("own")
    assert "not calibrated" not in repr(again)
    assert lab.compare("own").cautions == ()
    after = lab.annotations("own")
    assert after.value.tolist() == before.value.tolist()
    assert after.scores.tolist() != before.scores.tolist()
    calibrated = lab.compare("own").calibration("own").scores.brier
    assert (calibrated <= raw).all()
    assert calibrated[MICRO] < raw[MICRO]
    assert lab.store.annotations.config(lab._desk.number, "own")["by"] == {"person": SCORED}
    assert set(after.kind) == {"model"}
    lab.annotate("own")
    assert lab.annotations("own").equals(after)


def test_where_people_say_nothing_the_llm_s_labels_calibrate(issues, trained):
    lab = scored(issues, trained)
    lab.annotate("llm")
    assert "not calibrated" not in repr(lab.annotate("own"))
    assert lab.store.annotations.config(lab._desk.number, "own")["by"] == {"llm": SCORED}
    by_llm = lab.annotations("own").scores.tolist()
    half(issues, lambda row, number: row["labels"][: number % 2])
    lab.load_labels("half.jsonl", "ben")
    lab.annotate("own")
    assert lab.store.annotations.config(lab._desk.number, "own")["by"] == {"person": SCORED}
    assert lab.annotations("own").scores.tolist() != by_llm


def test_too_few_decisions_calibrate_nothing_and_that_is_said(issues, trained):
    lab = scored(issues, trained)
    few = (issues / "data/issues/reference.jsonl").read_text("utf-8").splitlines(keepends=True)[:30]
    (issues / "few.jsonl").write_text("".join(few), "utf-8")
    lab.load_labels("few.jsonl", "ben")
    given = lab.annotate("own")
    assert "not calibrated" in given.caution
    assert "not calibrated" in given._repr_html_()
    with pytest.raises(LabError, match="folds is 1"):
        lab.annotate("own", folds=1)


def test_a_label_of_which_too_few_are_known_is_named(issues, trained):
    lab = scored(issues, trained)
    half(issues, lambda row, number: [label for label in row["labels"] if label == "BUG"])
    lab.load_labels("half.jsonl", "ben")
    assert lab.annotate("own").caution.startswith("Scores of own for DOCUMENTATION are as the pipeline gave them")
    assert len(lab.compare("own").cautions) == 1
