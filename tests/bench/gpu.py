"""How fast a transformer learns on a GPU, how much of its memory it takes, and how long it takes to a score.

``python -m tests.bench.gpu [weights]`` trains ``configs/issues/gpu.cfg`` on the labels that people gave to
``data/issues`` by the function that Modal runs, `labkit.student.train`, and prints one JSON object: the device, tokens
trained on a second, the GPU's memory in MiB that PyTorch held at most, the best score, and the seconds until a score of
`GOAL` and in all. `weights` takes the place of the configuration's, for a machine that has others on its disk.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from confection import Config

from labkit.progress import Progress
from labkit.project import load_project
from labkit.student import train

ROOT = Path(__file__).parents[2]
GOAL = 0.8


def measure(config: Config) -> dict[str, Any]:
    """Train on the reports that ship, every fifth kept to choose by, and return the figures."""
    project = load_project("issues", ROOT)
    labels = {row["id"]: row["labels"] for row in _rows("reference.jsonl")}
    texts = [(row["text"], labels[row["id"]]) for row in _rows("texts.jsonl")]
    parts: list[list[Any]] = [[], []]
    for place, each in enumerate(texts):
        parts[place % 5 == 0].append(each)
    start, reached = time.perf_counter(), []

    def report(progress: Progress) -> None:
        if progress.figures.get("score", 0.0) >= GOAL:
            reached.append(time.perf_counter() - start)

    with TemporaryDirectory(prefix="labkit-") as folder:
        trained = train(config, project.task, *parts, out=Path(folder), report=report)
    return {
        "device": trained.device,
        "words_per_second": round(trained.words_per_second),
        "gpu_mb": None if trained.gpu_bytes is None else round(trained.gpu_bytes / 2**20),
        "score": trained.score,
        "goal": GOAL,
        "seconds_to_goal": round(reached[0], 1) if reached else None,
        "seconds": round(trained.seconds, 1),
        "steps": trained.steps,
    }


def _rows(name: str) -> list[dict[str, Any]]:
    with (ROOT / "data" / "issues" / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def main() -> None:
    """Measure, and print."""
    config = load_project("issues", ROOT).config("gpu")
    if len(sys.argv) > 1:
        config["components"]["transformer"]["model"]["name"] = sys.argv[1]
    print(json.dumps(measure(config)))


if __name__ == "__main__":
    main()
