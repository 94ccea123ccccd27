"""Joins spaCy's training loop to texts in memory and to whoever watches."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache, partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError, one_line
from ..progress import Progress, Report
from ..tasks import Task
from .inputs import Texts

if TYPE_CHECKING:
    from confection import Config
    from spacy.language import Language
    from spacy.training import Example

READER, LOGGER = "labkit.Texts.v1", "labkit.Follower.v1"

# spaCy's loop draws from the process's random numbers and finds texts and logger in its registry:
# two trainings at once in one process would disturb each other.
_ONE_AT_A_TIME = threading.Lock()


class _Stopped(Exception):
    """Raised out of spaCy's loop, between two batches, when a person wants it to end."""


class Follower:
    """Follows spaCy's loop as its logger: keeps the curve, reports it, and stops the loop between two batches.

    Parameters
    ----------
    report : callable
        Is told of every evaluation.
    settings : Config
        The configuration as its author wrote it.
    has_dev : bool
        Whether there are development texts, so that scores mean something.
    """

    def __init__(self, report: Report, settings: Config, has_dev: bool) -> None:
        self.settings, self.has_dev, self.stopping = settings, has_dev, False
        self.steps, self.words, self.seconds = 0, 0, 0.0
        self.curve: list[dict[str, Any]] = []
        self.best: float | None = None
        self.per_label: dict[str, dict[str, float]] = {}
        self._report, self._total = report, settings.interpolate()["training"]["max_steps"]
        self._evaluated = 0

    def start(self, nlp: Language, stdout: Any, stderr: Any) -> tuple[Callable[[Any], None], Callable[[], None]]:
        """Return what spaCy calls after a batch, and at the end.

        The loop has read its sections by now: the author's own are put back before a model is saved.
        """
        own = self.settings.copy()  # spaCy writes into what it is given
        nlp.config["corpora"], nlp.config["training"] = own["corpora"], own["training"]
        self._start = time.perf_counter()
        return self._step, lambda: None

    def _step(self, info: Mapping[str, Any] | None) -> None:
        """Count a batch; keep and report what an evaluation found."""
        self.steps += 1
        if info is not None:
            self._keep(info)
            try:
                self._tell()
            except KeyboardInterrupt:
                self.stopping = True
        if self.stopping:
            raise _Stopped

    def _keep(self, info: Mapping[str, Any]) -> None:
        """Add an evaluation to the curve; of equal scores the last counts, as its model is the one saved."""
        score = float(info["score"]) if self.has_dev else None
        loss = float(sum(info["losses"].values())) / (self.steps - self._evaluated)
        self.curve.append({"step": info["step"], "epoch": info["epoch"], "loss": loss, "score": score})
        self.words, self.seconds = info["words"], time.perf_counter() - self._start
        self._evaluated = self.steps
        if score is not None and (self.best is None or score >= self.best):
            self.best, self.per_label = score, _per_label(info["other_scores"])

    def _tell(self) -> None:
        """Report the last evaluation."""
        figures = {name: self.curve[-1][name] for name in ("loss", "score") if self.curve[-1][name] is not None}
        self._report(Progress("training", self.curve[-1]["step"], self._total, figures))


def run_loop(settings: Config, task: Task, texts: Mapping[str, Texts], out: Path, follower: Follower) -> None:
    """Train with spaCy's loop until it ends or is stopped; `model-best` and `model-last` are left in `out`.

    Parameters
    ----------
    settings : Config
        A complete configuration.
    task : Task
        Writes the values on the documents.
    texts : mapping of str to texts
        The texts and values under `train` and `dev`.
    out : Path
        The folder for the models.
    follower : Follower
        Is told of every batch.

    Raises
    ------
    LabError
        If spaCy can't build the pipeline, or `out` can't be written.
    """
    with _ONE_AT_A_TIME, _registered(task, texts, follower), _stopping_between_batches(follower):
        device = _device(settings)
        nlp = _build(settings, follower.has_dev, device)
        try:
            out.mkdir(parents=True, exist_ok=True)
            _train(nlp, out, device)
        except OSError as error:
            raise LabError(
                f"The model can't be written to {out}: {error.strerror or error}.", "Free space, or use another folder."
            ) from None


def _train(nlp: Language, out: Path, device: int) -> None:
    """Run spaCy's loop, whose tables nobody reads here."""
    from spacy.training.loop import train

    with suppress(_Stopped):
        train(nlp, out, use_gpu=device, stdout=StringIO(), stderr=StringIO())


def _build(settings: Config, has_dev: bool, device: int) -> Language:
    """Return the initialised pipeline, joined to our reader and logger."""
    from spacy.training.initialize import init_nlp

    joined = settings.copy()
    joined["corpora"] = {part: {"@readers": READER, "part": part} for part in ("train", "dev")}
    joined["training"]["train_corpus"], joined["training"]["dev_corpus"] = "corpora.train", "corpora.dev"
    joined["training"]["logger"] = {"@loggers": LOGGER}
    if not has_dev:
        joined["training"]["patience"] = 0
    try:
        return init_nlp(joined, use_gpu=device)
    except (ValueError, ImportError) as error:
        raise LabError(
            f"spaCy can't build the pipeline: {one_line(error)}.",
            "Mend the configuration; for a transformer, install labkit[transformers].",
        ) from None


def _device(settings: Config) -> int:
    """Return the GPU for a configuration that names a `gpu_allocator`, where there is one; else -1, the CPU."""
    import spacy

    if settings.interpolate()["training"]["gpu_allocator"] and spacy.prefer_gpu():
        return 0
    spacy.require_cpu()
    return -1


@contextmanager
def _registered(task: Task, texts: Mapping[str, Texts], follower: Follower) -> Iterator[None]:
    """Let configurations name these texts as a reader and the follower as a logger."""
    from spacy.util import registry

    held: dict[str, Any] = {"follower": follower, **texts}
    registry.readers.register(READER, func=lambda part: cache(partial(_examples, task=task, texts=held[part])))
    registry.loggers.register(LOGGER, func=lambda: held["follower"].start)
    try:
        yield
    finally:
        held.clear()  # the registry forgets nothing: it should not hold on to the texts


def _examples(nlp: Language, task: Task, texts: Texts) -> list[Example]:
    """Make spaCy's training examples of texts and values; spaCy works on copies, so they can be handed out again."""
    from spacy.training import Example

    references = [nlp.make_doc(text) for text, _ in texts]
    for reference, (_, value) in zip(references, texts, strict=True):
        task.write(reference, value)
    return [Example(nlp.make_doc(reference.text), reference) for reference in references]


@contextmanager
def _stopping_between_batches(follower: Follower) -> Iterator[None]:
    """Turn the first Ctrl-C into a request, so that no model is left half written; a second one raises at once."""
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return

    def ask(number: int, frame: Any) -> None:
        follower.stopping = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _per_label(scores: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return the table of precision, recall and F a label among a scorer's results (`cats_f_per_type` and others)."""
    tables = (table for name, table in scores.items() if name.endswith("_per_type"))
    return next((table for table in tables if all(isinstance(row, dict) for row in table.values())), {})
