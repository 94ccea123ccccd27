"""Labels are accepted in bulk, audited at random, certified, and taken back, on a real PostgreSQL."""

import json
import subprocess
import sys
import uuid

import numpy as np
import pytest
from scipy.stats import binomtest

from labkit import Lab, LabError
from labkit.certify import Stratum, certify, check
from labkit.lab.certify import read
from labkit.store import Acceptance, Annotation, Reading
from labkit.tasks import make_task

from .conftest import TEXTS


def span(start, end, label):
    """Write a span."""
    return {"start": start, "end": end, "label": label}


@pytest.fixture
def agreed(lab):
    """Return a lab in which two prompts have labelled every text."""
    lab.annotate("llm")
    lab.annotate("llm-bare")
    return lab


def decide(lab, examples, values=None, person="anna", source="audit", outcome="parsed"):
    """Keep a person's decisions: what the reference says, or the given value."""
    truth = lab.annotations("reference").set_index("example").value
    annotator = lab.store.annotations.annotator(lab._desk.number, person, "person", "")
    for example in examples:
        value = truth[example] if values is None else values
        kind = ("parsed" if value else "explicitly none") if outcome == "parsed" else outcome
        row = Annotation(
            int(example), kind, value if outcome == "parsed" else None, source=source, decision=str(uuid.uuid4())
        )
        lab.store.annotations.add(annotator, [row])


def test_what_is_accepted_ranks_after_a_person_and_before_all_else(agreed):
    first, second = agreed.texts().example[:2]
    decide(agreed, [first], ["DOCUMENTATION"], source="corrector")
    accepted = agreed.accept("llm", "llm-bare")
    assert accepted.words == "llm and llm-bare agree"
    assert 100 < accepted.texts < TEXTS
    decide(agreed, [second], ["BUG", "DOCUMENTATION"], source="corrector")
    labels = agreed.labels().set_index("example")
    assert labels.origin.value_counts().to_dict() == {
        "accepted": accepted.texts - 1,
        "person": 2,
        "llm": TEXTS - accepted.texts - 1,
    }
    assert labels.value[second] == ["BUG", "DOCUMENTATION"]


def test_it_is_nobodys_decision_and_no_vote(agreed):
    before = agreed.compare().annotators
    agreed.accept("llm", "llm-bare")
    assert agreed.compare().annotators == before
    assert "accepted" not in set(agreed.evaluate(split=None).reset_index().annotator)
    assert set(agreed.labels(by=["consensus", "llm"]).origin) == {"consensus", "llm"}
    with pytest.raises(LabError, match="No person has decided"):
        agreed.compare_prompts()
    assert agreed.certify().read == 0


def test_accepted_texts_are_not_read_unless_one_asks(agreed):
    accepted = agreed.accept("llm", "llm-bare")
    gap = agreed.compare("llm", "llm-bare")
    assert len(gap.queue()) == TEXTS - accepted.texts
    assert len(gap.queue(decided=True)) == TEXTS


def test_accepting_again_adds_nothing_and_says_the_same(agreed):
    once = agreed.accept("llm", "llm-bare")
    assert repr(agreed.accept("llm", "llm-bare")) == repr(once)
    assert agreed.accepted().accepted.tolist() == [once.texts]
    rest = agreed.accept()
    assert rest.words == "the best label known"
    assert (rest.texts, rest.others) == (TEXTS - once.texts, once.texts)
    with pytest.raises(LabError, match=f"All {once.texts} labels were read or accepted before"):
        agreed.accept("llm-bare", "llm")


def test_a_stratum_is_taken_back(agreed, root):
    accepted = agreed.accept("llm", "llm-bare", category="none", name="nothing")
    assert all(value == [] for value in agreed.annotations("nothing").value)
    assert agreed.revoke("nothing") == accepted.texts
    assert "accepted" not in set(agreed.labels().origin)
    assert agreed.accepted().standing.tolist() == [False]
    with pytest.raises(LabError, match="does not stand here. Revoke one of: none"):
        agreed.revoke(accepted)
    again = agreed.accept("llm", "llm-bare", category="none", name="nothing")
    assert Lab("issues", root=root, person="ben").revoke(again) == accepted.texts


