"""Spans are marked by mouse and by keyboard, and are Python's characters in PostgreSQL."""

import pytest
from playwright.sync_api import expect

from .card import Card, notebook, rows

pytestmark = pytest.mark.browser

TEXT = "Zoe\u0301 🦊 Lovelace met Grace Hopper in New York.\n\n```\n  by Alan Turing\n```\n\n\u05e9\u05dc\u05dd Ankara"
LABELS = {"PERSON": "a person's name", "PLACE": "", "DATE": ""}
FIND = """
(root, start) => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let node = walker.nextNode();
  for (; start >= node.length; node = walker.nextNode()) start -= node.length;
  const range = new Range();
  range.setStart(node, start);
  range.setEnd(node, start + 1);
  range.startContainer.parentElement.scrollIntoView({ block: "nearest" });
  const box = range.getBoundingClientRect();
  return [box.left + box.width / 2, box.top + box.height / 2];
}
"""


@pytest.fixture
def show(jupyter_page, database):
    """Return what shows texts whose spans are to be marked, with the focus on the card."""

    def shown(*cards, overlap=False):
        fields = [{"text": TEXT, "suggestions": [], **card} for card in cards or [{}] * 4]
        options = {"definitions": LABELS, "settings": {"overlap": overlap}}
        card = Card(jupyter_page(notebook(database, fields, kind="spans", **options)))
        card.root.focus()
        return card

    return shown


def at(words, label="PERSON"):
    """Return the span of some words of the text."""
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "label": label}


def point(card, words, place=0):
    """Return where on the page a character of some words stands."""
    units = len(TEXT[: TEXT.index(words)].encode("utf-16-le")) // 2
    return card.text.evaluate(FIND, units + place % len(words))


def drag(card, start, end, modifier=None):
    """Press the mouse on one character and let it go on another: (words, place in them)."""
    mouse, keyboard = card.page.mouse, card.page.keyboard
    if modifier:
        keyboard.down(modifier)
    (left, top), (right, bottom) = point(card, *start), point(card, *end)
    mouse.move(left - 2, top)
    mouse.down()
    mouse.move((left + right) / 2, (top + bottom) / 2)
    mouse.move(right + 2, bottom)
    mouse.up()
    if modifier:
        keyboard.up(modifier)


def decide(card, database, done):
    """Accept, and return the value that was saved."""
    card.press("a")
    expect(card.count).to_have_text(f"{done} done · {4 - done} left")
    expect(card.state).to_have_text("Saved")
    return rows(database)[-1][1]


def tags(card):
    """Return the label of each span's tag, and whose it is where annotators differ."""
    return card.root.locator(".lk-tag").evaluate_all("all => all.map(e => [e.dataset.label, e.dataset.by ?? null])")


def test_a_drag_marks_whole_words_and_with_alt_characters(show, database):
    card = show()
    drag(card, ("Lovelace", 3), ("Lovelace", 4))
    assert decide(card, database, 1) == [at("Lovelace")]
    card.press("2")
    drag(card, ("Hopper", 2), ("Grace", 1))  # from right to left
    drag(card, ("Turing", 1), ("Turing", 2), "Alt")
    assert decide(card, database, 2) == [at("Grace Hopper", "PLACE"), at("ur", "PLACE")]
    drag(card, ("Zoe", 2), ("Zoe", 2), "Alt")  # the accent is not parted from its letter
    assert decide(card, database, 3) == [{"start": 2, "end": 4, "label": "PLACE"}]


def test_a_double_click_marks_a_word_and_a_click_relabels_and_removes(show, database):
    card = show()
    card.page.mouse.dblclick(*point(card, "Ankara", 2))
    card.page.mouse.dblclick(*point(card, "Grace", 2))
    card.page.mouse.click(*point(card, "Ankara", 3))
    card.press("2")
    card.page.wait_for_timeout(600)  # or it would be the second click of a double one
    card.page.mouse.click(*point(card, "Grace", 2))
    card.root.get_by_role("button", name="DATE").last.click()
    assert decide(card, database, 1) == [at("Grace", "DATE"), at("Ankara", "PLACE")]
    card.page.mouse.dblclick(*point(card, "Grace", 2))
    card.press("Delete", "Delete")  # a second one undoes no decision
    assert decide(card, database, 2) == []
    card.page.mouse.click(*point(card, "York", 2), click_count=3)  # a paragraph is no span: only its second click marks
    assert decide(card, database, 3) == [at("York", "DATE")]


