"""The notebook that ships, in a real JupyterLab: keys are pressed, and decisions stand in PostgreSQL."""

from pathlib import Path

import nbformat
import psycopg
import pytest
from playwright.sync_api import Page, expect

from .card import Card
from .jupyter import execute

pytestmark = pytest.mark.browser

SCROLLED = """
() => {
  const { content } = window.jupyterapp.shell.currentWidget;
  content.scrollToItem(content.widgets.length - 1, "start");
  return document.querySelector(".lk-text")?.checkVisibility({ contentVisibilityAuto: true });
}
"""
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
AT_HOME = """
import os
os.environ.update(DATABASE_URL={database!r}, JUPYTERHUB_USER="anna")
os.chdir({folder!r})
"""


def cells(database: str) -> list[str]:
    """Return the code cells of notebook 04 up to the corrector, on a database of this test."""
    notebook = nbformat.read(NOTEBOOKS / "04_correct.ipynb", as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    corrector = next(place for place, source in enumerate(code) if "lab.correct(" in source)
    return [AT_HOME.format(database=database, folder=str(NOTEBOOKS)), *code[: corrector + 1]]


def decisions(database: str) -> list[tuple]:
    """Return what anna decided, in order: value and outcome."""
    with psycopg.connect(database) as connection:
        return connection.execute(
            "SELECT a.value, a.outcome FROM labkit.annotation a JOIN labkit.annotator w ON w.id = a.annotator_id"
            " WHERE w.name = 'anna' AND w.kind = 'person' ORDER BY a.id"
        ).fetchall()


def meet(page: Page) -> Card:
    """Scroll to the card, which stands below what the cells before it show, and click it."""
    # JupyterLab lays a cell out when it comes into view, and forgets a scroll that came before the output.
    page.wait_for_function(SCROLLED, polling=500, timeout=120_000)
    return Card(page).focus()


def test_keys_pressed_in_the_notebook_are_rows_in_the_store(jupyter_page, database):
    card = meet(jupyter_page(cells(database)))
    total = int(card.count.inner_text().split(" · ")[1].split()[0])
    chosen = card.chosen()
    card.press("a", "x", "Space", "Backspace", "Backspace")
    card.expect_done(1, total - 1)
    assert decisions(database) == [
        (chosen, "parsed"),
        (None, "rejected"),
        (None, "ignored"),
        (None, "undone"),
        (None, "undone"),
    ]


def test_the_notebook_goes_on_where_it_stopped_after_the_kernel_died(jupyter_page, database):
    first = meet(jupyter_page(cells(database)))
    first.press("a", "a", "a")
    expect(first.state).to_have_text("Saved")
    fourth, count = first.text.inner_text(), first.count.inner_text()
    assert count.startswith("3 done")
    execute(first.page, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    first.page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")
    again = meet(jupyter_page(cells(database)))
    expect(again.text).to_have_text(fourth)
    expect(again.count).to_have_text(f"0 done · {count.split(' · ')[1]}")
