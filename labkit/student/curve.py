"""What each further decision is worth: a student trained on more and more of them, in one order or another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from ..progress import Progress, Report, silent
from ..tasks import Task
from .inputs import Texts
from .scoring import score
from .training import train

if TYPE_CHECKING:
    import pandas as pd
    from confection import Config

ORDERS = ("random", "uncertain")


def learning_curve(
    config: Path | Config,
    task: Task,
    texts: Texts,
    test: Texts,
    *,
    sizes: Sequence[int] = (25, 50, 100, 200),
    seeds: int = 3,
    report: Report = silent,
) -> pd.DataFrame:
    """Play a person who decides texts at random, or those first that the student is least sure of, and score both.

    Parameters
    ----------
    config : Path or Config
        A spaCy training configuration.
    task : Task
        What is learned.
    texts, test : sequence of (str, value)
        Texts with the values that the person would give: to decide, and to be scored on.
    sizes : sequence of int
        After how many decisions the student is trained anew. The first are at random in both orders.
    seeds : int
        How often it is played; each time another draw.
    report : callable
        Is told how many trainings are done.

    Returns
    -------
    DataFrame
        Indexed by ``decisions``: for each order, ``random`` and ``uncertain``, the F on the test texts of all that the
        values say (labels, or spans to the character), 0 to 1, its mean over the seeds and its standard deviation
        (``random_sd``, ``uncertain_sd``; NaN for one seed).

    Raises
    ------
    LabError
        If the sizes do not rise or there are fewer texts, there is nothing to score, or as `train`.

    Notes
    -----
    Lewis, D. D. and Gale, W. A. (1994). A sequential algorithm for training text classifiers. Proceedings of
    SIGIR '94, pages 3-12.

    Examples
    --------
    >>> learning_curve(Path("configs/issues/cpu.cfg"), task, texts, test)  # doctest: +SKIP
               random  random_sd  uncertain  uncertain_sd
    decisions
    25           0.42       0.03       0.42          0.03
    """
    import numpy as np
    import pandas as pd

    _check(sizes, seeds, texts, test)
    found: dict[str, list[list[float]]] = {order: [] for order in ORDERS}
    done, total = 0, seeds * (1 + len(ORDERS) * (len(sizes) - 1))

    def step(chosen: Sequence[int]) -> tuple[float, list[float]]:
        nonlocal done
        left = [place for place in range(len(texts)) if place not in set(chosen)]
        found = _step(config, task, [texts[place] for place in chosen], [texts[place][0] for place in left], test)
        done += 1
        report(Progress("learning curve", done, total))
        return found[0], [left[place] for place in np.argsort(found[1], kind="stable")]

    for seed in range(seeds):
        drawn = np.random.default_rng(seed).permutation(len(texts)).tolist()
        start, unsure = step(drawn[: sizes[0]])
        for order in ORDERS:
            chosen, ranked, scores = drawn[: sizes[0]], unsure, [start]
            for size in sizes[1:]:
                following = ranked if order == "uncertain" else drawn[len(chosen) :]
                chosen = [*chosen, *following[: size - len(chosen)]]
                f, ranked = step(chosen)
                scores.append(f)
            found[order].append(scores)
    columns = {}
    for order, runs in found.items():
        columns[order] = np.mean(runs, axis=0)
        columns[f"{order}_sd"] = np.std(runs, axis=0, ddof=1) if seeds > 1 else np.full(len(sizes), math.nan)
    return pd.DataFrame(columns, pd.Index(sizes, name="decisions"))


def _check(sizes: Sequence[int], seeds: int, texts: Texts, test: Texts) -> None:
    """Raise LabError for what can't be played."""
    if not sizes or seeds < 1 or sizes[0] < 1 or sorted(set(sizes)) != list(sizes):
        raise LabError(f"Sizes {list(sizes)} and {seeds} seeds make no curve.", "Give rising sizes and a seed or more.")
    if sizes[-1] > len(texts) or not test:
        raise LabError(
            f"There are {len(texts)} texts to decide and {len(test)} to score on.", "Give smaller sizes, or more texts."
        )


def _step(
    config: Path | Config, task: Task, known: Texts, left: Sequence[str], test: Texts
) -> tuple[float, list[float]]:
    """Train on the texts that are decided; return the F on the test texts, and how sure it is of those left."""
    with TemporaryDirectory(prefix="labkit-") as folder:
        pipeline = train(config, task, known, [], out=Path(folder)).pipeline
        guesses = score(pipeline, task, [*(text for text, _ in test), *left])
    f = _f(task, [value for _, value in test], [value for value, _ in guesses[: len(test)]])
    return f, [task.confidence(value, scores) for value, scores in guesses[len(test) :]]


def _f(task: Task, truth: Sequence[Any], guess: Sequence[Any]) -> float:
    """Return the F of all that the values say, pooled."""
    parts = [(task.parts(a), task.parts(b)) for a, b in zip(truth, guess, strict=True)]
    said = sum(len(a) + len(b) for a, b in parts)
    return 2 * sum(len(a & b) for a, b in parts) / said if said else 1.0
