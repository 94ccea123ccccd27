"""How long comparing, ranking and scoring take, and how much memory.

``python -m tests.bench.compare`` prints one JSON object: seconds and, at the end, the process's peak memory in MiB, for
comparing 1,000,000 texts by three annotators, one of them with scores, for their queue, for Krippendorff's alpha, and
for scoring an annotator's 30 labels on 100,000 texts. ``--texts N`` takes another number for the first three.
"""

from __future__ import annotations

import argparse
import json
import resource
from time import perf_counter

import numpy as np
import pandas as pd

from labkit.review import compare, evaluate, queue
from labkit.tasks import make_task

ERRORS = {"llm": 0.08, "llm-bare": 0.1, "cpu": 0.2}


def annotations(labels: list[str], texts: int, errors: dict[str, float], scored: str | None) -> pd.DataFrame:
    """Make annotators who each err on a share of labels, of texts that have each label in one case of five."""
    random = np.random.default_rng(0)
    truth = random.random((texts, len(labels))) < min(0.2, 2 / len(labels))
    frames = []
    for name, share in errors.items():
        said = truth ^ (random.random(truth.shape) < share / len(labels))
        values = [[label for label, given in zip(labels, row, strict=True) if given] for row in said.tolist()]
        frame = pd.DataFrame({"example": np.arange(texts), "annotator": name, "kind": "llm", "value": values})
        scores = None
        if name == scored:
            sure = np.where(said, 0.5 + random.random(said.shape) / 2, random.random(said.shape) / 2)
            scores = [dict(zip(labels, row, strict=True)) for row in sure.tolist()]
        frames.append(frame.assign(outcome=np.where(said.any(axis=1), "parsed", "explicitly none"), scores=scores))
    return pd.concat(frames, ignore_index=True)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=1_000_000)
    texts = parser.parse_args().texts
    two = ["BUG", "DOCUMENTATION"]
    task, said = make_task("choices", two), annotations(two, texts, ERRORS, "cpu")
    made = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures: dict[str, float] = {"texts": texts, "data_mib": round(made)}
    start = perf_counter()
    comparison = compare(said, task)
    figures["compare_s"] = round(perf_counter() - start, 2)
    start = perf_counter()
    queue(comparison)
    figures["queue_s"] = round(perf_counter() - start, 2)
    figures["peak_mib"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    start = perf_counter()
    assert comparison.alpha.between(-1, 1).all()
    figures["alpha_s"] = round(perf_counter() - start, 2)
    many = [f"label {number}" for number in range(30)]
    said = annotations(many, 100_000, {"reference": 0.0, "llm": 0.5}, None)
    start = perf_counter()
    evaluate(said, make_task("choices", many))
    figures["evaluate_30_labels_100000_texts_s"] = round(perf_counter() - start, 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
