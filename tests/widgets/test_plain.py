"""Plain buttons do the same as the card: they decide, undo, say what is saved, and show a text as text."""

import pytest

from labkit.tasks import make_task
from labkit.widgets import Corrector, Listed, plain

from .conftest import cards
from .test_outbox import wait_until

HOSTILE = '<script>alert("x")</script>'


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(plain, "SETTLE", 0.0)


class Buttons:
    """What a person sees and clicks."""

    def __init__(self, corrector):
        self.corrector = corrector
        corrector._sitting.deck.wait(0)
        self.element = corrector._buttons()

    def all(self, kind):
        found, waiting = [], [self.element]
        while waiting:
            widget = waiting.pop(0)
            waiting += getattr(widget, "children", ())
            found += [widget] if type(widget).__name__ == kind else []
        return found

    def click(self, *names):
        for name in names:
            self.wait()
            next(button for button in self.all("Button") if button.description == name).click()

    def wait(self):
        """Wait until what was done is said to be saved and the next card is there."""
        wait_until(lambda: "Saved" in self.text and not self.corrector._sitting.deck.reading)

    @property
    def chosen(self):
        return [button.description for button in self.all("Button") if button.button_style == "info"]

    @property
    def text(self):
        return " ".join(shown.value for shown in self.all("HTML"))


@pytest.fixture
def buttons(make):
    return Buttons(make(cards(3)))


def test_buttons_decide_as_the_card_does(buttons, table):
    assert buttons.chosen == ["BUG"]
    buttons.click("Accept", "DOCUMENTATION", "Accept", "Reject")
    buttons.wait()
    assert [(row.answer, row.value) for row in table.rows] == [
        ("accept", ["BUG"]),
        ("accept", ["BUG", "DOCUMENTATION"]),
        ("reject", None),
    ]
    assert "That was the last one." in buttons.text
    assert "3 done · 0 left · Saved" in buttons.text


def test_undo_goes_back_and_what_is_dropped_is_none(buttons, table):
    buttons.click("Accept", "Undo", "BUG", "Accept")
    buttons.wait()
    assert [row.value for row in table.rows] == [["BUG"], []]
    assert table.undone == table.rows[:1]
    buttons.click("Undo", "Undo")
    assert "There is no decision to undo." in buttons.text


def test_a_suggestion_is_taken_over_with_its_button(buttons):
    buttons.click("cpu: BUG + DOCUMENTATION")
    assert buttons.chosen == ["BUG", "DOCUMENTATION"]


def test_where_one_label_is_asked_for_the_next_takes_its_place(make, table):
    queue = [{**card, "suggestions": card["suggestions"][:1]} for card in cards(1)]
    buttons = Buttons(make(queue, "choice"))
    buttons.click("DOCUMENTATION")
    assert buttons.chosen == ["DOCUMENTATION"]
    buttons.click("Accept")
    buttons.wait()
    assert table.rows[0].value == ["DOCUMENTATION"]


def test_what_is_not_saved_is_said_to_be(buttons, table):
    table.up.clear()
    buttons.click("Accept")
    wait_until(lambda: "Not saved: 1, retrying. The database does not answer." in buttons.text)


def test_a_card_that_has_just_come_takes_no_click(buttons, table, monkeypatch):
    monkeypatch.setattr(plain, "SETTLE", 60.0)
    accept = next(button for button in buttons.all("Button") if button.description == "Accept")
    accept.click()
    accept.click()
    assert table.rows == []


def test_note_and_flag_go_with_the_decision(buttons, table):
    (note,), (flag,) = buttons.all("Text"), buttons.all("Checkbox")
    note.value, flag.value = "see the title", True
    buttons.click("Accept")
    buttons.wait()
    assert (table.rows[0].note, table.rows[0].flagged) == ("see the title", True)
    assert (note.value, flag.value) == ("", False)


def test_hostile_text_stays_text(table):
    card = {**cards(1)[0], "text": HOSTILE, "why": HOSTILE, "key": HOSTILE}
    task = make_task("choices", ["<b>BUG</b>", "DOCUMENTATION"])
    made = Corrector(Listed([card], table.save, table.undo), task, person=HOSTILE, title=HOSTILE)
    buttons = Buttons(made)
    assert "<script" not in buttons.text
    assert buttons.text.count("&lt;script&gt;") == 4
    assert "<b>BUG</b>" in [button.description for button in buttons.all("Button")]  # a button's name is no HTML


