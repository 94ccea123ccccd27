"""How long it takes to compare three annotators of many texts, to rank them, and to learn from decisions.

``python -m tests.bench.ranking`` prints one JSON object. In seconds, for a million texts: `compare`, `rank`, and
`first_card`, from the comparison to the first card of the live order; `peak_mb` is the memory of all that with the
annotations, in MiB. In milliseconds, at ten thousand texts: `refit_ms`, the median and the longest refit with up to two
thousand decisions; `note_ms` and `card_ms`, the longest that a decision and the next card took while refits went on.
`prepare` is what placing these texts took, in seconds, once.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

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


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that a piece of work takes, and its result."""
    start = perf_counter()
    result = work()
    return perf_counter() - start, result


def many() -> dict[str, float]:
    """Measure a million texts."""
    said, all_texts = annotations(MANY), texts(MANY)
    comparing, compared = timed(lambda: compare(said, TASK))
    ranking, ranked = timed(lambda: queue(compared, all_texts))
    showing, _ = timed(lambda: next(iter(ranked.live().ranked())))
    return {"compare": round(comparing, 2), "rank": round(ranking, 2), "first_card": round(ranking + showing, 2)}


def some() -> dict[str, Any]:
    """Measure the refits at ten thousand texts, then a person who decides without a pause."""
    said, ten_thousand = annotations(SOME), texts(SOME)
    ranked = queue(compare(said, TASK), ten_thousand, blind=0.05)
    assert ranked.lesson
    learner = Learner(ranked.frame, ranked.lesson)
    preparing, _ = timed(lambda: learner.rank({}))
    order = ranked.frame.example.tolist()
    judged = {example: learner.judge(example, VALUES[example % 4]) for example in order[:DECIDED]}
    verdicts, refits = {e: verdict for e, verdict in judged.items() if verdict}, []
    for count in range(STEP, DECIDED, STEP * 10):
        known = dict(islice(verdicts.items(), count))
        refits.append(timed(lambda known=known: learner.rank(known))[0])
    live = ranked.live()
    live.settle()
    waits, notes = [], []
    for number in range(200):
        wait, pick = timed(lambda: next(iter(live.ranked())))
        waits.append(wait)
        notes.append(timed(lambda example=pick.example, n=number: live.note(example, VALUES[n % 4]))[0])
    live.settle()
    return {
        "prepare": round(preparing, 2),
        "refit_ms": [round(1000 * figure) for figure in (float(np.median(refits)), max(refits))],
        "note_ms": round(1000 * max(notes), 1),
        "card_ms": round(1000 * max(waits), 1),
    }


def main() -> None:
    """Measure, and print."""
    figures = many()
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps({**figures, "peak_mb": peak, **some()}))


if __name__ == "__main__":
    main()
