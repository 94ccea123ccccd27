"""Trains a small model on texts and values."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from ..progress import Report, silent
from ..tasks import Task
from .checkpoint import Checkpoints
from .follower import Follower, MustEnd
from .inputs import Texts, check_texts, fingerprint, in_order, read_settings, refuse_endless
from .loop import run_loop

if TYPE_CHECKING:
    from confection import Config


@dataclass(frozen=True)
class Trained:
    """What a training gave.

    Parameters
    ----------
    pipeline : Path
        The folder of the model that was kept, for `spacy.load`.
    digest : str
        The `fingerprint` of what it was trained with: the same inputs, the same digest.
    steps : int
        Batches trained on.
    curve : list of dict
        One dict an evaluation: `step` and `epoch`, counted from 0; `loss`, the mean of a batch since the
        evaluation before; `score`, 0 to 1, or None without development texts.
    score : float or None
        The best of the curve.
    per_label : dict of str to dict
        Each label's precision `p`, recall `r` and F `f` on the development texts, 0 to 1, at the best
        score. Empty without development texts.
    seconds : float
        Wall time of it all.
    words_per_second : float
        Tokens trained on a second, evaluation and saving included.
    interrupted : bool
        Whether it was ended before its configuration would have ended it.
    device : str
        What it was trained on: the name of a GPU, or ``"CPU"``.
    gpu_bytes : int or None
        The most of the GPU's memory that PyTorch held at once; None on a CPU.
    """

    pipeline: Path
    digest: str
    steps: int
    curve: list[dict[str, Any]]
    score: float | None
    per_label: dict[str, dict[str, float]]
    seconds: float
    words_per_second: float
    interrupted: bool
    device: str = "CPU"
    gpu_bytes: int | None = None


def train(
    config: Path | Config,
    task: Task,
    texts_train: Texts,
    texts_dev: Texts,
    *,
    out: Path,
    seed: int | None = None,
    report: Report = silent,
    checkpoint_seconds: float | None = None,
    must_end: MustEnd = lambda seconds: False,
) -> Trained:
    """Train the pipeline that a configuration describes.

    The same inputs give the same model, in whatever order the texts come. A label that no text has is
    learned as one that never applies. Without development texts nothing says when to stop: the training
    takes all the steps that the configuration allows, and the last model is kept. Stopped by Ctrl-C or by
    the notebook's stop button, it ends after the batch at hand, and the best model so far is kept. The
    process's random numbers are seeded anew.

    Parameters
    ----------
    config : Path or Config
        A spaCy training configuration. Where it names a `gpu_allocator` and there is a GPU, it trains there; where
        there is none, on the CPU, without mixed precision.
    task : Task
        What is learned; the configuration must hold its component.
    texts_train, texts_dev : sequence of (str, value)
        Texts and their values: to learn from, and to choose the best model by. What has no value, None, is
        left out.
    out : Path
        A folder for the models `model-best` and `model-last`; such models that are there are replaced.
    seed : int, optional
        Replaces the configuration's.
    report : callable
        Is told steps, loss and score at every evaluation, and steps and loss where those are far apart. A
        KeyboardInterrupt that it raises stops the training as Ctrl-C does.
    checkpoint_seconds : float, optional
        How long at the least between two checkpoints, which are kept in `out`: the same training, killed and run
        again with the same folder, goes on from the last, which is left there. None keeps none, and begins anew.
    must_end : callable
        Is asked after every batch whether the training has to end, and given the seconds that it takes to score and
        save a model: that is done once more where batches came since, and the best model is kept.

    Raises
    ------
    LabError
        If there is no text to train on, a text can't be read, a value is none of the task's, all texts have
        the same value, the configuration doesn't fit the task or can't be built, weights that it names can't be had,
        memory is too small, or `out` can't be written.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> task = make_task("choices", ["BUG", "DOCUMENTATION"])
    >>> texts = [("it crashes at start", ["BUG"]), ("a typo in the docs", ["DOCUMENTATION"])]
    >>> trained = train(Path("configs/issues/cpu.cfg"), task, texts, texts, out=Path(".labkit/example"))
    >>> trained.score
    1.0
    """
    start = time.perf_counter()
    texts = {"train": _labelled(task, texts_train), "dev": _labelled(task, texts_dev)}
    _refuse_one_sided(task, texts["train"])
    settings = read_settings(config, task, seed)
    has_dev = bool(texts["dev"])
    if not has_dev:
        refuse_endless(settings)
    follower, digest = Follower(report, settings, has_dev, must_end), fingerprint(settings, task, *texts.values())
    checkpoints = None if checkpoint_seconds is None else Checkpoints(out, digest, checkpoint_seconds)
    run_loop(settings, task, texts, out, follower, checkpoints)
    return Trained(
        pipeline=out / ("model-best" if has_dev else "model-last"),
        digest=digest,
        steps=follower.steps,
        curve=follower.curve,
        score=follower.best,
        per_label=follower.per_label,
        seconds=time.perf_counter() - start,
        words_per_second=follower.words / follower.seconds,
        interrupted=follower.stopping or follower.out_of_time,
        device=follower.device,
        gpu_bytes=follower.gpu_bytes,
    )


def _labelled(task: Task, texts: Texts) -> Texts:
    """Return the texts that carry a value, in an order of their own."""
    check_texts(text for text, _ in texts)
    return [(text, value) for text, value in in_order(task, texts) if value is not None]


def _refuse_one_sided(task: Task, texts: Texts) -> None:
    """Raise LabError where there is nothing to tell apart."""
    values = {task.key(value) for _, value in texts}
    if not values:
        raise LabError("There is no text to train on.", "Label some texts first.")
    # Where spans are learned, they are told from the rest of their text.
    if len(values) == 1 and (task.whole_text or not any(value for _, value in texts)):
        raise LabError(
            f"All texts to train on ({len(texts)}) have the value {values.pop()!r}, so there is nothing to tell apart.",
            "Label texts that have another value.",
        )