def test_spans_are_chosen_and_marked_by_their_words(table):
    text = "Ada met Ada in İstanbul."
    spans = [{"start": 0, "end": 3, "label": "PERSON"}]
    said = [
        {"annotator": "llm", "value": spans, "confidence": None},
        {"annotator": "cpu", "value": [], "confidence": None},
    ]
    card = {"example": 1, "key": "a", "text": text, "why": "", "suggestions": said}
    task = make_task("spans", ["PERSON", "PLACE"])
    buttons = Buttons(Corrector(Listed([card], table.save, table.undo), task, person="anna", title="news"))
    assert buttons.chosen == ["PERSON: Ada"]
    words, (which,), (label,) = buttons.all("Text")[0], buttons.all("BoundedIntText"), buttons.all("Dropdown")
    words.value, which.value = "Ada", 2
    buttons.click("Mark")
    words.value, which.value, label.value = "İstanbul", 1, "PLACE"
    buttons.click("Mark")
    words.value = "nowhere"
    buttons.click("Mark")
    assert "do not stand there" in buttons.text
    buttons.click("Accept")
    buttons.wait()
    assert [text[span["start"] : span["end"]] for span in table.rows[0].value] == ["Ada", "Ada", "İstanbul"]
    assert [span["label"] for span in table.rows[0].value] == ["PERSON", "PERSON", "PLACE"]


def test_a_corrector_may_be_asked_to_show_buttons(make):
    shown = make(cards(1), plain=True)._repr_mimebundle_()
    assert shown["text/plain"] == "Corrector: issues"
    assert "application/vnd.jupyter.widget-view+json" in shown


def test_the_guideline_and_what_labels_mean_are_there_and_safe(table):
    task = make_task("choices", ["BUG", "DOCS"], {"BUG": HOSTILE})
    work = Listed(cards(1), table.save, table.undo)
    widget = Corrector(work, task, person="anna", title="issues", guideline=f"Read **all** of it. {HOSTILE}")
    text = Buttons(widget).text
    assert "<details><summary>Guideline</summary><p>Read <strong>all</strong> of it." in text
    assert text.count("&lt;script&gt;") == 2
    assert "<script" not in text
    widget.close()


def test_spans_are_related_and_go_with_their_relations(table):
    text = "Ada met Ida in Rome."
    ada, ida, rome = (
        {"start": text.index(words), "end": text.index(words) + len(words), "label": label}
        for words, label in (("Ada", "PERSON"), ("Ida", "PERSON"), ("Rome", "PLACE"))
    )
    met = {"head": ada, "tail": ida, "label": "MET"}
    said = [{"annotator": "llm", "value": [ada, ida, rome, met], "confidence": None}]
    queue = [{"example": n, "key": str(n), "text": text, "why": "", "suggestions": said} for n in range(2)]
    task = make_task("relations", ["MET", "LIVES_IN"], span_labels=["PERSON", "PLACE"])
    buttons = Buttons(Corrector(Listed(queue, table.save, table.undo), task, person="anna", title="people"))
    assert buttons.chosen == ["PERSON: Ada", "MET: Ada \N{RIGHTWARDS ARROW} Ida", "PERSON: Ida", "PLACE: Rome"]
    _, head, relation, tail = buttons.all("Dropdown")
    buttons.click("Relate")
    assert "A relation is between two spans that are chosen" in buttons.text  # both ends are the same one
    head.index, tail.index, relation.value = 1, 2, "LIVES_IN"
    buttons.click("Relate", "Accept")
    buttons.click("PERSON: Ida")  # what it met goes with it
    assert buttons.chosen == ["PERSON: Ada", "PLACE: Rome"]
    buttons.click("MET: Ada \N{RIGHTWARDS ARROW} Ida", "PLACE: Rome", "Accept")
    buttons.wait()
    lives = {"head": ida, "tail": rome, "label": "LIVES_IN"}
    assert [row.value for row in table.rows] == [[ada, ida, rome, met, lives], [ada, ida, met]]
