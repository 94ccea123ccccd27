"""What tests of predictions share: a model that is trained in a second, a run, a corpus, and what the store holds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import psycopg
from spacy.util import load_config

from labkit.store import Store
from labkit.student import train
from labkit.tasks import make_task

CPU = Path(__file__).parents[1] / "configs" / "issues" / "cpu.cfg"
TASK = make_task("choices", ["BUG", "DOCUMENTATION"])


def trained(folder: Path) -> Path:
    """Train a model for a few steps, and return its folder."""
    config = load_config(CPU)
    config["training"] |= {"max_steps": 20, "eval_frequency": 20}
    texts = [("it crashes", ["BUG"]), ("the manual is wrong", ["DOCUMENTATION"])] * 10
    return train(config, TASK, texts, texts, out=folder).pipeline


def begin(store: Store, project: int, digest: str = "d") -> int:
    """Note a run that is done, and return its number."""
    run = store.runs.begin(project, "training", "cpu", digest, {"labels": {}})
    store.runs.end(run, "done", {"score": None}, None, None)
    return run


def corpus(folder: Path, texts: Iterable[str], name: str = "corpus.jsonl") -> Path:
    """Write texts as a file; each has a number for an id."""
    path = folder / name
    path.write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)), "utf-8")
    return path


def kept(database: str) -> list[str]:
    """Return the keys in the store."""
    with psycopg.connect(database) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM labkit.prediction ORDER BY key::int")]
