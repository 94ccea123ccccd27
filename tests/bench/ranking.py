"""How long it takes to compare three annotators of many texts, to rank them, and to learn from decisions.

``python -m tests.bench.ranking`` prints one JSON object. In seconds, for a million texts: `compare`, `rank`, and
`first_card`, from the comparison to the first card of the live order; `peak_mb` is the memory of all that with the
annotations, in MiB. In milliseconds, at ten thousand texts and two labels: `refit_ms` and `refit_longest_ms`, the
median and the longest refit with up to two thousand decisions; `note_ms` and `card_ms`, the longest that a decision and
the next card took while refits went on. `prepare` is what placing these texts took, in seconds, once, in a process of
its own; `refit_meanwhile_ms` is the longest refit with up to a hundred decisions while that goes on. `cpu` has the same
in time of this process's threads on the processor, which other work on the machine lengthens less. Refits take one
core, whatever OMP_NUM_THREADS says: see `labkit.review.cores`.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from labkit.review import compare, queue
from labkit.review.learner import Learner
from labkit.tasks import make_task

ROOT = Path(__file__).parents[2]
MANY, SOME, DECIDED, STEP = 1_000_000, 10_000, 2_000, 10
TASK = make_task("choices", ["BUG", "DOCUMENTATION"])
VALUES: list[list[str]] = [[], ["BUG"], ["DOCUMENTATION"], ["BUG", "DOCUMENTATION"]]


def annotations(count: int) -> pd.DataFrame:
    """Return what two prompts and a model with scores say of so many texts: each as it likes, mostly the same."""
    random = np.random.default_rng(0)
    true = random.integers(4, size=count)
    frames = []
    for name, kind in (("llm", "llm"), ("llm-bare", "llm"), ("cpu", "model")):
        said = np.where(random.random(count) < 0.1, random.integers(4, size=count), true)
        frame = pd.DataFrame({"example": np.arange(count), "annotator": name, "kind": kind, "outcome": "parsed"})
        frame["value"] = pd.Series([VALUES[code] for code in said], dtype=object)
        sure = random.random((count, 2)).round(2).tolist() if kind == "model" else None
        frame["scores"] = [{"BUG": bug, "DOCUMENTATION": docs} for bug, docs in sure] if sure else None
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def texts(count: int) -> pd.DataFrame:
    """Return so many of the reports that ship, each once with a number of its own."""
    with (ROOT / "data/issues/texts.jsonl").open(encoding="utf-8") as lines:
        shipped = [json.loads(line)["text"] for line in lines]
    named = [f"{shipped[number % len(shipped)]} {number}" for number in range(count)]
    return pd.DataFrame({"example": np.arange(count), "key": [f"t-{number}" for number in range(count)], "text": named})


def timed(work: Callable[[], Any]) -> tuple[NDArray[np.float64], Any]:
    """Return the seconds that a piece of work takes, by the clock and of the processor, and its result."""
    start, busy = perf_counter(), process_time()
    result = work()
    return np.array([perf_counter() - start, process_time() - busy]), result


def many() -> dict[str, NDArray[np.float64]]:
    """Measure a million texts."""
    said, all_texts = annotations(MANY), texts(MANY)
    comparing, compared = timed(lambda: compare(said, TASK))
    ranking, ranked = timed(lambda: queue(compared, all_texts))
    showing, _ = timed(lambda: next(iter(ranked.live().ranked())))
    return {"compare": comparing, "rank": ranking, "first_card": ranking + showing}


def some() -> dict[str, NDArray[np.float64]]:
    """Measure the refits at ten thousand texts, then a person who decides without a pause."""
    ranked = queue(compare(annotations(SOME), TASK), texts(SOME), blind=0.05)
    assert ranked.lesson
    learner = Learner(ranked.frame, ranked.lesson)
    order = ranked.frame.example.tolist()
    judged = {example: learner.judge(example, VALUES[example % 4]) for example in order[:DECIDED]}
    verdicts = {example: verdict for example, verdict in judged.items() if verdict}
    with ThreadPoolExecutor(1) as aside:
        placing = aside.submit(timed, learner.place)
        few = [dict(islice(verdicts.items(), count)) for count in range(0, 100, STEP)]
        meanwhile = [timed(lambda some=some: learner.rank(some))[0] for some in few]
        assert not placing.done(), "The texts were placed before the refits ended."
        preparing, _ = placing.result()
    known = [dict(islice(verdicts.items(), count)) for count in range(STEP, DECIDED, 10 * STEP)]
    refits = [timed(lambda some=some: learner.rank(some))[0] for some in known]
    live = ranked.live()
    live.settle()
    waits, notes = [], []
    for number in range(DECIDED // STEP):
        wait, pick = timed(lambda: next(iter(live.ranked())))
        waits.append(wait)
        notes.append(timed(lambda example=pick.example, n=number: live.note(example, VALUES[n % 4]))[0])
    live.settle()
    spread = {"refit_ms": np.median(refits, axis=0), "refit_longest_ms": np.max(refits, axis=0)}
    spread["refit_meanwhile_ms"] = np.max(meanwhile, axis=0)
    longest = {"note_ms": np.max(notes, axis=0), "card_ms": np.max(waits, axis=0)}
    return {"prepare": preparing, **{name: 1000 * figure for name, figure in (spread | longest).items()}}


def main() -> None:
    """Measure, and print."""
    figures = many()
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    figures |= some()
    clock, cpu = ({name: round(float(each[by]), 2) for name, each in figures.items()} for by in (0, 1))
    print(json.dumps({**clock, "peak_mb": peak, "cpu": cpu}))


if __name__ == "__main__":
    main()
