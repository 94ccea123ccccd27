"""A person corrects labels in a real JupyterLab, and what was decided stands in PostgreSQL."""

import psycopg
import pytest
from playwright.sync_api import expect

from .card import Card, notebook, rows
from .jupyter import command, execute

pytestmark = pytest.mark.browser

CELLS = "window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells.map(c => [c.cell_type, c.source])"
TEN = [f"text {n}" for n in range(10)]
SELDOM = "from labkit.widgets import outbox; outbox.FIRST_PAUSE = outbox.LONGEST_PAUSE = 600"


@pytest.fixture
def show(jupyter_page, database):
    """Return what shows a corrector over some texts, with the focus on its card."""

    def shown(texts=TEN, **options):
        return Card(jupyter_page(notebook(database, texts, **options))).focus()

    return shown


def reload(page):
    """Save the notebook, with its outputs, and load the page again."""
    command(page, "docmanager:save")
    page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    page.reload()


def set_table_away(database, away):
    """Take the table of decisions away from the notebook, or bring it back."""
    names = ("decision", "away") if away else ("away", "decision")
    with psycopg.connect(database) as connection:
        connection.execute("ALTER TABLE {} RENAME TO {}".format(*names))


def test_one_key_decides_and_each_decision_is_a_row(show, database):
    card = show()
    assert card.chosen() == ["BUG"]
    card.press("a", "2", "Enter", "1", "Enter", "1", "2", "a", "x", "Space")
    card.expect_done(6, 4)
    assert rows(database) == [
        (0, ["BUG"], "accept"),
        (1, ["BUG", "DOCUMENTATION"], "accept"),
        (2, [], "accept"),
        (3, ["DOCUMENTATION"], "accept"),
        (4, None, "reject"),
        (5, None, "ignore"),
    ]
    expect(card.text).to_have_text("text 6")


def test_backspace_undoes_to_the_first_card_and_no_further(show, database):
    card = show()
    card.press("a", "x", "2", "a")
    card.expect_done(3, 7)
    card.press("Backspace")
    expect(card.text).to_have_text("text 2")
    assert card.chosen() == ["BUG", "DOCUMENTATION"]  # as it was decided
    card.press("Delete", "Backspace", "Backspace", "Backspace")
    card.expect_done(0, 10)
    assert rows(database) == []
    card.press("Space")
    card.expect_done(1, 9)
    assert rows(database) == [(0, None, "ignore")]


def test_a_held_key_decides_once(show, database):
    card = show()
    for key in ("a", "Enter", "Space", "Backspace", "x"):
        for _ in range(5):
            card.page.keyboard.down(key)
        card.page.keyboard.up(key)
    card.expect_done(3, 7)
    assert [answer for *_, answer in rows(database)] == ["accept", "accept", "reject"]


def test_a_double_click_decides_once(show, database):
    card = show()
    card.settle()
    card.button("Accept").dblclick()
    card.expect_done(1, 9)
    card.settle()
    card.button("Reject").click()
    card.expect_done(2, 8)
    assert [answer for *_, answer in rows(database)] == ["accept", "reject"]


def test_keys_go_on_after_a_click_on_a_button(show, database):
    card = show()
    card.settle()
    card.root.locator(".lk-label").last.click()
    card.press("Enter", "x")
    card.expect_done(2, 8)
    assert rows(database) == [(0, ["BUG", "DOCUMENTATION"], "accept"), (1, None, "reject")]


def test_a_button_reached_by_tab_is_pressed_by_its_keys(show, database):
    card = show()
    card.button("Ignore").focus()
    card.press("Enter")
    card.settle()
    card.button("Reject").focus()
    card.press("Space")
    card.expect_done(2, 8)
    assert [answer for *_, answer in rows(database)] == ["ignore", "reject"]


def test_the_notebook_never_takes_a_key_from_the_card(show):
    card = show()
    page = card.page
    before = page.evaluate(CELLS)
    card.press(
        *"1234567890", "a", "x", "b", "d", "d", "m", "y", "r", "z", "c", "v", "i", "i", "0", "0", "Shift+M", "Space"
    )
    card.press("ArrowDown", "ArrowUp", "PageDown", "Home", "End", "Backspace")
    card.expect_done(2, 8)
    assert page.evaluate(CELLS) == before
    assert page.locator(".jp-Dialog").count() == 0


def test_no_key_acts_together_with_another(show, database):
    card = show()
    before = card.page.evaluate(CELLS)
    card.press("Control+1", "Alt+x", "Shift+A", "Control+Backspace", "Control+Delete", "Alt+Backspace")
    expect(card.count).to_have_text("0 done · 10 left")
    assert card.chosen() == ["BUG"]
    assert card.page.evaluate(CELLS) == before
    assert rows(database) == []