def test_a_student_learns_accepted_labels(agreed):
    agreed.accept("llm", "llm-bare")
    run = agreed.train("cpu")
    assert run.row.config["labels"]["accepted"] > 50


def test_confidence_cuts_a_stratum(agreed):
    agreed.annotate("cpu", folds=3)
    sure = agreed.accept("llm", "cpu", above=0.7)
    assert sure.words == "llm and cpu agree, cpu at least 0.7 sure"
    said = agreed.annotations("llm", "cpu", sure.name)
    scores = said[said.annotator == "cpu"].set_index("example")
    mine = said[said.annotator == sure.name].set_index("example").value
    task = agreed.project.task
    assert all(task.confidence(mine[each], scores.scores[each]) >= 0.7 for each in mine.index)
    assert (
        0
        < agreed.accept("llm", "cpu").texts
        == sum(
            task.confidence(row.value, row.scores) < 0.7
            for example, row in scores.iterrows()
            if row.value == said[(said.annotator == "llm") & (said.example == example)].value.iloc[0]
        )
    )


def test_nothing_accepted_promises_nothing_and_says_how_many_to_read(agreed):
    certificate = agreed.certify()
    assert (certificate.kept, certificate.unread, certificate.neither) == (False, 0, TEXTS)
    assert "nothing is promised of them" in repr(certificate)
    assert f"read {certificate._fresh}" in certificate.advice
    with pytest.raises(LabError, match="No label stands"):
        certificate.plot()


def test_an_audit_is_drawn_once_for_everyone(agreed, root):
    agreed.accept("llm", "llm-bare")
    agreed.accept()
    certificate = agreed.certify(max_error=0.1)
    queue = certificate.audit()
    assert len(queue) == sum(certificate.more) > 20
    assert (queue.source, queue.blind, all(pick.blind for pick in queue.live().ranked())) == ("audit", True, True)
    other = Lab("issues", root=root, person="ben").certify(max_error=0.1).audit()
    assert list(other.frame.example) == list(queue.frame.example)
    assert list(certificate.audit(5).frame.example) == list(queue.frame.example[:5])
    longer = certificate.audit(len(queue) + 10)
    assert list(longer.frame.example)[: len(queue)] == list(queue.frame.example)
    assert len(longer) == len(queue) + 10
    assert longer.frame.example.is_unique
    assert len(certificate.audit(10 * TEXTS)) == TEXTS


def test_reading_the_audit_keeps_the_promise(agreed, tmp_path):
    agreed.accept("llm", "llm-bare")
    left = []
    for _ in range(20):
        certificate = agreed.certify(max_error=0.15, confidence=0.9)
        left.append(certificate.unread)
        if certificate.kept:
            break
        decide(agreed, certificate.audit().frame.example)
    assert certificate.kept
    truth = agreed.annotations("reference").set_index("example").value
    labels = agreed.labels().set_index("example")
    unread = labels[labels.origin == "accepted"].value
    wrong = sum(truth[example] != value for example, value in unread.items())
    assert (len(unread), wrong <= certificate.wrong) == (certificate.unread, True)
    assert left == sorted(left, reverse=True)
    path = certificate.save(tmp_path / "certificate.json")
    kept = json.loads(path.read_text("utf-8"))
    assert (kept["project"], kept["kept"]) == ("issues", True)
    keys = agreed.texts().set_index("key").example
    drawn = kept["strata"][0]["drawn"]
    assert len(drawn) == certificate.strata[0].audited
    assert [truth[keys[key]] == agreed.annotations("llm").set_index("example").value[keys[key]] for key in drawn] == [
        mark == "r" for mark in certificate.strata[0].history
    ]
    assert check(path).wrong == certificate.wrong


def test_the_corrector_shows_an_audit_blind_and_keeps_it_as_one(agreed):
    agreed.accept("llm", "llm-bare")
    certificate = agreed.certify()
    corrector = agreed.correct(certificate.audit(3))
    cards = [corrector.decide(["BUG"]) for _ in range(3)]
    corrector.flush()
    (stratum,) = agreed.certify().strata
    accepted = agreed.annotations("llm and llm-bare agree").set_index("example").value
    assert stratum.history == "".join("r" if accepted[card.example] == ["BUG"] else "w" for card in cards)
    assert len(certificate.audit(4)) == 4
    assert not {card.example for card in cards} & set(certificate.audit(4).frame.example)


