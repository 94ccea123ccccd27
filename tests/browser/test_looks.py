"""What is drawn can be read: in both themes, in a narrow column, by contrast and by name."""

import pytest
from playwright.sync_api import expect

from .card import Card, notebook
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


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_every_word_has_the_contrast_that_small_text_needs(jupyter_page, database, theme):
    setup, show = notebook(database, ["text"] * 3)
    card = Card(jupyter_page([setup, FAILING, show]))
    command(card.page, "apputils:change-theme", theme=theme)
    light = str(theme.endswith("Light")).lower()
    card.page.locator(f"body[data-jp-theme-light={light}]").wait_for(state="attached")
    card.focus().press("h", "a")
    expect(card.root.get_by_role("alert")).to_be_visible()
    card.page.wait_for_timeout(500)  # colours change over a moment
    contrasts = card.root.evaluate(CONTRASTS)
    assert len(contrasts) > 30
    assert [pair for pair in contrasts if pair[1] < 4.5] == []


@pytest.mark.parametrize("width", [300, 420, 640])
def test_a_narrow_column_cuts_nothing_off(jupyter_page, database, width):
    long = "A_LABEL_THAT_IS_LONGER_THAN_A_NARROW_COLUMN_IS_WIDE"
    said = [{"annotator": "an-annotator-with-a-long-name", "value": [long], "confidence": 0.5}]
    fields = {"text": "word " * 50 + "w" * 300, "why": "w" * 200, "key": "k" * 100, "suggestions": said}
    card = Card(jupyter_page(notebook(database, [fields], definitions={long: "d" * 200, "BUG": ""})))
    card.root.evaluate("(e, width) => { e.style.width = `${width}px`; }", width)
    card.focus().press("h")
    box = card.root.bounding_box()
    assert card.root.evaluate(OUTSIDE, [box["x"], box["x"] + box["width"]]) == []
    assert card.text.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_every_control_has_a_name_and_shows_its_key(jupyter_page, database):
    card = Card(jupyter_page(notebook(database, ["text"])))
    names = card.root.evaluate(
        "e => [...e.querySelectorAll('button')].filter(b => b.offsetParent).map(b => b.innerText)"
    )
    assert all(name.strip() for name in names)
    keys = card.root.locator("button kbd").all_inner_texts()
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
    card.page.wait_for_timeout(300)
    assert card.root.evaluate(shadow) != before
