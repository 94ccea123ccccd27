"""The corrector over a project: what is kept, what is shown again, and what several people make of one queue."""

import json
import subprocess
import sys
from uuid import uuid4

import numpy as np
import psycopg
import pytest

from labkit import Lab, LabError
from labkit.review import Queue
from labkit.store import Annotation
from labkit.widgets import sitting
from tests.widgets.conftest import FrontEnd

NAMES = ("anna", "ben", "carl")


@pytest.fixture
def suggested(lab):
    """Have two annotators say something of every text, and not always the same."""
    store, project = lab.store, lab.store.examples.project("issues")
    for name, period in (("llm", 2), ("llm-bare", 3)):
        values = [["BUG"] if n % period else ["DOCUMENTATION"] for n in range(len(lab.texts()))]
        rows = [Annotation(text, "parsed", value) for text, value in zip(lab.texts().example, values, strict=True)]
        store.annotations.add(store.annotations.annotator(project, name, "llm", ""), rows)


@pytest.fixture
def queue(lab, suggested):
    """Return the first twenty texts in order."""
    return Queue(lab.texts()[["example", "key", "text"]].head(20).assign(why="in order"), "in order")


@pytest.fixture
def at(root):
    """Return what makes a lab of another person."""
    return lambda name: Lab("issues", root=root, person=name)


def kept(database, source="%"):
    with psycopg.connect(database) as connection:
        return connection.execute(
            "SELECT w.name, a.outcome, a.value, a.source FROM labkit.annotation a JOIN labkit.annotator w"
            " ON w.id = a.annotator_id WHERE w.kind = 'person' AND a.source LIKE %s ORDER BY a.id",
            [source],
        ).fetchall()


def opened(corrector):
    front = FrontEnd(corrector)
    front.hello()
    return front


# What a card shows


def test_a_card_holds_what_models_say_and_nothing_of_people_or_the_reference(lab, at, queue):
    at("ben").correct(queue, overlap=2).decide(["BUG"])
    front = opened(lab.correct(queue, overlap=2))
    card = front.cards[0]
    assert [(each["annotator"], each["kind"]) for each in card["suggestions"]] == [("llm", "llm"), ("llm-bare", "llm")]
    assert (card["why"], card["blind"], card["decided"], card["note"], card["flagged"]) == (
        "in order",
        False,
        None,
        "",
        False,
    )
    assert set(card["meta"]) == {"project"}
    config = front.widget.config
    assert config["annotators"] == ["llm", "llm-bare"]
    assert config["guideline"].startswith("<h5>Is it about a bug")
    assert config["features"]["find"]


def test_a_blind_card_shows_no_suggestion_and_is_kept_as_blind(lab, queue, database):
    from dataclasses import replace

    front = opened(lab.correct(replace(queue, blind=True)))
    card = front.cards[0]
    assert (card["blind"], card["suggestions"], card["selected"], card["contested"]) == (True, [], [], [])
    front.decide(0, ["BUG"])
    front.wait_saved()
    ((*decided, source),) = kept(database, "corrector%")
    assert (decided, source[:16]) == (["anna", "parsed", ["BUG"]], "corrector: blind")
    again = opened(lab.correct(queue))
    assert (again.cards[0]["blind"], again.cards[0]["suggestions"]) == (True, [])


# Going back


def test_earlier_decisions_stand_before_the_first_card_and_can_be_undone_in_another_kernel(lab, root, queue, database):
    first = lab.correct(queue)
    values = [first.decide(value).value for value in (["BUG"], [], ["DOCUMENTATION"])]
    front = opened(Lab("issues", root=root, person="anna").correct(queue))
    assert (front.last["first"], front.last["head"], front.last["total"]) == (3, 3, 20)
    assert [front.cards[place]["decided"]["value"] for place in range(3)] == values
    for place in (3, 2, 1):
        front.undo(place)
    front.wait_saved()
    assert (front.last["head"], front.last["progress"]["left"]) == (0, 20)
    assert lab.annotations()[lambda said: said.kind == "person"].empty
    front.decide(0, ["BUG"])
    front.wait_saved()
    assert [outcome for _, outcome, *_ in kept(database)] == [
        "parsed",
        "explicitly none",
        "parsed",
        *["undone"] * 3,
        "parsed",
    ]