def test_escape_gives_the_keys_back_to_the_notebook(show, database):
    card = show()
    card.press("Escape", "b")
    expect(card.page.locator(".jp-Notebook .jp-Cell")).to_have_count(3)
    expect(card.count).to_have_text("0 done · 10 left")
    assert rows(database) == []


def test_hostile_words_are_shown_as_characters(show, jupyter_page):
    bad = """<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>"""
    label = "<b onmouseover=window.hacked=1>BUG</b>"
    said = [
        {"annotator": bad, "value": [label, bad], "confidence": None},
        {"annotator": "cpu", "value": [], "confidence": 1},
    ]
    fields = {"text": bad + "\n\u202eright to left\x07 🦊", "key": bad, "why": bad, "suggestions": said}
    fields |= {"meta": {bad: [bad]}, "note": bad, "flagged": True}
    card = show([fields], definitions={label: bad, "OTHER": ""}, title=bad, guideline=bad, annotators=[bad])
    expect(card.text).to_contain_text(bad)
    expect(card.root.locator(".lk-label-name").first).to_have_text(label)
    expect(card.root.locator(".lk-title")).to_contain_text(bad)
    expect(card.root.locator(".lk-why")).to_have_text(bad)
    expect(card.root.locator(".lk-meta")).to_contain_text(bad)
    expect(card.root.locator(".lk-note")).to_have_value(bad)
    card.press("n")
    card.page.keyboard.type("</textarea>" + bad)
    card.press("Enter", "h", "g")
    expect(card.root.locator(".lk-guideline")).to_have_text(bad)
    card.root.locator(".lk-label").first.hover()
    card.press("a", "b")
    expect(card.root.locator(".lk-row")).to_contain_text(bad[:60])
    expect(card.root.locator(".lk-placeholder")).to_contain_text("That was the last one")
    assert card.root.locator("img, script, b").count() == 0
    assert card.page.evaluate("window.hacked") is None


def test_text_keeps_its_form_and_scrolls_inside_the_card(show):
    text = "\n".join(f"    line {n}\tend" for n in range(500))
    card = show([text, "שלום עולם"])
    assert card.text.evaluate("e => e.textContent") == text
    assert card.text.evaluate("e => e.scrollHeight > 5 * e.clientHeight")
    assert card.root.bounding_box()["height"] < 800
    card.press("PageDown")
    assert card.text.evaluate("e => e.scrollTop") > 0
    card.press("a")
    expect(card.text).to_have_text("שלום עולם")
    assert card.text.evaluate("e => [e.scrollTop, e.matches(':dir(rtl)')]") == [0, True]


def test_what_annotators_say_can_be_taken_over_and_their_difference_is_marked(show, database):
    card = show()
    expect(card.root.locator(".lk-chip")).to_have_text(["llmBUGQ", "cpuBUG+DOCUMENTATION91 %W"])
    assert card.root.locator(".lk-chip .lk-differs").all_inner_texts() == ["DOCUMENTATION"]
    expect(card.root.locator(".lk-label.lk-differs")).to_contain_text("only cpu")
    card.settle()
    card.root.locator(".lk-chip").last.click()
    assert card.chosen() == ["BUG", "DOCUMENTATION"]
    card.press("a", "w", "a", "w", "q", "a", "e", "a")
    card.expect_done(4, 6)
    assert [value for _, value, _ in rows(database)] == [["BUG", "DOCUMENTATION"]] * 2 + [["BUG"]] * 2


def test_a_choice_takes_one_label(show, database):
    card = show([{"text": "a", "suggestions": []}, "b", "c"], kind="choice")
    assert card.chosen() == []
    expect(card.button("None applies")).to_be_visible()
    card.press("1", "2")
    assert card.chosen() == ["DOCUMENTATION"]
    card.press("Enter", "1", "Enter", "2", "2", "a")
    card.expect_done(3, 0)
    assert [value for _, value, _ in rows(database)] == [["DOCUMENTATION"], [], []]


def test_a_digit_decides_where_that_is_asked_for(show, database):
    card = show(kind="choice", auto_accept=True)
    card.press("1", "2", "9", "2")
    card.expect_done(3, 7)
    assert [value for _, value, _ in rows(database)] == [["BUG"], ["DOCUMENTATION"], ["DOCUMENTATION"]]


def test_nothing_is_said_to_be_saved_before_it_is(show, database):
    card = show()
    execute(card.page, SELDOM)
    card.press("a")
    card.expect_done(1, 9)
    set_table_away(database, True)
    card.press("x")
    expect(card.state).to_have_text("Not saved: 1, retrying")
    set_table_away(database, False)
    card.button("Retry now").click()
    card.expect_done(2, 8)
    set_table_away(database, True)
    card.press("2", "a", "Space")
    expect(card.count).to_have_text("4 done · 6 left")
    expect(card.state).to_have_text("Not saved: 2, retrying")
    expect(card.root.get_by_role("alert")).to_contain_text("Saving raised UndefinedTable. What you decided is kept")
    set_table_away(database, False)
    retry = card.root.locator("button", has_text="Retry now")
    retry.dispatch_event("click")  # it may be gone by now: each decision tries those before it again
    card.expect_done(4, 6)
    assert [(example, answer) for example, _, answer in rows(database)] == [
        (0, "accept"),
        (1, "reject"),
        (2, "accept"),
        (3, "ignore"),
    ]


