"""A lab of its own on a fresh database, with a few of the reports that ship."""

import json
import shutil
from pathlib import Path

import pytest

from labkit import Lab

ROOT = Path(__file__).parents[2]
TEXTS = 160
NEWS = 120


def ship(project: str, texts: int, folder: Path) -> None:
    """Copy a project that ships into a folder, cut to its first texts."""
    shutil.copytree(ROOT / "configs" / project, folder / "configs" / project)
    shipped, data = ROOT / "data" / project, folder / "data" / project
    data.mkdir(parents=True)
    ids = {json.loads(line)["id"] for line in (shipped / "texts.jsonl").read_text("utf-8").splitlines()[:texts]}
    for name in ("texts.jsonl", "reference.jsonl"):
        lines = (shipped / name).read_text("utf-8").splitlines(keepends=True)
        (data / name).write_text("".join(line for line in lines if json.loads(line)["id"] in ids), "utf-8")
    shutil.copy(shipped / "replies.jsonl", data)


@pytest.fixture
def root(tmp_path, database, monkeypatch):
    """Make a folder with the project `issues`, cut to its first texts, on a fresh database."""
    ship("issues", TEXTS, tmp_path)
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


@pytest.fixture
def news(tmp_path, database, monkeypatch):
    """Return a lab that has read the first texts of `news`."""
    ship("news", NEWS, tmp_path)
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.chdir(tmp_path)
    made = Lab("news", root=tmp_path, person="anna")
    made.ingest("data/news/texts.jsonl")
    yield made
    made.store.close()


@pytest.fixture
def labelled(news):
    """Return that lab with what the LLM says, with both prompts."""
    news.annotate("llm")
    news.annotate("llm-bare")
    return news
