"""Spans are related by mouse and by keyboard: two spans, one key; what is drawn says which way each relation goes."""

import pytest
from playwright.sync_api import expect

from .card import Card, notebook, rows
from .jupyter import command
from .test_looks import CONTRASTS, violations

pytestmark = pytest.mark.browser

TEXT = "Zoe\u0301 🦊 lives in <b>Bern</b> with Max.\nMax comes from Oslo."
LABELS = {"LIVES_IN": "whose home it is", "MARRIED_TO": "", "COMES_FROM": ""}
SPAN_LABELS = ["PERSON", "PLACE"]
ARROWS = """
root => [...root.querySelectorAll("path.lk-arc")].map((path) => {
  const end = path.getPointAtLength(path.getTotalLength());
  const box = path.getBBox();
  return { from: path.getPointAtLength(0).x, to: end.x, top: box.y, height: box.height };
})
"""


def at(words, label="PERSON", place=0):
    """Return the span of some words of the text."""
    start = -1
    for _ in range(place + 1):
        start = TEXT.index(words, start + 1)
    return {"start": start, "end": start + len(words), "label": label}


ZOE, BERN, MAX = at("Zoe\u0301"), at("Bern", "PLACE"), at("Max")
MAX_AGAIN, OSLO = at("Max", place=1), at("Oslo", "PLACE")
SPANS = [ZOE, BERN, MAX, MAX_AGAIN, OSLO]


def related(head, label, tail):
    """Return a relation."""
    return {"head": head, "tail": tail, "label": label}


@pytest.fixture
def show(jupyter_page, database):
    """Return what shows four texts with these suggestions of annotators, with the focus on the card."""

    def shown(*suggestions, **options):
        said = [
            {"annotator": name, "value": [*SPANS, *links], "confidence": None}
            for name, links in suggestions or [("llm", [])]
        ]
        settings = {"definitions": LABELS, "settings": {"span_labels": SPAN_LABELS}}
        fields = [{"text": TEXT, "suggestions": said}] * 4
        card = Card(jupyter_page(notebook(database, fields, kind="relations", **settings, **options)))
        card.root.focus()
        card.settle()
        return card

    return shown


def decide(card, database, done):
    """Accept, and return the relations that were saved."""
    card.press("a")
    card.expect_done(done, 4 - done)
    saved = rows(database)[-1][1]
    card.settle()
    return [item for item in saved if "head" in item]


def tag(card, place):
    """Return the tag of a span, by its place in the text."""
    return card.root.locator(".lk-text .lk-tag").nth(place)


def listed(card):
    """Return what a screen reader says of each relation in the list."""
    return card.root.locator(".lk-relation").evaluate_all("all => all.map(e => e.getAttribute('aria-label'))")


def hint(card):
    """Return where the sentence stands that says what the next key does."""
    return card.root.locator(".lk-relation-hint")


def test_two_clicks_and_a_digit_relate_two_spans_from_the_first_to_the_second(show, database):
    card = show()
    tag(card, 0).click()
    expect(hint(card)).to_have_text("From “Zoe\u0301”: now the span that it goes to, or a number for its own label.")
    tag(card, 1).click()
    expect(hint(card)).to_have_text("From “Zoe\u0301” to “Bern”: press the number of the relation.")
    card.press("1")
    assert listed(card) == ["Zoe\u0301 LIVES_IN Bern"]
    tag(card, 2).click()
    tag(card, 0).click()
    card.root.get_by_role("button", name="MARRIED_TO").last.click()
    assert decide(card, database, 1) == [related(ZOE, "LIVES_IN", BERN), related(MAX, "MARRIED_TO", ZOE)]
    expect(card.root.get_by_role("button", name="No relations")).to_be_visible()
    assert decide(card, database, 2) == []


def test_relations_are_made_by_the_keyboard_alone(show, database):
    card = show()
    card.text.focus()
    card.press("Tab")
    expect(card.page.locator(":focus")).to_have_attribute("aria-label", "Zoe\u0301: PERSON")
    card.press("Enter", "Tab", "Tab")
    expect(hint(card)).to_have_text("From “Zoe\u0301” to “Max”: press the number of the relation.")
    card.press("2")
    assert listed(card) == ["Zoe\u0301 MARRIED_TO Max"]
    card.press("d")  # the relation is still the active one
    assert listed(card) == ["Max MARRIED_TO Zoe\u0301"]
    card.press("3")
    assert decide(card, database, 1) == [related(MAX, "COMES_FROM", ZOE)]


def test_a_relation_in_the_list_is_changed_turned_and_removed_and_all_of_it_undone(show, database):
    links = [related(ZOE, "LIVES_IN", BERN), related(MAX, "MARRIED_TO", ZOE)]
    card = show(("llm", links))
    row = card.root.locator(".lk-relation")
    row.first.focus()
    card.press("3")
    assert listed(card) == ["Zoe\u0301 COMES_FROM Bern", "Max MARRIED_TO Zoe\u0301"]
    expect(row.first).to_be_focused()  # the keys go on with it
    card.press("d")
    assert listed(card) == ["Bern COMES_FROM Zoe\u0301", "Max MARRIED_TO Zoe\u0301"]
    card.press("Delete", "Delete")  # the second one undoes no decision
    assert listed(card) == ["Max MARRIED_TO Zoe\u0301"]
    card.press("Control+z", "Control+z", "Control+z")
    assert listed(card) == ["Zoe\u0301 LIVES_IN Bern", "Max MARRIED_TO Zoe\u0301"]
    card.press("Control+Shift+z")
    assert decide(card, database, 1) == [related(ZOE, "COMES_FROM", BERN), links[1]]


