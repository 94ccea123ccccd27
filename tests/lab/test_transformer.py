"""The lab trains a transformer as it trains the small model: here, from labels in the store, to a wheel."""

from __future__ import annotations

import re
import zipfile

import pytest
import spacy

from ..student.transformer import make_weights

pytestmark = [pytest.mark.transformer, pytest.mark.timeout(600), pytest.mark.usefixtures("light_transformers")]
SHORT = {
    "max_steps": "6",
    "eval_frequency": "3",
    "size": "4000",
    "warmup_steps": "2",
}


@pytest.fixture
def short(lab):
    """Return a lab with the configuration that ships, cut short, with weights of the project's own."""
    lab.annotate("llm")
    texts = lab.texts().text.tolist()
    make_weights(lab.project.folder / "weights", texts)
    path = lab.project.folder / "gpu.cfg"
    config = path.read_text("utf-8").replace("FacebookAI/roberta-base", "${project.folder}/weights")
    for name, value in SHORT.items():
        config, found = re.subn(rf"^{name} = .*$", f"{name} = {value}", config, flags=re.MULTILINE)
        assert found == 1
    path.write_text(config, "utf-8")
    return lab


def test_it_trains_predicts_and_packages(short, root, tmp_path):
    lab, run = short, short.train("gpu")
    assert (run.row.state, run.figures["steps"]) == ("done", 7)
    assert run.load().pipe_names == ["transformer", "textcat_multilabel"]
    assert lab.train("gpu").row.id == run.row.id, "the same inputs are trained on once"
    predicted = lab.predict("data/issues/texts.jsonl", run, to=tmp_path / "said.parquet")
    assert (predicted.texts, predicted.bad) == (len(lab.texts()), 0)
    assert all(isinstance(said.value, list) for said in predicted)
    with zipfile.ZipFile(lab.package(run)) as wheel:
        names = wheel.namelist()
        needs = wheel.read(next(name for name in names if name.endswith("METADATA"))).decode()
        assert re.search(r"^Requires-Dist: spacy-transformers", needs, re.MULTILINE)
        assert not [name for name in names if str(root).encode() in wheel.read(name)]
        wheel.extractall(tmp_path / "wheel")
    config = next((tmp_path / "wheel").rglob("config.cfg"))
    texts = ["it crashes at start", "a typo in the guide"]
    packaged, here = spacy.load(config.parent), run.load()
    assert [doc.cats for doc in packaged.pipe(texts)] == [doc.cats for doc in here.pipe(texts)]


def test_it_trains_at_modal_where_a_gpu_is_asked_for_and_comes_home(short, modal_server):
    run = short.train("gpu", on="modal", gpu=["L4", "A10G"], max_minutes=20)
    assert (run.row.state, run.figures["steps"], len(run.curve)) == ("done", 7, 3)
    assert modal_server.gpu("train") == ["L4:1", "A10G:1"]
    texts = ["it crashes at start", "a typo in the guide"]
    home = spacy.load(short.fetch(run).pipeline)
    assert home.pipe_names == ["transformer", "textcat_multilabel"]
    assert all(set(doc.cats) == set(short.project.task.labels) for doc in home.pipe(texts))
