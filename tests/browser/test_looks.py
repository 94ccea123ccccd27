"""What is drawn can be read: in both themes, in a narrow column, by contrast, by name, and by axe-core's rules."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .card import LABELS, Card, notebook
from .jupyter import command

pytestmark = pytest.mark.browser

# The contrast of two colours as WCAG 2.2 defines it ("contrast ratio"), each drawn on what lies behind it.
CONTRASTS = """
root => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const layers = (e) => (e ? [...layers(e.parentElement), getComputedStyle(e).backgroundColor] : []);
  const drawn = (colours) => {
    canvas.fillStyle = "white";
    canvas.fillRect(0, 0, 1, 1);
    colours.forEach((colour) => { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); });
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  return [...root.querySelectorAll("*")].filter((e) => own(e) && e.checkVisibility({ visibilityProperty: true }))
    .filter((e) => !e.closest(":disabled")).map((e) => {
      const behind = layers(e);
      const [a, b] = [light(drawn(behind)), light(drawn([...behind, getComputedStyle(e).color]))].sort();
      return [e.className || e.tagName, (b + 0.05) / (a + 0.05)];
    });
}
"""

OUTSIDE = """
(root, [left, right]) => [...root.querySelectorAll("*")].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.width && e.checkVisibility({ visibilityProperty: true }) && (box.left < left || box.right > right + 1);
}).map((e) => e.className)
"""

FAILING = "def save(d): raise RuntimeError"


def outside(card):
    """Return what sticks out of the card on the left or right."""
    box = card.root.bounding_box()
    return card.root.evaluate(OUTSIDE, [box["x"], box["x"] + box["width"]])


SPANS = [
    {"annotator": "llm", "value": [{"start": 0, "end": 12, "label": "PERSON"}], "confidence": None},
    {"annotator": "ner", "value": [{"start": 4, "end": 12, "label": "PERSON"}], "confidence": 0.7},
]


@pytest.fixture(params=["JupyterLab Light", "JupyterLab Dark"])
def themed(request, jupyter_page):
    """Return what opens a notebook in one of JupyterLab's themes, with the focus on its card."""

    def opened(cells):
        card = Card(jupyter_page(cells))
        command(card.page, "apputils:change-theme", theme=request.param)
        light = str(request.param.endswith("Light")).lower()
        card.page.locator(f"body[data-jp-theme-light={light}]").wait_for(state="attached")
        return card.focus()

    return opened


def violations(card):
    """Return what axe-core finds serious or critical in the card, once its colours have changed."""
    card.rest()
    found = Axe().run(card.page, ".lk-corrector").response["violations"]
    return [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]


def test_every_word_has_the_contrast_that_small_text_needs(themed, database):
    setup, show = notebook(database, ["text"] * 3, guideline="Read it.")
    card = themed([setup, FAILING, show])
    card.press("h", "a", "g")
    expect(card.root.get_by_role("alert")).to_be_visible()
    card.rest()
    contrasts = card.root.evaluate(CONTRASTS)
    assert len(contrasts) > 30
    assert [pair for pair in contrasts if pair[1] < 4.5] == []


def test_axe_finds_nothing_serious_on_a_card_of_labels_in_any_state(themed, database):
    many = {f"LABEL {number}": "what it means" for number in range(12)}
    texts = [{"text": "first", "meta": {"from": "a file"}}, {"text": "second", "blind": True}, *["text"] * 6]
    card = themed(notebook(database, texts, definitions=many | LABELS, guideline="Read it."))
    assert violations(card) == []
    for key in "hgbnl":
        card.press(key)
        assert (key, violations(card)) == (key, [])
        card.press("Escape")
    card.press("f", "a")
    expect(card.root.locator(".lk-blind")).to_be_visible()
    assert violations(card) == []
    card.press("a", "b", "Enter")
    expect(card.root.locator(".lk-visit")).to_be_visible()
    assert violations(card) == []
    card.press("Escape", *["x"] * 6)
    expect(card.root.locator(".lk-placeholder")).to_be_visible()
    assert violations(card) == []


