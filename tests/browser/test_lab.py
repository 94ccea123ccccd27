"""The notebook that ships, in a real JupyterLab: keys are pressed, and decisions stand in PostgreSQL."""

from pathlib import Path

import nbformat
import psycopg
import pytest
from playwright.sync_api import Page, expect

from labkit import Lab

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
CORRECT = """
from labkit import Lab
lab = Lab({project!r})
lab.ingest("data/{project}/texts.jsonl")
lab.annotate("llm")
lab.annotate("llm-bare")
lab.correct(lab.compare("llm", "llm-bare").queue())
"""


def quick(database: str, project: str = "issues") -> list[str]:
    """Return the cells of a notebook that trains nothing and corrects a project that ships."""
    return [AT_HOME.format(database=database, folder=str(NOTEBOOKS)), CORRECT.format(project=project)]


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
    page.wait_for_function(SCROLLED, polling=500, timeout=400_000)
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


def kill(page: Page) -> None:
    """End the kernel without a word, and close its notebook."""
    execute(page, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    page.evaluate("window.jupyterapp.shell.currentWidget.dispose()")


def test_undo_goes_back_without_limit_after_the_kernel_died(jupyter_page, database):
    card = meet(jupyter_page(quick(database)))
    first = card.text.inner_text()
    card.press("2", "a", "x", "n")
    card.page.keyboard.type("ask Ben")
    card.press("Enter", "f")
    expect(card.state).to_have_text("Saved")
    third, count = card.text.inner_text(), card.count.inner_text()
    assert count.startswith("2 done")
    kill(card.page)
    card = meet(jupyter_page(quick(database)))
    expect(card.text).to_have_text(third, use_inner_text=True)
    expect(card.count).to_have_text(count)
    expect(card.root.locator(".lk-note")).to_have_value("ask Ben")
    expect(card.root.locator(".lk-flagged").first).to_be_visible()
    card.press("b", "ArrowDown", "Enter")
    expect(card.root.locator(".lk-visit")).to_contain_text("You decided:")
    card.press("Escape", "Backspace", "Backspace")
    expect(card.text).to_have_text(first, use_inner_text=True)
    card.press("Backspace")  # there is nothing before the first
    expect(card.count).to_contain_text("0 done")
    expect(card.state).to_have_text("Saved")
    assert [outcome for _, outcome in decisions(database)][-2:] == ["undone", "undone"]


def test_a_text_is_searched_for_and_opened(jupyter_page, database):
    card = meet(jupyter_page(quick(database)))
    card.press("a", "s")
    total = card.root.locator(".lk-panel:visible [role=status]")
    expect(total).to_contain_text("texts")
    card.page.keyboard.type("e")  # no key of the card: it is typed into the field
    card.root.get_by_label("outcome").select_option("undecided")
    card.root.get_by_label("They differ").check()
    expect(card.root.locator(".lk-row-words").first).to_contain_text("llm-bare:")
    key = card.root.locator(".lk-row").nth(3).evaluate("e => { e.click(); return e.title; }")
    expect(card.root.locator(".lk-key")).to_have_text(key)
    card.press("f", "x")
    expect(card.root.locator(".lk-key")).not_to_have_text(key)
    card.press("s")
    card.root.get_by_label("They differ").uncheck()
    card.root.get_by_label("outcome").select_option("reject")
    expect(total).to_have_text("1 text")
    card.root.get_by_label("outcome").select_option("accept")
    expect(card.root.locator(".lk-row-words").first).not_to_have_text("rejected")
    card.root.locator(".lk-row").first.click()
    expect(card.root.locator(".lk-visit")).to_contain_text("You decided:")
    expect(card.state).to_have_text("Saved")
    assert [outcome for _, outcome in decisions(database)][1:] == ["rejected"]


def test_spans_that_annotators_gave_are_corrected_in_the_notebook(jupyter_page, database):
    card = meet(jupyter_page(quick(database, "news")))
    text = card.text.evaluate("e => e.textContent")
    card.press("w", "Home", "3", "a")  # the second annotator's spans, and the first word is a date
    expect(card.count).to_contain_text("1 done")
    expect(card.state).to_have_text("Saved")
    ((value, outcome),) = decisions(database)
    assert outcome == "parsed"
    assert value[0]["label"] == "DATE" and value[0]["start"] == 0
    assert text[: value[0]["end"]] in text.split()[0]


def test_pages_of_what_was_found_are_the_same_forth_and_back(jupyter_page, database, monkeypatch, tmp_path):
    card = meet(jupyter_page(quick(database)))
    monkeypatch.setenv("DATABASE_URL", database)
    others = tmp_path / "others.csv"
    others.write_text("\n".join(["text", *(f"text {number}" for number in range(310))]))
    lab = Lab("issues", root=NOTEBOOKS.parent)
    lab.ingest(others, near=None)
    lab.store.close()
    card.press("s")
    panel = card.root.locator(".lk-panel:visible")
    first, total = panel.locator(".lk-row").first, panel.get_by_role("status")
    more, back = (panel.get_by_role("button", name=name, exact=True) for name in ("More", "Back"))
    passed = []
    expect(total).to_have_text("1000 texts or more")
    while more.is_enabled():
        passed.append(first.get_attribute("title"))
        more.click()
        expect(first).not_to_have_attribute("title", passed[-1])
    assert len(passed) >= 1000 / 50 and panel.locator(".lk-row").count() < 50
    for key in reversed(passed):
        expect(total).to_have_text("1000 texts or more")
        back.click()
        expect(first).to_have_attribute("title", key)
    expect(back).to_be_disabled()