def test_the_corrector_says_how_far_it_is_to_the_promise_and_when_to_stop(agreed):
    agreed.accept("llm", "llm-bare")
    certificate = agreed.certify(max_error=0.3, confidence=0.9)
    corrector = agreed.correct(certificate.audit(sum(certificate.more) + 5))
    accepted = agreed.annotations("llm and llm-bare agree").set_index("example").value
    told = [corrector._sitting.progress()]
    while told[-1]["stop"] is None:
        card = corrector._sitting.deck.wait(corrector._sitting.head)
        corrector.decide(accepted[card["example"]])
        told.append(corrector._sitting.progress())
    more = [certificate.more[0] - read for read in range(len(told) - 1)]
    assert [each["line"].split(": ")[1].split(" ")[0] for each in told[:-1]] == [str(each) for each in more]
    assert told[-1]["stop"].startswith("The promise (at most 30 % wrong) is kept: ")
    assert agreed.certify(max_error=0.3, confidence=0.9).kept
    corrector.undo()
    assert corrector._sitting.progress()["stop"] is None


def test_what_may_be_looked_at_once_says_nothing_on_the_way(agreed):
    agreed.accept("llm", "llm-bare")
    assert agreed.certify(max_error=0.3, method="clopper-pearson").audit(3).goal is None


def test_spans_are_accepted_and_certified_by_whole_values(labelled):
    accepted = labelled.accept("llm", "llm-bare")
    drawn = labelled.certify().audit(12).frame.example
    spans = labelled.annotations("llm").set_index("example").value
    decide(labelled, drawn[:10], source="audit")
    decide(labelled, drawn[10:], [{"start": 0, "end": 1, "label": "DATE"}])
    (stratum,) = labelled.certify().strata
    truth = labelled.annotations("reference").set_index("example").value
    check = labelled.project.task.check
    right = ["r" if check(truth[each]) == check(spans[each]) else "w" for each in drawn[:10]]
    assert (stratum.history, stratum.texts) == ("".join(right) + "ww", accepted.texts)


def test_a_text_is_one_draw_whichever_of_its_spans_are_wrong_and_the_bound_of_wrong_texts_holds():
    """Texts with one to four spans: audited ten by ten in 2,000 random orders, with a look after each ten."""
    random, task = np.random.default_rng(7), make_task("spans", ["DATE", "PERSON"])
    accepted = [[span(5 * n, 5 * n + 4, "DATE") for n in range(count)] for count in random.integers(1, 5, 200)]
    changes = [
        lambda spans: spans,
        lambda spans: spans[1:],  # one too many
        lambda spans: [{**spans[0], "end": spans[0]["end"] - 1}, *spans[1:]],
        lambda spans: [{**each, "label": "PERSON"} for each in spans],  # all of them
        lambda spans: spans[::-1],  # the same in another order
    ]
    kinds = random.choice(5, 200, p=[0.8, 0.03, 0.04, 0.03, 0.1])
    true = [changes[kind](spans) for kind, spans in zip(kinds, accepted, strict=True)]
    readings = [
        Reading(1, n, f"t{n}", accepted[n], n, float(n), said=True, value=true[n], audited=True) for n in range(200)
    ]
    (stratum,) = read([Acceptance(1, "all", {"rule": {}, "seed": 0}, 200, True)], readings, task)
    wrong = np.array([mark == "w" for mark in stratum.history])
    assert wrong.tolist() == [kind in (1, 2, 3) for kind in kinds]
    bounds = {}
    missed = 0
    for _ in range(2000):
        found = np.cumsum(random.permutation(wrong))[9:150:10].tolist()
        for drawn, errors in zip(range(10, 160, 10), found, strict=True):
            marks = "r" * (drawn - errors) + "w" * errors
            if (drawn, errors) not in bounds:
                made = certify([Stratum("all", 200, marks)], texts=200, read=drawn, max_error=0.9, confidence=0.9)
                bounds[drawn, errors] = made.wrong + errors
            if bounds[drawn, errors] < wrong.sum():
                missed += 1
                break
    assert binomtest(missed, 2000, 0.1, alternative="greater").pvalue > 0.001