def test_axe_finds_nothing_serious_on_a_card_of_spans(themed, database):
    fields = {"text": "Ada Lovelace met Ada.", "suggestions": SPANS}
    card = themed(notebook(database, [fields], kind="spans", definitions={"PERSON": "a name", "DATE": ""}))
    assert violations(card) == []
    card.settle()
    card.root.locator(".lk-tag").last.click()
    card.press("h")
    assert violations(card) == []


def test_high_contrast_shows_what_is_chosen_and_marked_and_nothing_moves(jupyter_page, database):
    fields = {"text": "Ada Lovelace met Ada.", "suggestions": SPANS}
    options = {"kind": "spans", "definitions": {"PERSON": "a name", "DATE": ""}}
    card = Card(jupyter_page(notebook(database, [fields], **options)))
    card.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    card.settle()
    card.root.locator(".lk-tag").last.click()
    style = "(e, name) => getComputedStyle(e)[name]"
    assert card.root.locator(".lk-piece.lk-active").first.evaluate(style, "outlineStyle") == "solid"
    assert card.root.locator(".lk-piece.lk-marked").first.evaluate(style, "textDecorationLine") == "underline"
    assert card.root.locator(".lk-label[aria-pressed=true]").evaluate(style, "outlineStyle") == "solid"
    moving = "all => all.filter(e => getComputedStyle(e).transitionDuration !== '0s' || e.getAnimations().length)"
    assert card.root.locator("*").evaluate_all(f"{moving}.map(e => e.className)") == []
    card.page.emulate_media(forced_colors="none", reduced_motion="no-preference")


@pytest.mark.parametrize("width", [300, 420, 640])
def test_a_narrow_column_cuts_nothing_off(jupyter_page, database, width):
    long = "A_LABEL_THAT_IS_LONGER_THAN_A_NARROW_COLUMN_IS_WIDE"
    said = [{"annotator": "an-annotator-with-a-long-name", "value": [long], "confidence": 0.5}]
    fields = {"text": "word " * 50 + "w" * 300, "why": "w" * 200, "key": "k" * 100, "suggestions": said}
    card = Card(jupyter_page(notebook(database, [fields], definitions={long: "d" * 200, "BUG": ""})))
    card.root.evaluate("(e, width) => { e.style.width = `${width}px`; }", width)
    card.focus().press("a", "Backspace")
    for key in "hgb":
        card.press(key)
        assert (key, outside(card)) == (key, [])
    assert card.text.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_twice_the_size_cuts_nothing_off(jupyter_page, database):
    card = Card(jupyter_page(notebook(database, ["word " * 100] * 2, guideline="Read it.")))
    card.root.evaluate("e => { e.style.zoom = 2; }")
    for key in "hgb":
        card.focus().press(key)
        assert (key, outside(card)) == (key, [])
    expect(card.button("Accept")).to_be_visible()


def test_every_control_has_a_name_and_shows_its_key(jupyter_page, database):
    card = Card(jupyter_page(notebook(database, ["text"])))
    names = card.root.evaluate(
        "e => [...e.querySelectorAll('button')].filter(b => b.offsetParent).map(b => b.innerText)"
    )
    assert all(name.strip() for name in names)
    keys = card.root.locator("button:visible kbd").all_inner_texts()
    assert keys == ["Q", "W", "1", "2", "A", "X", "Space", "⌫", "F", "N", "G", "B", "H"]
    assert card.root.get_attribute("aria-label") == "Correct the labels of issues"
    bar = card.root.get_by_role("progressbar")
    assert [bar.get_attribute(name) for name in ("aria-valuenow", "aria-valuemax")] == ["0", "1"]


def test_a_focused_card_looks_focused(jupyter_page, database):
    card = Card(jupyter_page(notebook(database, ["text"])))
    hint = card.root.locator(".lk-hint")
    shadow = "e => getComputedStyle(e).boxShadow"
    expect(hint).to_be_visible()
    before = card.root.evaluate(shadow)
    card.focus()
    expect(hint).to_be_hidden()
    card.rest()
    assert card.root.evaluate(shadow) != before
