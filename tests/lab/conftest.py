"""A lab of its own on a fresh database, with a few of the reports that ship."""

import json
import shutil
from pathlib import Path

import pytest

from labkit import Lab

ROOT = Path(__file__).parents[2]
TEXTS = 160


def _head(source: Path, target: Path, keep=lambda row: True) -> None:
    """Copy those lines of a JSONL file that `keep` wants."""
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = source.read_text("utf-8").splitlines(keepends=True)
    target.write_text("".join(line for line in lines if keep(json.loads(line))), "utf-8")


@pytest.fixture
def root(tmp_path, database, monkeypatch):
    """Make a folder with the project `issues`, cut to its first texts, on a fresh database."""
    shutil.copytree(ROOT / "configs" / "issues", tmp_path / "configs" / "issues")
    shipped = ROOT / "data" / "issues"
    ids = {json.loads(line)["id"] for line in (shipped / "texts.jsonl").read_text("utf-8").splitlines()[:TEXTS]}
    for name in ("texts", "replies", "reference"):
        _head(shipped / f"{name}.jsonl", tmp_path / f"data/issues/{name}.jsonl", lambda row: row["id"] in ids)
    monkeypatch.setenv("DATABASE_URL", database)
    return tmp_path


@pytest.fixture
def lab(root):
    """Return a lab that has read its texts."""
    made = Lab("issues", root=root, person="anna")
    made.ingest("data/issues/texts.jsonl")
    yield made
    made.store.close()
