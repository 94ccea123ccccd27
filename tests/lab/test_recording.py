"""A run that was written down is shown elsewhere, without its model."""

import pytest

from labkit.errors import LabError


@pytest.fixture
def trained(lab):
    """Train a small model on what the LLM says."""
    lab.annotate("llm")
    return lab.train("cpu")


def test_a_run_is_shown_from_its_file_with_state_curve_and_figures(lab, trained, tmp_path):
    path = lab.save_run(trained, tmp_path / "folder" / "run.jsonl")
    shown = lab.load_run(path)
    assert (shown.row.state, shown.curve, shown.figures) == ("done", trained.curve, trained.figures)
    assert "Training of cpu: done (recorded)" in repr(shown)
    assert list(lab.runs().place) == ["recorded", "here"]


def test_it_is_added_once_and_never_taken_for_a_model(lab, trained, tmp_path):
    path = lab.save_run(trained, tmp_path / "run.jsonl")
    assert lab.load_run(path).row.id == lab.load_run(path).row.id
    assert lab.train("cpu").row.id == trained.row.id
    with pytest.raises(LabError, match="Train it again"):
        lab.load_run(path).load()


@pytest.mark.parametrize("content", ["", "{}\n", "[1]\n", '{"run": null}\n', '{"run": {"name": "x"}}\n', "no JSON\n"])
def test_what_is_no_recorded_run_is_refused(lab, tmp_path, content):
    path = tmp_path / "run.jsonl"
    path.write_text(content, "utf-8")
    with pytest.raises(LabError, match=r"run.jsonl"):
        lab.load_run(path)
