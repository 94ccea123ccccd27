"""A transformer learns here as a bag of words does: trained, resumed, saved, loaded, packaged, out of fold."""

from __future__ import annotations

import pytest
import spacy
from thinc.api import Optimizer

from labkit.project import load_project
from labkit.student import out_of_fold, score, train
from labkit.student.checkpoint import FILE

from .conftest import ROOT
from .transformer import make_biobert, make_deberta, make_distilbert, make_weights, shortened

pytestmark = [
    pytest.mark.transformer,
    pytest.mark.timeout(600),
    pytest.mark.usefixtures("light_transformers"),
    pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning"),  # DeBERTa's code uses it
]


CRASH, GUIDE = ["it crashes at start", "the parser fails"], ["the guide has a typo", "explain the option"]
TEXTS = [
    (f"{text} since {n}", [label])
    for n in range(8)
    for label, said in zip(("BUG", "DOCUMENTATION"), (CRASH, GUIDE), strict=True)
    for text in said
]
UNSEEN = ["the guide fails", "it crashes the option", "a typo at start", ""]


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return make_weights(tmp_path_factory.mktemp("weights"), [text for text, _ in TEXTS])


@pytest.fixture
def config(weights):
    """Return the configuration that ships, with weights made here."""
    return shortened(load_project("issues", ROOT).config("gpu"), weights)


def test_it_learns_and_is_loaded(task, config, tmp_path, capfd):
    trained = train(config, task, TEXTS[:24], TEXTS[24:], out=tmp_path)
    assert capfd.readouterr() == ("", "")
    assert trained.curve[-1]["loss"] < trained.curve[0]["loss"]
    assert trained.score == 1
    assert (trained.device, trained.gpu_bytes, trained.steps) == ("CPU", None, 21)
    said = score(trained.pipeline, task, UNSEEN)
    assert [doc.cats for doc in spacy.load(trained.pipeline).pipe(UNSEEN)] == [scores for _, scores in said]


def test_pieces_warm_up_and_patience_of_the_configuration_are_in_effect(task, config, tmp_path, monkeypatch):
    pieces, rates = [], []
    update, step = spacy.Language.update, Optimizer.step_schedules
    monkeypatch.setattr(
        spacy.Language, "update", lambda self, texts, **more: pieces.append(len(texts)) or update(self, texts, **more)
    )
    monkeypatch.setattr(Optimizer, "step_schedules", lambda self: rates.append(self.learn_rate) or step(self))
    config["training"] |= {"max_steps": 1000, "patience": 10}
    config["training"]["optimizer"]["learn_rate"]["total_steps"] = 1000
    trained = train(config, task, TEXTS[:24], TEXTS[24:], out=tmp_path)
    best = next(point["step"] for point in trained.curve if point["score"] == trained.score)
    assert trained.steps - 1 == best + 10
    assert len(rates) == trained.steps and len(pieces) == 2 * trained.steps, "accumulate_gradient = 2"
    warm = config["training"]["optimizer"]["learn_rate"]["warmup_steps"]
    assert rates[:warm] == sorted(rates[:warm]) and rates[warm:] == sorted(rates[warm:], reverse=True)
    assert max(rates) == pytest.approx(0.01) and rates[0] < 0.01 / warm


def test_half_precision_is_for_gpus(task, config, tmp_path):
    assert config["components"]["transformer"]["model"]["mixed_precision"] is True
    config["training"]["max_steps"] = 1
    trained = train(config, task, TEXTS[:4], [], out=tmp_path)
    saved = spacy.util.load_config(trained.pipeline / "config.cfg")
    assert saved["components"]["transformer"]["model"]["mixed_precision"] is False