def test_a_kernel_that_is_busy_is_not_taken_for_saved(show, database, jupyter):
    card = show()
    with jupyter.held():
        card.press("a", "x")
        expect(card.text).to_have_text("text 2")
        assert card.state.inner_text() in ("Saving 2", "Not saved: 2, retrying")
        expect(card.root.get_by_role("alert")).to_contain_text("No answer: the kernel")
        expect(card.state).to_have_text("Not saved: 2, retrying")
    expect(card.state).to_have_text("Saved")
    assert [answer for *_, answer in rows(database)] == ["accept", "reject"]


def test_a_page_that_is_loaded_again_goes_on_at_the_same_card(show, database):
    card = show()
    card.press("a", "x")
    card.expect_done(2, 8)
    reload(card.page)
    card = Card(card.page).focus()
    expect(card.text).to_have_text("text 2")
    card.press("Backspace", "Space")
    card.expect_done(2, 8)
    assert [answer for *_, answer in rows(database)] == ["accept", "ignore"]


def test_undo_goes_back_without_limit_after_the_page_was_loaded_again(show, database):
    card = show([f"text {n}" for n in range(40)])
    for done in (7, 14, 21, 28):  # as many at a time as the page holds cards
        card.press(*["x"] * 7)
        card.expect_done(done, 40 - done)
    reload(card.page)
    card = Card(card.page).focus()
    card.press(*["Backspace"] * 28)
    expect(card.text).to_have_text("text 0")
    card.expect_done(0, 40)
    assert rows(database) == []


def test_two_views_of_one_corrector_stay_together(jupyter_page, database):
    cells = [*notebook(database, TEN), "from IPython.display import display\ndisplay(corrector, corrector)"]
    cells[1] = cells[1].removesuffix("corrector\n")
    page = jupyter_page(cells)
    first = Card(page).focus()
    second = page.locator(".lk-corrector .lk-text").nth(1)
    first.press("a", "a")
    first.expect_done(2, 8)
    expect(second).to_have_text("text 2")
    second.click()
    first.press("x")
    first.expect_done(3, 7)
    expect(first.text).to_have_text("text 3")
    assert [answer for *_, answer in rows(database)] == ["accept", "accept", "reject"]


def test_the_end_is_said_and_can_be_undone(show, database):
    card = show(["only"])
    card.press("a", "a", "x", "1")
    card.expect_done(1, 0)
    expect(card.root.locator(".lk-placeholder")).to_contain_text("Every text of this queue has a decision.")
    card.press("Backspace")
    expect(card.text).to_have_text("only")
    card.expect_done(0, 1)
    assert rows(database) == []


def test_a_key_that_comes_before_its_text_decides_on_nothing_and_says_so(show, database, jupyter):
    texts = [*TEN, {"text": "far", "suggestions": []}]
    card = show(texts)
    with jupyter.held():
        card.press(*["x"] * 11)
        expect(card.root.get_by_role("alert")).to_contain_text("that key did nothing")
    expect(card.text).to_be_visible()
    decided = int(card.count.inner_text().split()[0])
    card.expect_done(decided, 11 - decided)
    assert decided < 11
    assert [example for example, *_ in rows(database)] == list(range(decided))


def test_a_blind_card_says_so_and_suggests_nothing(show, database):
    card = show([{"text": "a", "blind": True}, "b"])
    expect(card.root.locator(".lk-blind")).to_contain_text("without any suggestion")
    assert card.root.locator(".lk-chip").count() == 0
    assert card.chosen() == []
    card.press("q", "2", "a")
    expect(card.root.locator(".lk-chip")).to_have_count(2)
    card.expect_done(1, 1)
    assert rows(database) == [(0, ["DOCUMENTATION"], "accept")]


def test_the_pace_and_what_was_changed_are_told(show):
    card = show()
    card.press("a", "2", "a", "x", "Space")
    expect(card.root.locator(".lk-pace")).to_contain_text("this sitting 4, 2 of 4 changed")
    expect(card.root.locator(".lk-pace")).to_contain_text("a minute")


def test_what_was_chosen_is_kept_while_one_goes_back(show, database):
    card = show()
    card.press("a", "2", "Backspace")
    expect(card.text).to_have_text("text 0")
    card.press("a")
    expect(card.text).to_have_text("text 1")
    assert card.chosen() == ["BUG", "DOCUMENTATION"]