def test_it_resumes_at_the_same_card_after_the_kernel_was_killed(lab, root, queue):
    program = (
        "import os, signal; from labkit import Lab; from labkit.review import Queue;"
        "lab = Lab('issues', person='anna');"
        "queue = Queue(lab.texts()[['example']].head(20).assign(why=''), '');"
        "corrector = lab.correct(queue); corrector.decide([]); corrector._sitting.deck.wait(1);"
        "print(corrector._sitting.deck.card(1)['example'], flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root)
    front = opened(lab.correct(queue))
    assert front.cards[1]["example"] == int(shown.stdout)
    assert front.last["head"] == 1


def test_a_decision_is_revised_from_history_and_the_current_card_stays(lab, queue, database):
    corrector = lab.correct(queue)
    for _ in range(3):
        corrector.decide(["BUG"])
    front = opened(corrector)
    message = {"place": 0, "example": front.cards[0]["example"], "answer": "accept", "value": [], "seconds": 1}
    front.say(type="revise", name=str(uuid4()), note="on second thought", flagged=True, **message)
    front.wait_saved()
    card = front.cards[0]
    assert (front.last["head"], card["decided"]["value"], card["note"]) == (3, [], "on second thought")
    assert [value for _, _, value, _ in kept(database)] == [["BUG"]] * 3 + [[]]
    front.say(type="revise", name=str(uuid4()), **{**message, "example": -1})
    front.wait(lambda state: state.get("notice"))
    assert len(kept(database)) == 4


# Notes, flags, search, keys


def test_notes_and_flags_are_kept_with_their_history_and_come_back(lab, queue, database):
    front = opened(lab.correct(queue))
    example = front.cards[0]["example"]
    for note, flagged in (("hm <b>", True), ("hm <b>", True), ("", False), ("again", True)):
        front.say(type="mark", name=str(uuid4()), example=example, note=note, flagged=flagged)
    front.decide(0, ["BUG"], note="decided with a note", flagged=False)
    front.wait_saved()
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT note, flagged FROM labkit.note ORDER BY id").fetchall()
        assert rows == [("hm <b>", True), ("", False), ("again", True), ("decided with a note", False)]
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
            connection.execute("DELETE FROM labkit.note")
    again = opened(lab.correct(queue))
    cards = {card["example"]: card for card in again.cards.values()}
    assert (cards[example]["note"], cards[example]["flagged"]) == ("decided with a note", False)
    assert cards[example]["decided"]["note"] == "decided with a note"


def find(front, offset=0, **query):
    before = len(front.messages)
    front.say(type="find", query=query, offset=offset)
    front.wait(lambda _: any(message["type"] == "found" for message in front.messages[before:]))
    return next(message for message in front.messages[before:] if message["type"] == "found")


def test_texts_are_found_by_every_filter(lab, queue):
    front = opened(lab.correct(queue))
    texts, said = lab.texts(), lab.annotations()
    front.decide(0, ["BUG"], flagged=True)
    front.decide(1, answer="ignore")
    front.wait_saved()
    first, second = texts.example[0], texts.example[1]
    assert find(front)["total"] == len(texts)
    assert len(find(front)["rows"]) == 50
    assert len(find(front, offset=150)["rows"]) == len(texts) - 150
    assert [row["key"] for row in find(front, text=texts.key[5].upper())["rows"]] == [texts.key[5]]
    words = texts.text[3][10:30].swapcase()
    assert texts.key[3] in [row["key"] for row in find(front, text=words)["rows"]]
    assert find(front, text="100%_\\")["total"] == 0
    bugs = said[(said.annotator == "llm") & said.value.map(lambda value: value is not None and "BUG" in value)]
    assert find(front, label="BUG", annotator="llm")["total"] == len(bugs)
    wide = said[said.annotator.isin(["llm", "llm-bare"])].pivot(index="example", columns="annotator", values="value")
    differ = (wide.dropna()["llm"].map(repr) != wide.dropna()["llm-bare"].map(repr)).sum()
    assert find(front, disagreement=True)["total"] == differ > 0
    assert [row["example"] for row in find(front, outcome="accept")["rows"]] == [first]
    assert [row["example"] for row in find(front, outcome="ignore")["rows"]] == [second]
    assert find(front, outcome="undecided")["total"] == len(texts) - 2
    assert [row["place"] for row in find(front, flagged=True)["rows"]] == [0]
    assert find(front, flagged=True, text="nowhere to be found")["total"] == 0
    assert "anna: BUG" in find(front, flagged=True)["rows"][0]["words"]
    assert find(front, label="<b>")["problem"].startswith("The label '<b>'")


def test_nothing_of_others_is_found(lab, at, queue):
    ben = opened(at("ben").correct(queue, overlap=2))
    ben.decide(0, ["DOCUMENTATION"], note="secret", flagged=True)
    ben.wait_saved()
    front = opened(lab.correct(queue, overlap=2))
    assert find(front, outcome="accept")["total"] == 0
    assert find(front, outcome="parsed", annotator="ben")["total"] == 0
    assert find(front, flagged=True)["total"] == 0
    assert "ben" not in json.dumps(find(front)["rows"]) + json.dumps(front.cards)
    assert "secret" not in json.dumps(front.cards)


def test_a_text_that_is_asked_for_becomes_the_current_one(lab, queue):
    front = opened(lab.correct(queue))
    wanted = int(lab.texts().example[100])
    name = str(uuid4())
    front.say(type="goto", name=name, example=wanted)
    front.wait(lambda state: name in state.get("settled", ()))
    assert (front.last["moved"], front.last["at"], front.cards[0]["example"]) == (True, 0, wanted)
    assert front.cards[1]["example"] == queue.frame.example[0]
    assert front.last["total"] == 21
    front.decide(0, ["BUG"])
    front.decide(1, [])
    front.wait_saved()
    assert list(lab.annotations("anna").example) == [wanted, queue.frame.example[0]]
    front.say(type="goto", name=str(uuid4()), example=wanted)
    front.wait(lambda state: state.get("at") == 0 and not state["moved"])
    assert front.last["cards"][-1]["decided"]["value"] == ["BUG"]


def test_a_text_that_others_have_is_not_opened(lab, at, queue):
    at("ben").correct(queue).decide([])
    front = opened(lab.correct(queue))
    for example in (int(queue.frame.example[0]), 10**6):
        name = str(uuid4())
        front.say(type="goto", name=name, example=example)
        front.wait(lambda state, name=name: name in state.get("refused", ()))
    assert front.last["head"] == 0


def test_keys_are_a_persons_own_and_stay(lab, at, queue):
    front = opened(lab.correct(queue))
    front.say(type="keys", keys={"accept": "j", "reject": "k"})
    front.wait_read()
    front.widget.close()
    assert lab.correct(queue).config["keys"] == {"accept": "j", "reject": "k"}
    assert at("ben").correct(queue).config["keys"] == {}


# Outages


def test_what_a_killed_kernel_had_not_committed_is_committed_by_the_next_in_order_once(lab, root, queue, database):
    program = (
        "import os, signal, psycopg; from labkit import Lab, LabError; from labkit.review import Queue;"
        "lab = Lab('issues', person='anna');"
        "corrector = lab.correct(Queue(lab.texts()[['example']].head(20).assign(why=''), ''));"
        "corrector.decide(['BUG']);"
        "lab.store.close()\n"
        "for value in (['DOCUMENTATION'], []):\n"
        "    try: corrector.decide(value)\n"
        "    except LabError: print('kept', flush=True)\n"
        "try: corrector.undo()\n"
        "except LabError: print('kept', flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root)
    assert killed.stdout == "kept\n" * 3, killed.stderr
    assert len(kept(database)) == 1
    again = Lab("issues", root=root, person="anna")
    expected = [("parsed", ["BUG"]), ("parsed", ["DOCUMENTATION"]), ("explicitly none", []), ("undone", None)]
    assert [(outcome, value) for _, outcome, value, _ in kept(database)] == expected
    assert again.correct(queue).left == 18
    assert len(kept(database)) == 4


def test_a_second_corrector_in_a_kernel_takes_over_from_the_first(lab, queue):
    first = lab.correct(queue)
    shown = opened(first).cards[0]["example"]
    second = opened(lab.correct(queue))
    assert second.cards[0]["example"] == shown
    with pytest.raises(LabError, match="was closed"):
        first.decide([])


# Several people


def test_each_text_goes_to_one_person_and_what_one_holds_the_other_waits_for(lab, at, queue):
    anna, ben = opened(lab.correct(queue[:3])), opened(at("ben").correct(queue[:3]))
    assert [card["text"] for card in anna.cards.values()] == list(queue.frame.text[:3])
    assert (ben.cards, ben.last["held"], ben.last["total"]) == ({}, 3, 3)
    assert ben.last["unreadable"] == "What is left, 3 in all, is with other people just now."
    anna.decide(0, [])
    anna.wait_saved()
    anna.widget.close()
    ben.hello()
    assert [card["text"] for card in ben.cards.values()] == list(queue.frame.text[1:3])
    assert (ben.last["held"], ben.last["total"]) == (0, 2)


def end_leases(database):
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE labkit.lease SET held_until = clock_timestamp() - interval '1 second'")


def test_who_comes_back_after_long_decides_only_what_nobody_else_got(lab, at, queue, database, monkeypatch):
    anna = opened(lab.correct(queue[:2]))
    end_leases(database)
    ben = opened(at("ben").correct(queue[:1]))
    ben.decide(0, ["BUG"])
    ben.wait_saved()
    monkeypatch.setattr(sitting, "QUIET", -1.0)
    refused = anna.decide(0, [])
    anna.wait_saved()
    assert refused in [name for message in anna.states for name in message["refused"]]
    assert [value for _, _, value, _ in kept(database)] == [["BUG"]]
    anna.hello()
    assert [card["text"] for card in anna.last["cards"]] == [queue.frame.text[1]]
    end_leases(database)
    anna.decide(0, ["DOCUMENTATION"])
    anna.wait_saved()
    assert [value for _, _, value, _ in kept(database)] == [["BUG"], ["DOCUMENTATION"]]


def test_what_two_decided_because_one_was_cut_off_is_kept_of_both_and_adjudicated(lab, at, queue, database, root):
    program = (
        "import os, signal, psycopg; from labkit import Lab, LabError; from labkit.review import Queue;"
        "lab = Lab('issues', person='anna');"
        "corrector = lab.correct(Queue(lab.texts()[['example']].head(1).assign(why=''), ''));"
        "corrector._sitting.deck.wait(0); lab.store.close()\n"
        "try: corrector.decide(['BUG'])\n"
        "except LabError: os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=root)
    end_leases(database)
    store = at("ben").store  # the journal of anna is taken up by whoever opens a lab on her machine
    assert [name for name, *_ in kept(database)] == ["anna"]
    ben = at("ben").correct(queue[:1])
    assert ben.left == 0, "what was taken up closes the text"
    person = store.annotations.annotator(store.examples.project("issues"), "ben", "person", "")
    decision = str(uuid4())
    row = Annotation(int(queue.frame.example[0]), "parsed", ["DOCUMENTATION"], source="corrector", decision=decision)
    for _ in range(2):
        store.decisions.keep(person, row, None)  # ben's own journal, from another machine
    assert [(name, value) for name, _, value, _ in kept(database)] == [("anna", ["BUG"]), ("ben", ["DOCUMENTATION"])]
    assert lab.people().shared.tolist() == [1, 1]
    assert at("dora").adjudicate().left == 1


def test_a_person_is_named_by_an_argument_the_hub_or_the_system(root, monkeypatch):
    def person(**named):
        return Lab("issues", root=root, **named)._desk.person

    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "of the system")
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    assert person() == "of the system"
    monkeypatch.setenv("JUPYTERHUB_USER", "of the hub")
    assert person() == "of the hub"
    assert person(person="anna") == "anna"


def test_adjudication_shows_the_answers_side_by_side_and_its_word_comes_first(lab, at, queue, database):
    answers = {"anna": (["BUG"], []), "ben": (["DOCUMENTATION"], []), "carl": (["BUG"], [])}
    for name, values in answers.items():
        corrector = at(name).correct(queue[:2], overlap=3)
        for value in values:
            corrector.decide(value)
    dora = at("dora")
    front = opened(dora.adjudicate())
    assert front.last["total"] == 1
    said = [(each["annotator"], each["value"], each["kind"]) for each in front.cards[0]["suggestions"]]
    assert said == [(name, answers[name][0], "person") for name in NAMES]
    assert set(front.cards[0]["contested"]) == {"BUG", "DOCUMENTATION"}
    front.decide(0, ["BUG", "DOCUMENTATION"])
    front.wait_saved()
    assert kept(database)[-1] == ("dora (adjudication)", "parsed", ["BUG", "DOCUMENTATION"], "adjudication")
    at("eve").correct(queue[:1], overlap=4).decide([])
    best = lab.labels().set_index("example")
    assert list(best.loc[queue.frame.example[0]]) == [["BUG", "DOCUMENTATION"], "person"]
    assert [each["person"] for each in front.widget.config["people"]] == list(NAMES)
    assert dora.adjudicate().left == 0
    assert list(lab.people().index) == ["anna", "ben", "carl", "eve"]
    assert lab.correct(queue, overlap=3).left == 18


def test_people_are_compared_by_pace_and_agreement(lab, at, queue):
    values = [["BUG"], [], ["DOCUMENTATION"], ["BUG"]]
    for name, wrong in (("anna", 0), ("ben", 0), ("carl", 2)):
        corrector = at(name).correct(queue, overlap=3)
        for place, value in enumerate(values):
            corrector.decide([] if place < wrong else value, seconds=2.0 if name == "anna" else 6.0)
        corrector.decide(answer="ignore")
    table = lab.people()
    assert table.decided.tolist() == [4, 4, 4]
    assert table.ignored.tolist() == [1, 1, 1]
    assert table.rate.tolist() == [30.0, 10.0, 10.0]
    assert table.shared.tolist() == [4, 4, 4]
    first = {row.example: row.value for row in lab.annotations("llm").itertuples()}
    texts = queue.frame.example[:4]
    assert table.changed["anna"] == sum(first[text] != value for text, value in zip(texts, values, strict=True))
    assert np.isclose(table.kappa["anna"], np.mean([1.0, table.kappa["carl"]]))
    assert table.kappa["carl"] < 1
    assert table.alpha.nunique() == 1


def test_one_person_alone_agrees_with_nobody(lab, queue):
    with pytest.raises(LabError, match="Nobody has decided"):
        lab.people()
    lab.correct(queue).decide([])
    row = lab.people().loc["anna"]
    assert (row.decided, row.shared) == (1, 0)
    assert np.isnan([row.kappa, row.alpha, row.rate]).all()


def test_spans_are_corrected_with_the_tokens_of_their_text(root, database, monkeypatch):
    from .conftest import ship

    ship("news", 6, root)
    news = Lab("news", root=root, person="anna")
    news.ingest("data/news/texts.jsonl")
    news.annotate("llm")
    news.annotate("llm-bare")
    front = opened(news.correct(news.compare("llm", "llm-bare").queue()))
    card = front.cards[0]
    assert "".join(card["text"][start:end] for start, end in card["tokens"]) == "".join(card["text"].split())
    assert all(card["text"][start:end].strip() == card["text"][start:end] for start, end in card["tokens"])
    given = [tuple(span[name] for name in ("start", "end", "label")) for span in card["selected"]]
    assert given == sorted(given)
    value = [{"start": 0, "end": 3, "label": "PERSON"}]
    front.decide(0, value)
    front.wait_saved()
    assert kept(database, "corrector") == [("anna", "parsed", value, "corrector")]
    name = front.decide(1, [{"start": 0, "end": 10**6, "label": "PERSON"}])
    front.wait(lambda state: name in state.get("refused", ()))
    assert "ends beyond its text" in front.last["notice"]


def test_a_good_moment_to_stop_is_when_the_rest_is_agreed_on(lab, suggested):
    queue = lab.compare("llm", "llm-bare").queue()
    differing = set(queue.differing())
    assert 0 < len(differing) < len(queue)
    part = Queue(queue.frame[queue.frame.example.isin(list(differing)[:2] + list(queue.frame.example[-3:]))], "some")
    corrector = lab.correct(part)
    front = opened(corrector)
    while front.last["progress"]["stop"] is None:
        assert corrector.left
        decided = corrector.decide()
    assert corrector.left == 3
    assert decided.example in differing
    assert front.last["progress"]["stop"].startswith(
        "All texts on which annotators differ are decided. They agree on the 3"
    )
