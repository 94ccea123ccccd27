"""Pipelines that were trained elsewhere, as annotators."""

import pytest
import spacy

from labkit import Lab, LabError
from tests.lab.conftest import ship

TEXTS = 20
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
