"""Predictions and folds at Modal, from a lab: the model that was trained there is used where it is."""

import pytest

from labkit import Lab

from ..predicted import corpus, kept

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
def labelled(lab, modal_server, root):
    """Return a lab with labels, a training of a few steps, and a stand-in for Modal."""
    usual = (root / "configs/issues/cpu.cfg").read_text("utf-8")
    assert "max_steps = 300" in usual
    (root / "configs/issues/quick.cfg").write_text(usual.replace("max_steps = 300", "max_steps = 20"), "utf-8")
    lab.annotate("llm")
    return lab


def test_a_model_trained_there_predicts_there(labelled, root, database):
    run = labelled.train("quick", on="modal", max_minutes=10)
    path = corpus(root, [f"report {number}: it crashes" for number in range(50)])
    there = labelled.predict(path, run, on="modal", containers=2, size=20)
    assert kept(database) == [f"{number}" for number in range(50)]
    assert there.dollars > 0
    here = labelled.predict(path, labelled.fetch(run), size=20, to=root / "found.parquet")
    assert list(here) == list(there)


def test_folds_there_give_the_labels_of_here(labelled, root):
    assert labelled.annotate("quick", folds=3, on="modal").dollars > 0
    twin = Lab("issues", name="twin", root=root)
    twin.ingest("data/issues/texts.jsonl")
    twin.annotate("llm")
    twin.annotate("quick", folds=3)
    there, here = (each.annotations("quick").sort_values("example") for each in (labelled, twin))
    assert len(there) == len(labelled.texts())
    assert list(there.value) == list(here.value)
    assert list(there.scores) == list(here.scores)
