"""What lies one key away from a decision: notes, flags, the guideline, history, other keys, and many labels."""

import psycopg
import pytest
from playwright.sync_api import expect

from .card import LABELS, Card, notebook, rows
from .jupyter import execute
from .test_corrector import SELDOM, set_table_away

pytestmark = pytest.mark.browser

TEN = [f"text {n}" for n in range(10)]
MANY = {f"LABEL {n}": "" for n in range(1, 31)}


@pytest.fixture
def show(jupyter_page, database):
    """Return what shows a corrector over some texts, with the focus on its card."""

    def shown(texts=TEN, **options):
        return Card(jupyter_page(notebook(database, texts, **options))).focus()

    return shown


def notes(database):
    """Return the note and the flag of each decision, in order."""
    with psycopg.connect(database) as connection:
        return connection.execute("SELECT note, flagged FROM decision ORDER BY number").fetchall()


def test_a_note_and_a_flag_go_with_the_decision(show, database):
    card = show()
    card.press("n")
    card.page.keyboard.type("ask 1 ax Ben")  # its letters and digits are no keys of the card
    card.press("Enter", "f")
    expect(card.root.locator(".lk-note")).to_have_value("ask 1 ax Ben")
    expect(card.root.locator(".lk-flagged")).to_be_visible()
    card.press("a")
    expect(card.root.locator(".lk-note")).to_be_hidden()
    expect(card.root.locator(".lk-flagged").first).to_be_hidden()
    card.press("f", "f", "x")
    card.expect_done(2, 8)
    assert notes(database) == [("ask 1 ax Ben", True), ("", False)]


def test_a_note_is_left_by_escape_and_the_keys_go_on(show, database):
    card = show()
    card.settle()
    card.button("Note").click()
    card.page.keyboard.type("x")
    card.press("Escape", "Space")
    card.expect_done(1, 9)
    assert rows(database) == [(0, None, "ignore")]
    assert notes(database) == [("x", False)]


def test_the_guideline_and_what_labels_mean_are_one_key_away(show):
    hostile = "[here](javascript:window.hacked=1) <img src=x onerror='window.hacked=1'>"
    card = show(guideline=f"# How\n\nRead the **title** [first](https://example.org).\n\n{hostile}")
    card.press("g")
    panel = card.root.get_by_role("region", name="Guideline")
    expect(panel.locator("h5")).to_have_text("How")
    expect(panel.locator("strong")).to_have_text("title")
    expect(panel).to_contain_text("here <img src=x onerror='window.hacked=1'>")
    assert panel.locator("a").evaluate_all("links => links.map((link) => link.href)") == ["https://example.org/"]
    assert card.page.evaluate("window.hacked") is None
    expect(panel).to_contain_text(LABELS["BUG"])
    expect(card.button("Guideline")).to_have_attribute("aria-expanded", "true")
    card.press("g")
    expect(panel).to_be_hidden()
    card.root.locator(".lk-label").first.hover()
    expect(card.root.locator(".lk-definition").first).to_be_visible()
    card.press("2")
    expect(card.root.locator(".lk-definition").first).to_be_hidden()


def test_help_tells_the_keys_and_escape_closes_it(show):
    card = show()
    card.press("h")
    panel = card.root.locator(".lk-help")
    expect(panel).to_contain_text("undo the last decision")
    card.press("a")  # the card has the keys while help is open
    card.expect_done(1, 9)
    card.press("Escape")
    expect(panel).to_be_hidden()
    card.press("?")
    expect(panel).to_be_visible()


def test_history_goes_back_to_any_decision_and_changes_it(show, database):
    card = show([f"text {n}" for n in range(30)])
    for done in (7, 14):  # as many at a time as the page holds cards
        card.press(*["a"] * 7)
        card.expect_done(done, 30 - done)
    card.press("x", "b")
    rows_shown = card.root.locator(".lk-row")
    expect(rows_shown).to_have_count(10)
    expect(rows_shown.first).to_contain_text("text 14")
    expect(rows_shown.first).to_contain_text("rejected")
    card.button("Earlier").click()
    expect(rows_shown.first).to_contain_text("text 4")
    card.press("1", "x", "ArrowDown", "ArrowDown", "Enter")  # in the list, no letter decides
    expect(card.text).to_have_text("text 2")
    expect(card.root.locator(".lk-visit")).to_contain_text("You decided: BUG")
    card.press("2", "a")
    expect(card.text).to_have_text("text 15")
    card.expect_done(15, 15)
    assert rows(database)[-1] == (2, ["BUG", "DOCUMENTATION"], "accept")
    assert len(rows(database)) == 16