def test_relations_go_with_their_spans(show, database):
    card = show(("llm", [related(ZOE, "LIVES_IN", BERN), related(MAX, "MARRIED_TO", ZOE)]))
    tag(card, 1).click()
    card.press("1")  # nothing else is picked: it is the span's own label
    assert listed(card) == ["Zoe\u0301 LIVES_IN Bern", "Max MARRIED_TO Zoe\u0301"]
    card.press("Escape")
    tag(card, 2).click()
    card.press("Delete")
    assert listed(card) == ["Zoe\u0301 LIVES_IN Bern"]
    card.press("Control+z")
    assert listed(card) == ["Zoe\u0301 LIVES_IN Bern", "Max MARRIED_TO Zoe\u0301"]
    bern = {**BERN, "label": "PERSON"}
    assert decide(card, database, 1) == [related(ZOE, "LIVES_IN", bern), related(MAX, "MARRIED_TO", ZOE)]


def test_what_annotators_relate_differently_is_outlined_with_their_names_and_taken_over(show, database):
    both, one = related(ZOE, "LIVES_IN", BERN), related(ZOE, "MARRIED_TO", MAX)
    other = related(MAX, "MARRIED_TO", ZOE)
    card = show(("llm", [both, one]), ("<b>anna</b>", [both, other]))
    assert listed(card) == [
        "Zoe\u0301 LIVES_IN Bern",
        "Zoe\u0301 MARRIED_TO Max, only llm",
        "Max MARRIED_TO Zoe\u0301: take it, as <b>anna</b> says",
    ]
    assert card.root.locator(".lk-outlined-relation").count() == 2
    labels = card.root.locator(".lk-arc-label").evaluate_all("all => all.map(e => e.dataset.label)")
    assert labels == ["LIVES_IN", "MARRIED_TO · only llm", "MARRIED_TO · <b>anna</b>"]
    expect(card.root.locator(".lk-chip").first).to_contain_text("LIVES_IN+MARRIED_TO")
    card.root.get_by_title("Take over what <b>anna</b> says").click()
    card.press("Delete")
    assert listed(card)[1] == "Zoe\u0301 MARRIED_TO Max, only llm"
    card.root.get_by_title("Take over what <b>anna</b> says").click()
    assert decide(card, database, 1) == [both, one, other]
    assert card.root.locator("b").count() == 0


def test_arcs_go_from_head_to_tail_above_the_text_and_leave_it_as_it_is(show):
    links = [related(ZOE, "LIVES_IN", BERN), related(MAX, "MARRIED_TO", ZOE), related(ZOE, "COMES_FROM", OSLO)]
    card = show(("llm", links))
    assert card.text.evaluate("e => e.textContent") == TEXT
    lives, married, out, back = card.root.evaluate(ARROWS)
    zoe, bern = (tag(card, place).bounding_box()["x"] for place in range(2))
    left = card.text.bounding_box()["x"]
    assert left + lives["from"] < zoe < left + lives["to"] < bern  # a tag stands behind its span
    assert left + married["to"] < zoe and bern < left + married["from"]
    assert len({arc["top"] for arc in (lives, married, out)}) == 3  # no two on one another
    assert out["top"] < back["top"]  # it comes in again on the line below
    card.text.evaluate("e => { e.style.width = '300px'; }")
    card.page.wait_for_function(
        "() => [...document.querySelectorAll('path.lk-arc')].every((path) => path.getBBox().x < 300)"
    )


def test_a_card_of_relations_can_be_read_in_both_themes(show):
    links = [related(ZOE, "LIVES_IN", BERN), related(ZOE, "MARRIED_TO", MAX)]
    card = show(("llm", links), ("anna", [related(MAX, "MARRIED_TO", ZOE)]), guideline="Read it.")
    tag(card, 0).click()
    tag(card, 3).click()
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        command(card.page, "apputils:change-theme", theme=theme)
        light = str(theme.endswith("Light")).lower()
        card.page.locator(f"body[data-jp-theme-light={light}]").wait_for(state="attached")
        assert violations(card) == []
        assert [pair for pair in card.root.evaluate(CONTRASTS) if pair[1] < 4.5] == []


def test_the_guideline_explains_both_kinds_of_label_and_help_names_the_keys(show):
    card = show()
    card.press("g")
    names = card.root.locator(".lk-panel:visible dt").all_inner_texts()
    assert names == [*LABELS, *SPAN_LABELS]
    card.press("h")
    expect(card.root.locator(".lk-help")).to_contain_text("relate two spans")
    expect(card.root.locator(".lk-help")).to_contain_text("turn the active relation round")
