"""Scores every text by a model that was not trained on it, several models at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..apart import processes
from ..errors import LabError
from ..progress import Progress, Report, silent
from ..tasks import Task
from .calibration import calibrate
from .inputs import check_texts
from .scoring import score
from .training import train

if TYPE_CHECKING:
    import pandas as pd
    from confection import Config

POLL = 0.1  # seconds
MOST = 100
"""Folds at most: each is a training."""

Scored = tuple[Any, dict[str, float]]
"""The value and each label's probability of one text."""

Runner = Callable[["Material", Report], dict[int, list[Scored]]]
"""Trains and scores each fold, and returns by its number what each of its texts was given, in their order."""

# Of a process that trains: what `_begin` was given.
_material: Material
_folder: Path
_queue: Any


def out_of_fold(
    config: Path | Config,
    task: Task,
    examples: Sequence[tuple[int, str, Any]],
    *,
    folds: int = 5,
    seed: int = 0,
    calibrated: bool = True,
    workers: int | None = None,
    runner: Runner | None = None,
    report: Report = silent,
) -> pd.DataFrame:
    """Score each text by a model that was trained on the other folds alone, and calibrate the scores.

    A text's fold follows from its content: adding texts moves none, and equal texts share a fold. The
    figures are the same with any number of processes. The models are trained without development texts, so
    that nothing of the scored fold decides when to stop: they take all the steps of the configuration.
    What a small model says at 0.95 can come true nine times in ten or six: its scores are turned into
    probabilities that its label is the one it was to learn, each fold's by the texts of the others.

    Parameters
    ----------
    config : Path or Config
        A spaCy training configuration.
    task : Task
        What is learned.
    examples : sequence of (int, str, value)
        Example ids, texts and values. A text whose value is None is scored by the model of its fold and
        trains none.
    folds : int
        How many parts the texts fall into, 2 to `MOST`.
    seed : int
        Another seed, other folds.
    calibrated : bool
        Whether `scores` are calibrated, and `value` is what they then speak for; see `labkit.student.calibrate`.
    workers : int, optional
        Processes at a time; as many as there are cores and folds by default.
    runner : callable, optional
        Runs the folds in place of these processes.
    report : callable
        Is told the steps of all models together.

    Returns
    -------
    DataFrame
        Columns `example`, `value`, `scores` (dict of label to probability, 0 to 1), `fold` (0 to `folds` - 1)
        and `raw`, the scores as the model gave them, a row an example, in the order given.

    Raises
    ------
    LabError
        If there is nothing to score, `folds` or `workers` is out of range, the texts of the other folds are
        too few or too alike to train on, or a process was killed. Also as `train`.

    Notes
    -----
    Stone, M. (1974). Cross-validatory choice and assessment of statistical predictions. Journal of the
    Royal Statistical Society, Series B, 36(2), pages 111-147.

    The processes are loky's: unlike those of `concurrent.futures`, they don't run the user's script again,
    so that a script needs no ``if __name__ == "__main__"``, and they can be killed when it is interrupted.

    Examples
    --------
    >>> out_of_fold(Path("configs/issues/cpu.cfg"), task, examples, folds=5)  # doctest: +SKIP
    """
    import pandas as pd

    _check(examples, folds, workers)
    fold = [fold_of(text, folds, seed) for _, text, _ in examples]
    material = Material(config, task, examples, fold)
    results = runner(material, report) if runner else run_in_processes(material, material.numbers, report, workers)
    scored = {number: iter(result) for number, result in results.items()}
    rows = [(example, *next(scored[number]), number) for (example, _, _), number in zip(examples, fold, strict=True)]
    table = pd.DataFrame(rows, columns=["example", "value", "raw", "fold"])
    scores: list[dict[str, float]] = table["raw"].tolist()
    if calibrated:
        scores = calibrate(task, scores, [value for _, _, value in examples], fold)
        table["value"] = [task.decide(s, value) for s, value in zip(scores, table["value"], strict=True)]
    return table.assign(scores=pd.Series(scores, dtype=object))[["example", "value", "scores", "fold", "raw"]]