def test_what_is_set_aside_or_passed_over_counts_as_wrong(agreed):
    agreed.accept("llm", "llm-bare")
    drawn = list(agreed.certify().audit(6).frame.example)
    decide(agreed, drawn[:1])
    decide(agreed, drawn[1:2], outcome="ignored")
    decide(agreed, drawn[3:4])
    (stratum,) = agreed.certify().strata
    assert (stratum.history[1:3], stratum.audited, stratum.set_aside) == ("ss", 4, 2)
    assert stratum.left == stratum.texts - 2
    decide(agreed, drawn[1:3])
    assert agreed.certify().strata[0].set_aside == 0
    assert agreed.certify().strata[0].audited == 4


def test_what_is_read_for_another_reason_is_no_audit(agreed):
    agreed.accept("llm", "llm-bare")
    drawn = list(agreed.certify().audit(8).frame.example)
    others = [each for each in agreed.annotations("llm and llm-bare agree").example if each not in drawn][:30]
    decide(agreed, drawn[:2])
    decide(agreed, [*others, drawn[6]], source="corrector")
    (stratum,) = agreed.certify().strata
    assert (stratum.audited, stratum.read, stratum.history.lower().count("s")) == (2, 33, 0)
    decide(agreed, drawn[2:6], source="decisions.jsonl")
    (stratum,) = agreed.certify().strata
    assert (stratum.audited, stratum.read) == (7, 37)


def test_a_revoked_stratum_remains_evidence(agreed):
    agreed.accept("llm", "llm-bare", category="BUG", name="bugs")
    agreed.accept("llm", "llm-bare", name="others")
    drawn = agreed.certify().audit(40).frame
    decide(agreed, drawn.example)
    agreed.revoke("bugs")
    certificate = agreed.certify()
    assert certificate.table.index.tolist() == ["bugs (revoked)", "others"]
    assert certificate.table.unread["bugs (revoked)"] == 0
    assert certificate.unread == certificate.strata[1].left
    assert all("others" in why for why in certificate.audit(5).frame.why)


def test_what_can_not_be_accepted_is_said(agreed):
    with pytest.raises(LabError, match="'nobody' has not labelled anything"):
        agreed.accept("nobody")
    with pytest.raises(LabError, match="reference is of the kind 'reference'"):
        agreed.accept("llm", "reference")
    with pytest.raises(LabError, match="llm gives no scores"):
        agreed.accept("llm", above=0.9)
    with pytest.raises(LabError, match="llm does not say how sure it is"):
        agreed.accept("llm", above={"llm": 0.9})
    with pytest.raises(LabError, match="'cpu' is to be sure, and is not asked"):
        agreed.accept("llm", above={"cpu": 0.9})
    with pytest.raises(LabError, match="to be 2 sure"):
        agreed.accept("llm", above={"llm": 2})
    with pytest.raises(LabError, match="There is no label: llm says so, on <b>"):
        agreed.accept("llm", category="<b>")
    with pytest.raises(LabError, match="can't be called ' '"):
        agreed.accept("llm", name=" ")
    assert agreed.accepted().empty


def test_a_promise_that_is_none_is_refused(lab):
    for wrong in ({"max_error": 0}, {"max_error": 1}, {"confidence": 1}, {"method": "guess"}, {"of": "some"}):
        with pytest.raises(LabError, match=next(iter(map(str, wrong.values())))):
            lab.certify(**wrong)
    with pytest.raises(LabError, match="no number of texts"):
        lab.certify().audit(0)


def test_a_project_without_texts_has_no_certificate(root):
    with pytest.raises(LabError, match="has no texts"):
        Lab("issues", name="empty", root=root).certify()


def test_two_kernels_accept_a_text_once(agreed, root):
    code = "from labkit import Lab; import sys; Lab('issues').accept('llm', name=sys.argv[1])"
    both = [
        subprocess.Popen([sys.executable, "-c", code, name], cwd=root, stderr=subprocess.PIPE, text=True)
        for name in ("one", "two")
    ]
    said = [process.communicate()[1] for process in both]
    mine = agreed.annotations().query("kind == 'accepted'")
    assert len(mine) == mine.example.nunique() == TEXTS
    assert all("LabError" in each for each in said if each)
