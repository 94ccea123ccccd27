"""Notebooks run again on the store that a first run filled. ``make test`` runs them before the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from labkit.store.embedded import start

ROOT = Path(__file__).parents[1]
MIRROR = ROOT.parent / "shared" / "real"
HOME = os.environ.get("LABKIT_HOME")
REAL = "07_real_issues.ipynb"


@pytest.fixture
def cells(request: pytest.FixtureRequest) -> list[pytest.Item]:
    """Return the cells of notebooks that run in this session."""
    found = [item for item in request.session.items if item.path.suffix == ".ipynb"]
    if not found or HOME is None:
        pytest.skip("the notebooks did not run on a store of their own: use `make test`")
    return found


def count_rows(home: Path) -> dict[str, int]:
    """Return the number of rows of every table in the store."""
    with psycopg.connect(start(home)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'labkit'").fetchall()
        question = sql.SQL("SELECT count(*) FROM labkit.{}")
        return {name: connection.execute(question.format(sql.Identifier(name))).fetchone()[0] for (name,) in tables}


@pytest.mark.timeout(600)
def test_a_second_run_gives_the_same_outputs_and_adds_no_row(cells, monkeypatch):
    monkeypatch.setenv("LABKIT_HOME", HOME)
    monkeypatch.delenv("MPLBACKEND")
    monkeypatch.setenv("DATABASE_URL", "")
    before = count_rows(Path(HOME))
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "notebooks"]
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert again.returncode == 0, again.stdout
    assert count_rows(Path(HOME)) == before
    assert before["annotation"] > 0


@pytest.mark.skipif(not MIRROR.is_dir(), reason="the folder of real texts does not stand beside this one")
def test_the_notebook_on_real_texts_runs_where_they_are(cells):
    real = [cell for cell in cells if cell.path.name == REAL]
    assert real
    assert not [cell for cell in real if cell.get_closest_marker("skip")]