@dataclass(frozen=True)
class Material:
    """What is scored out of fold.

    Parameters
    ----------
    config : Path or Config
        A spaCy training configuration.
    task : Task
        What is learned.
    examples : sequence of (int, str, value)
        Example ids, texts and values.
    fold : sequence of int
        The fold of each example.
    """

    config: Path | Config
    task: Task
    examples: Sequence[tuple[int, str, Any]]
    fold: Sequence[int]

    @property
    def numbers(self) -> list[int]:
        """The folds that there are."""
        return sorted(set(self.fold))

    def outside(self, number: int) -> list[tuple[str, Any]]:
        """Return the texts and values of all folds but one."""
        return [
            (text, value) for (_, text, value), fold in zip(self.examples, self.fold, strict=True) if fold != number
        ]

    def inside(self, number: int) -> list[str]:
        """Return the texts of one fold."""
        return [text for (_, text, _), fold in zip(self.examples, self.fold, strict=True) if fold == number]


def _check(examples: Sequence[tuple[int, str, Any]], folds: int, workers: int | None) -> None:
    """Raise LabError for what can't be cut into folds."""
    if not examples:
        raise LabError("There is no text to score.", "Ingest some texts first.")
    check_folds(folds)
    if workers is not None and (not isinstance(workers, int) or workers < 1):
        raise LabError(f"workers is {workers!r}.", "Give a whole number of at least 1.")
    check_texts(text for _, text, _ in examples)


def check_folds(folds: int) -> None:
    """Raise LabError for what is no number of folds."""
    if not isinstance(folds, int) or not 2 <= folds <= MOST:
        raise LabError(f"folds is {folds!r}.", f"Give a whole number from 2 to {MOST}.")


def fold_of(text: str, folds: int, seed: int = 0) -> int:
    """Return the fold, 0 to `folds` - 1, that follows from a text's content."""
    digest = hashlib.sha256(f"{seed}\n{text}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % folds


def run_in_processes(
    material: Material, numbers: Sequence[int], report: Report, workers: int | None = None
) -> dict[int, list[Scored]]:
    """Train and score folds in processes, and leave none behind, whatever happens.

    Parameters
    ----------
    material : Material
        The texts and their folds.
    numbers : sequence of int
        Which folds.
    report : callable
        Is told the steps of all models together.
    workers : int, optional
        Processes at a time; as many as there are cores and folds by default.
    """
    import loky
    from loky.backend import get_context

    queue, folder = get_context("loky").Queue(), TemporaryDirectory(prefix="labkit-")
    count = min(workers or loky.cpu_count(), len(numbers))
    try:
        with folder, processes(count, partial(_begin, material, Path(folder.name), queue)) as pool:
            futures = {number: pool.submit(_run, number) for number in numbers}
            for progress in _follow(queue, futures):
                report(progress)
            return {number: future.result() for number, future in futures.items()}
    except LabError as error:
        raise error from None  # the traceback of the other process hangs on it
    except loky.BrokenProcessPool:
        raise LabError("A process that trained was killed, perhaps for want of memory.", "Try workers=1.") from None


def _follow(queue: Any, futures: dict[int, Future[Any]]) -> Iterator[Progress]:
    """Yield how far all models are together, until they are done or one failed."""
    steps, total = dict.fromkeys(futures, 0), 0
    while not any(future.done() and future.exception() for future in futures.values()):
        try:
            number, steps[number], total = queue.get(timeout=POLL)
        except Empty:
            if all(future.done() for future in futures.values()):
                return
        else:
            yield Progress("out of fold", sum(steps.values()), total * len(futures))


def _begin(material: Material, folder: Path, queue: Any) -> None:
    """Give a process its material, and whom it tells."""
    global _material, _folder, _queue
    _material, _folder, _queue = material, folder, queue


def _run(number: int) -> list[Scored]:
    """Train on the other folds and score this one."""

    def tell(progress: Progress) -> None:
        _queue.put((number, progress.done, progress.total))

    out = _folder / str(number)
    try:
        trained = train(_material.config, _material.task, _material.outside(number), [], out=out, report=tell)
    except LabError as error:
        raise LabError(f"Scoring fold {number}: {error.problem}", error.remedy) from None
    return score(trained.pipeline, _material.task, _material.inside(number))
