"""A lab of its own on a fresh database, with a few of the reports that ship."""

import json
import shutil
from pathlib import Path

import pytest

from labkit import Lab

ROOT = Path(__file__).parents[2]
TEXTS = 160


def _head(source: Path, target: Path, ids: set[str]) -> None:
    """Copy those lines of a JSONL file that are of the texts `ids`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = source.read_text("utf-8").splitlines(keepends=True)
    target.write_text("".join(line for line in lines if json.loads(line)["id"] in ids), "utf-8")


@pytest.fixture
def root(tmp_path, database, monkeypatch):
    """Make a folder with the project `issues`, cut to its first texts, on a fresh database."""
    shutil.copytree(ROOT / "configs" / "issues", tmp_path / "configs" / "issues")
    shipped = ROOT / "data" / "issues"
    ids = {json.loads(line)["id"] for line in (shipped / "texts.jsonl").read_text("utf-8").splitlines()[:TEXTS]}
    for name in ("texts", "reference"):
        _head(shipped / f"{name}.jsonl", tmp_path / f"data/issues/{name}.jsonl", ids)
    shutil.copy(shipped / "replies.jsonl", tmp_path / "data/issues")
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def lab(root):
    """Return a lab that has read its texts."""
    made = Lab("issues", root=root, person="anna")
    made.ingest("data/issues/texts.jsonl")
    yield made
    made.store.close()