def test_shift_click_extends_and_shortens_the_active_span(show, database):
    card = show()
    card.page.mouse.dblclick(*point(card, "Grace", 2))
    card.page.keyboard.down("Shift")
    card.page.mouse.click(*point(card, "York", 1))
    card.page.keyboard.up("Shift")
    assert decide(card, database, 1) == [at("Grace Hopper in New York")]
    card.page.mouse.dblclick(*point(card, "Grace", 2))
    card.page.keyboard.down("Shift")
    card.page.mouse.click(*point(card, "York", 1))
    card.page.mouse.click(*point(card, "Hopper", 1))
    card.page.mouse.click(*point(card, "met", 1))
    card.page.keyboard.up("Shift")
    assert decide(card, database, 2) == [at("met Grace Hopper")]


def test_spans_are_marked_by_the_keyboard_alone(show, database):
    card = show()
    card.press("ArrowRight", "1", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "2")
    assert decide(card, database, 1) == [at("Zoe\u0301"), at("Lovelace met", "PLACE")]
    card.press("End", "3", "Home", "ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowRight", "1", "Shift+ArrowLeft")
    assert decide(card, database, 2) == [at("Alan"), at("Ankara", "DATE")]
    card.press("ArrowRight", "Alt+ArrowRight", "Alt+ArrowRight", "Shift+Alt+ArrowRight", "2")
    assert decide(card, database, 3) == [{"start": 5, "end": 7, "label": "PLACE"}]


def test_the_start_of_a_span_is_moved_by_the_keyboard(show, database):
    card = show()
    card.page.mouse.dblclick(*point(card, "Hopper", 2))
    card.press("Control+Shift+ArrowLeft", "Control+Shift+ArrowLeft", "Control+Shift+ArrowRight")
    assert decide(card, database, 1) == [at("Grace Hopper")]
    card.page.mouse.dblclick(*point(card, "Grace", 2))
    card.press("Control+Shift+Alt+ArrowRight", "Control+Shift+Alt+ArrowRight", "Control+Shift+Alt+ArrowLeft")
    card.press(*["Control+Shift+ArrowRight"] * 2)  # it never becomes empty
    assert decide(card, database, 2) == [at("race")]
    card.press("End", "1")
    card.press("Control+Shift+ArrowLeft")  # Hebrew before it: the order of the text counts
    assert decide(card, database, 3) == [at(TEXT[TEXT.index("`", TEXT.index("Turing")) + 3 :].strip())]


def test_in_a_text_from_right_to_left_the_arrows_go_as_the_eye_does(show, database):
    hebrew = "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d3\u05d4 \u05dc\u05d1\u05dc\u05d9\u05d9\u05e1"
    fields = {"text": hebrew, "tokens": [[0, 4], [5, 8], [9, 15]]}
    card = show(fields, fields, fields, fields)
    card.press("ArrowLeft", "ArrowLeft", "Shift+ArrowLeft", "1")
    assert decide(card, database, 1) == [{"start": 5, "end": len(hebrew), "label": "PERSON"}]
    card.press("ArrowLeft", "ArrowLeft", "1", "Shift+ArrowLeft", "Shift+ArrowRight", "Control+Shift+ArrowRight")
    assert decide(card, database, 2) == [{"start": 0, "end": 8, "label": "PERSON"}]


def test_overlapping_spans_are_marked_reached_and_removed_by_the_keyboard_alone(show, database):
    card = show(overlap=True)
    card.press(*["ArrowRight"] * 3, "Shift+ArrowRight", "1")  # a name, a fox, and two words
    card.press("Home", "ArrowRight", "ArrowRight", "2")
    inner, outer = at("Lovelace", "PLACE"), at("Lovelace met")
    assert sorted(label for label, _ in tags(card)) == ["PERSON", "PLACE"]
    card.text.focus()
    card.press("Tab")
    expect(card.page.locator(":focus")).to_have_attribute("aria-label", "Lovelace: PLACE")
    card.press("Tab")
    expect(card.page.locator(":focus")).to_have_attribute("aria-label", "Lovelace met: PERSON")
    card.press("Shift+ArrowRight", "Shift+ArrowLeft")
    assert decide(card, database, 1) == [inner, outer]
    card.press("ArrowRight", "1", "ArrowLeft")
    card.text.focus()
    card.press("Tab", "Delete")
    assert decide(card, database, 2) == []