def test_it_goes_on_from_its_checkpoint_to_the_same_bits(task, config, tmp_path):
    def stop(progress):
        if progress.done == 10:
            raise KeyboardInterrupt

    texts = TEXTS[:24], TEXTS[24:]
    whole = train(config, task, *texts, out=tmp_path / "whole")
    half = train(config, task, *texts, out=tmp_path / "out", report=stop, checkpoint_seconds=0)
    assert half.interrupted and (tmp_path / "out" / FILE).exists()
    resumed = train(config, task, *texts, out=tmp_path / "out", checkpoint_seconds=0)
    assert (resumed.curve, resumed.steps) == (whole.curve, whole.steps)
    for model in ("model-best", "model-last"):
        pair = [spacy.load(tmp_path / where / model) for where in ("whole", "out")]
        for name in pair[0].pipe_names:
            a, b = (state(nlp.get_pipe(name).model) for nlp in pair)
            assert a.keys() == b.keys() and all((a[key] == b[key]).all() for key in a)
    assert score(resumed.pipeline, task, UNSEEN) == score(whole.pipeline, task, UNSEEN)


def state(model):
    """Return every weight of a model by its place, PyTorch's among them."""
    found = {}
    for place, node in enumerate(model.walk()):
        found |= {(place, name): node.get_param(name) for name in node.param_names if node.has_param(name)}
        for shim in node.shims:
            found |= {(place, name): value.numpy() for name, value in shim._model.state_dict().items()}
    return found


def test_texts_are_scored_by_models_that_did_not_learn_from_them(task, config):
    examples = [(number, text, value) for number, (text, value) in enumerate(TEXTS)]
    table = out_of_fold(config, task, examples, folds=2, workers=1, calibrated=False)
    assert table.example.tolist() == list(range(len(TEXTS)))
    assert all(set(scores) == set(task.labels) for scores in table.scores)


NAMES = [
    (name, place, other)
    for name in ("Anna", "Berta", "Clara")
    for place in ("Paris", "Oslo", "Rome")
    for other in ("friends", "nobody", "people")
]
ARCHITECTURES = {
    "RoBERTa": make_weights,
    "DistilBERT": make_distilbert,
    "BioBERT": make_biobert,
    "DeBERTa-v3": make_deberta,
}
HOSTILE = [
    "",
    "   ",
    "\n\t\u00a0",
    "\U0001f4a5" * 40,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 of Paris",
    "\u202eabc \u05d0\u05d1",
    "a\x07\x1b[31m [CLS] </s> [MASK]",
    "\ufeff\u200b\u0301\ud7ff\ufffd",
    "x" * 5_000,
    "it crashes " * 2_500,
]
SHORT = HOSTILE[:-2]
"""What is learned from: others are padded to the length of the longest, and that takes time."""


@pytest.fixture(scope="module", params=ARCHITECTURES)
def architecture(request, tmp_path_factory):
    """Return weights of one architecture, whose tokenizer knows the texts of both projects."""
    texts = [text for text, _ in TEXTS] + [f"{name} of {place} met {other} ." for name, place, other in NAMES]
    return ARCHITECTURES[request.param](tmp_path_factory.mktemp("weights"), texts)


def test_each_architecture_labels_texts_by_one_line_of_the_configuration(architecture, task, tmp_path, capfd):
    config = shortened(load_project("issues", ROOT).config("gpu"), architecture, steps=30)
    hostile = [(text, []) for text in SHORT]
    trained = train(config, task, TEXTS + hostile, TEXTS, out=tmp_path)
    assert capfd.readouterr() == ("", "")
    assert trained.score > 0.9
    said = score(trained.pipeline, task, [*HOSTILE, *UNSEEN])
    for text, (_, scores) in zip([*HOSTILE, *UNSEEN], said, strict=True):
        assert set(scores) == set(task.labels) and all(0 <= each <= 1 for each in scores.values()), text[:20]


def test_each_architecture_finds_names(architecture, tmp_path):
    project = load_project("news", ROOT)
    texts = [
        (f"{name} of {place} met {other} .", [_span(0, name, project), _span(len(name) + 4, place, project)])
        for name, place, other in NAMES
    ]
    texts += [(text, []) for text in SHORT]
    trained = train(shortened(project.config("gpu"), architecture, steps=40), project.task, texts, texts, out=tmp_path)
    assert trained.score > 0.9
    said = score(trained.pipeline, project.task, [texts[0][0], *HOSTILE])
    assert said[0][0] == texts[0][1]
    for text, (spans, _) in zip(HOSTILE, said[1:], strict=True):
        assert all(0 <= span["start"] < span["end"] <= len(text) for span in spans)


def _span(start, word, project):
    return {"start": start, "end": start + len(word), "label": project.task.labels[0]}