def test_an_earlier_text_is_left_as_it_was(show, database):
    card = show()
    card.press("a", "a", "2", "b", "ArrowDown", "Enter")
    expect(card.text).to_have_text("text 0")
    card.press("2", "Escape")
    expect(card.text).to_have_text("text 2")
    assert card.chosen() == ["BUG", "DOCUMENTATION"]  # what was chosen before one went back
    card.press("b", "ArrowDown", "Enter", "Backspace")
    expect(card.text).to_have_text("text 2")
    card.expect_done(2, 8)


def test_keys_are_changed_in_the_help(show, database):
    card = show()
    card.press("h")
    card.root.get_by_title("Another key for: reject").click()
    card.press("z")
    expect(card.button("Reject").locator("kbd")).to_have_text("Z")
    card.root.get_by_title("Another key for: accept").click()
    card.press("z")  # taken: the two change places
    expect(card.button("Accept").locator("kbd")).to_have_text("Z")
    expect(card.button("Reject").locator("kbd")).to_have_text("A")
    for refused in ("5", "F1", "ArrowUp"):
        card.root.get_by_title("Another key for: flag").click()
        card.press(refused)
        expect(card.root.locator(".lk-help")).to_contain_text("That key can't be changed")
    card.press("Escape", "z", "a", "x", "Enter")
    card.expect_done(3, 7)
    assert [answer for *_, answer in rows(database)] == ["accept", "reject", "accept"]
    card.press("h")
    card.settle()
    card.button("Usual keys").click()
    expect(card.button("Accept").locator("kbd")).to_have_text("A")


def test_keys_that_a_person_keeps_are_those_that_work(show, database):
    card = show(keys={"accept": "y", "reject": "1", "party": "p"})
    card.press("y", "x")
    card.expect_done(2, 8)
    assert [answer for *_, answer in rows(database)] == ["accept", "reject"]


def test_a_label_without_a_digit_is_found_by_its_name(show, database):
    card = show([{"text": text, "suggestions": []} for text in TEN], definitions=MANY)
    assert card.root.locator(".lk-label kbd").all_inner_texts() == [*"1234567890", *["L …"] * 20]
    card.press("0", "l")
    card.page.keyboard.type("label 27")
    expect(card.root.locator(".lk-label:visible")).to_have_count(1)
    card.press("Enter")
    expect(card.root.locator(".lk-label:visible")).to_have_count(30)
    assert card.chosen() == ["LABEL 10", "LABEL 27"]
    card.press("l", "Escape", "a")
    card.expect_done(1, 9)
    assert rows(database) == [(0, ["LABEL 10", "LABEL 27"], "accept")]


def test_every_digit_every_annotators_key_and_every_key_that_scrolls_does_what_it_says(show, database):
    labels = {f"LABEL {n}": "" for n in range(10)}
    said = [{"annotator": f"a{n}", "value": [f"LABEL {n}"], "confidence": None} for n in range(5)]
    card = show([{"text": "line\n" * 300, "suggestions": said}] * 3, definitions=labels)
    for key, label in zip("1234567890", labels, strict=True):
        before = card.chosen()
        card.press(key)
        assert set(card.chosen()) ^ set(before) == {label}, key
        card.press(key)
        assert card.chosen() == before, key
    for key, each in zip("qwert", said, strict=True):
        card.press(key)
        assert card.chosen() == each["value"], key
    top = "e => e.scrollTop"
    for down, up in (("PageDown", "PageUp"), ("ArrowDown", "ArrowUp")):
        card.press(down)
        assert card.text.evaluate(top) > 0, down
        card.press(up)
        assert card.text.evaluate(top) == 0, up
    card.press("Enter")
    card.expect_done(1, 2)
    assert rows(database) == [(0, ["LABEL 4"], "accept")]


def test_control_s_sends_again_what_is_not_saved_and_saves_the_notebook(show, database):
    card = show()
    execute(card.page, SELDOM)
    card.press("a")
    card.expect_done(1, 9)
    set_table_away(database, True)
    card.press("x")
    expect(card.state).to_have_text("Not saved: 1, retrying")
    set_table_away(database, False)
    card.page.evaluate("window.jupyterapp.shell.currentWidget.context.model.dirty = true")
    card.press("Control+s")
    card.expect_done(2, 8)
    card.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    assert [answer for *_, answer in rows(database)] == ["accept", "reject"]


def test_an_application_that_hears_keys_before_the_card_leaves_it_its_own(show, jupyter_page):
    """Notebook 7 takes keys on their way down, but for those of elements that say so."""
    card = show()
    card.page.evaluate(
        """() => {
          window.heard = [];
          const hear = (event) => {
            if (!event.target.closest("[data-lm-suppress-shortcuts]")) window.heard.push(event.key);
          };
          document.addEventListener("keydown", hear, { capture: true });
        }"""
    )
    card.press("a", "1", "x", "Space", "Backspace", "n")
    card.page.keyboard.type("a note")
    card.press("Enter", "Control+b")
    card.expect_done(2, 8)
    assert card.page.evaluate("window.heard") == ["Control", "b"]