def test_chords_of_the_card_are_not_heard_by_an_application_that_hears_keys_first(show):
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
    card.press("ArrowRight", "1")
    for chord in ("Control+Shift+ArrowLeft", "Control+z", "Control+Shift+z", "Alt+ArrowLeft"):
        card.press(chord)
    heard = card.page.evaluate("window.heard")
    assert set(heard) <= {"Control", "Shift", "Alt"}, heard


def test_spans_are_reached_by_tab_changed_and_removed(show, database):
    said = {
        "annotator": "llm",
        "value": [at("Lovelace"), at("Grace Hopper"), at("New York", "PLACE")],
        "confidence": 0.5,
    }
    card = show({"suggestions": [said]}, {}, {}, {})
    card.text.focus()
    card.press("Tab")
    expect(card.page.locator(":focus")).to_have_attribute("aria-label", "Lovelace: PERSON")
    card.press("3", "Tab", "Delete")
    card.press("Control+z", "Control+Shift+z", "Control+z", "Control+z")
    assert card.root.locator(".lk-tag").count() == 3
    card.press("Control+Shift+z", "Control+Shift+z")
    assert decide(card, database, 1) == [at("Lovelace", "DATE"), at("New York", "PLACE")]


def test_a_span_takes_the_place_of_those_that_it_meets_unless_they_may_overlap(show, database):
    card = show()
    for words in ("Grace", "Hopper"):
        card.page.mouse.dblclick(*point(card, words, 2))
    drag(card, ("Lovelace", 2), ("Grace", 3))
    assert decide(card, database, 1) == [at("Lovelace met Grace"), at("Hopper")]


def test_spans_that_overlap_stand_on_lanes_of_their_own(show, database):
    card = show(overlap=True)
    drag(card, ("New", 0), ("York", -1))
    card.page.mouse.dblclick(*point(card, "York", 2))
    card.press("2")
    assert tags(card) == [["PLACE", None], ["PERSON", None]]
    piece = card.root.locator(".lk-piece", has_text="York").last
    lines = piece.evaluate("e => [e.style.backgroundImage.split('gradient').length - 1, e.style.backgroundPosition]")
    assert lines[0] == 2 and len(set(lines[1].split(", "))) == 2
    card.page.wait_for_timeout(600)
    card.page.mouse.click(*point(card, "York", 2))  # the inner one is active: the next around it
    card.press("3")
    assert decide(card, database, 1) == [at("New York", "DATE"), at("York", "PLACE")]


def test_what_annotators_mark_differently_is_outlined_with_their_names(show, database):
    both, one, other = at("Grace Hopper"), at("New York", "PLACE"), at("York", "PLACE")
    said = [
        {"annotator": "llm", "value": [both, one], "confidence": None},
        {"annotator": "<b>ner</b>", "value": [both, other], "confidence": 0.7},
    ]
    card = show({"suggestions": said}, {}, {}, {})
    assert tags(card) == [["PERSON", None], ["PLACE", "<b>ner</b>"], ["PLACE", "only llm"]]
    assert card.root.locator(".lk-piece.lk-outlined").all_inner_texts() == ["New ", "York"]
    expect(card.root.locator(".lk-chip").first).to_contain_text("PERSON+PLACE")
    card.settle()
    card.root.get_by_title("Take over what <b>ner</b> says").click()
    card.press("Escape")
    assert decide(card, database, 1) == [both, other]
    assert card.root.locator("b").count() == 0


def test_text_with_spans_keeps_every_character(show):
    said = {"annotator": "llm", "value": [at("Lovelace"), at("Alan Turing"), at(TEXT[-10:])], "confidence": None}
    card = show({"suggestions": [said]})
    assert card.text.evaluate("e => e.textContent") == TEXT
    assert card.root.locator(".lk-code").evaluate("e => e.textContent") == "```\n  by Alan Turing\n```\n"
    assert "monospace" in card.root.locator(".lk-code").evaluate("e => getComputedStyle(e).fontFamily")
