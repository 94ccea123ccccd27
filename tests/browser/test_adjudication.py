"""People's differing answers side by side on a card, settled by one key, with how far people agree one key away."""

import pytest
from playwright.sync_api import expect

from .card import Card
from .jupyter import command
from .test_lab import AT_HOME, NOTEBOOKS, decisions
from .test_looks import CONTRASTS, violations

pytestmark = pytest.mark.browser

HOSTILE = "<b>ben</b>"
DECIDE = """
from labkit import Lab
from labkit.review import Queue
lab = Lab("issues")
lab.ingest("data/issues/texts.jsonl")
queue = Queue(lab.texts()[["example"]].head(4).assign(why=""), "in order")
answers = {{
    "anna": [["BUG"], ["BUG"], [], ["DOCUMENTATION"]],
    {hostile!r}: [["DOCUMENTATION"], ["BUG"], ["BUG"], ["DOCUMENTATION"]],
}}
for name, values in answers.items():
    corrector = Lab("issues", person=name).correct(queue, overlap=2)
    for value in values:
        corrector.decide(value, seconds=3.0)
    corrector.close()
"""


@pytest.fixture
def adjudicate(jupyter_page, database):
    """Return the card on which the user of the hub, anna, settles what people differ on."""
    home = AT_HOME.format(database=database, folder=str(NOTEBOOKS))
    card = Card(jupyter_page([home, DECIDE.format(hostile=HOSTILE), "lab.adjudicate()"]))
    return card.focus()


def test_answers_stand_side_by_side_and_one_key_settles_them(adjudicate, database):
    card = adjudicate
    expect(card.count).to_contain_text("0 done · 2 left")
    chips = card.root.locator(".lk-chip")
    expect(chips).to_have_text([f"{HOSTILE}DOCUMENTATIONQ", "annaBUGW"])
    assert card.root.locator(".lk-chip .lk-differs").all_inner_texts() == ["DOCUMENTATION", "BUG"]
    card.press("w", "a")
    expect(chips.first).to_contain_text("BUG")
    card.press("q", "a")
    card.expect_done(2, 0)
    assert len(decisions(database)) == 4, "what anna had decided before stands as it did"
    assert card.root.locator("b").count() == 0


def test_how_far_people_agree_and_how_fast_they_are_is_one_key_away(adjudicate):
    card = adjudicate
    expect(card.button("People").locator("kbd")).to_have_text("P")
    card.press("p")
    panel = card.root.get_by_role("region", name="People")
    expect(panel.get_by_role("columnheader").filter(has_text="kappa")).to_be_visible()
    heads = panel.get_by_role("columnheader").all_inner_texts()
    assert heads == ["person", "decided", "a minute", "changed", "shared", "kappa", "alpha"]
    people = [row.inner_text().split("\t") for row in panel.get_by_role("row").all()[1:]]
    assert [row[:5] for row in people] == [[name, "4", "20.0", "0", "4"] for name in (HOSTILE, "anna")]
    assert people[0][5:] == people[1][5:]
    assert 0 < float(people[0][5]) < 1
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        command(card.page, "apputils:change-theme", theme=theme)
        light = str(theme.endswith("Light")).lower()
        card.page.locator(f"body[data-jp-theme-light={light}]").wait_for(state="attached")
        assert violations(card) == []
        assert [pair for pair in card.root.evaluate(CONTRASTS) if pair[1] < 4.5] == []
    card.press("p")
    expect(panel).to_be_hidden()
