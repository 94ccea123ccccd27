"""The corrector on a page, as a person meets it, over decisions that are rows of a table."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import psycopg
from playwright.sync_api import Locator, Page, expect

SETUP = """
import json
import psycopg
from psycopg.types.json import Jsonb
from labkit.tasks import make_task
from labkit.widgets import Corrector, Listed

connection = psycopg.connect({database!r}, autocommit=True)
connection.execute(
    "CREATE TABLE IF NOT EXISTS decision (number serial, id uuid PRIMARY KEY, example int, value jsonb, answer text,"
    " seconds real, note text, flagged bool, undone bool DEFAULT false)"
)

def save(d):
    value = None if d.value is None else Jsonb(d.value)
    connection.execute(
        "INSERT INTO decision (id, example, value, answer, seconds, note, flagged) VALUES (%s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [d.decision, d.example, value, d.answer, d.seconds, d.note, d.flagged],
    )

def undo(d):
    connection.execute("UPDATE decision SET undone = true WHERE id = %s", [d.decision])
"""

SHOW = """
about = json.loads({about!r})
task = make_task(about["kind"], about["labels"], about["definitions"], **about["settings"])
work = Listed(about["cards"], save, undo)
corrector = Corrector(work, task, person="anna", title=about["title"], **about["options"])
corrector
"""

LABELS = {"BUG": "The software is at fault.", "DOCUMENTATION": "The text that explains it is."}


def notebook(
    database: str,
    texts: Sequence[str | dict[str, Any]],
    kind: str = "choices",
    definitions: dict[str, str] = LABELS,
    title: str = "issues",
    settings: dict[str, Any] | None = None,
    **options: Any,
) -> list[str]:
    """Return the cells of a notebook that shows a corrector; a text is one, or the fields of its card.

    `settings` are the task's beside labels and definitions, `options` the corrector's.
    """
    cards = [_card(place, text if isinstance(text, dict) else {"text": text}) for place, text in enumerate(texts)]
    labels = list(definitions)
    about = {
        "kind": kind,
        "labels": labels,
        "definitions": definitions,
        "title": title,
        "cards": cards,
        "settings": settings or {},
        "options": options,
    }
    return [SETUP.format(database=database), SHOW.format(about=json.dumps(about))]


def _card(place: int, fields: dict[str, Any]) -> dict[str, Any]:
    """Return a card on which two annotators differ, but for `fields`."""
    suggestions = [
        {"annotator": "llm", "value": ["BUG"], "confidence": None},
        {"annotator": "cpu", "value": ["BUG", "DOCUMENTATION"], "confidence": 0.91},
    ]
    return {"example": place, "key": f"i-{place}", "why": "llm and cpu differ", "suggestions": suggestions, **fields}


class Card:
    """What a person sees and does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator(".lk-corrector").first
        self.text = self.root.locator(".lk-text")
        self.state = self.root.locator(".lk-state")
        self.count = self.root.locator(".lk-count")
        self.text.wait_for()

    def focus(self) -> Card:
        """Click the text, as a person does to begin."""
        self.text.click()
        return self

    def settle(self) -> None:
        """Wait until the card takes clicks: just after another text has come it takes none."""
        expect(self.root).not_to_have_class(re.compile(r"\blk-settling\b"))

    def rest(self) -> None:
        """Wait until nothing moves or changes its colour."""
        self.root.evaluate("e => Promise.all(e.getAnimations({ subtree: true }).map((each) => each.finished))")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def button(self, name: str) -> Locator:
        """Return the button of this name."""
        return self.root.get_by_role("button", name=name)

    def chosen(self) -> list[str]:
        """Return the labels that are chosen."""
        return self.root.locator(".lk-label[aria-pressed=true] .lk-label-name").all_inner_texts()

    def expect_done(self, done: int, left: int) -> None:
        """Wait until the card says so, and that all is saved."""
        expect(self.count).to_have_text(f"{done} done · {left} left")
        expect(self.state).to_have_text("Saved")


def rows(database: str) -> list[tuple[Any, ...]]:
    """Return what was saved, in order: the example, value and answer of each decision that stands."""
    with psycopg.connect(database) as connection:
        return connection.execute(
            "SELECT example, value, answer FROM decision WHERE NOT undone ORDER BY number"
        ).fetchall()
