"""Certificates say what they promise and what they do not, and can be worked out again."""

import json

import numpy as np
import pytest

from labkit import LabError
from labkit.certify import Method, Stratum, certify, check, hypergeometric

from .simulate import audits_needed, total

HOSTILE = "<script>alert('x')</script> באג 🐛\x00"


def made(*strata, texts=None, read=None, **promise):
    """Certify strata; every other text was read."""
    given = [Stratum(f"s{n}", *each) if isinstance(each, tuple) else each for n, each in enumerate(strata)]
    known = sum(each.read for each in given)
    return certify(
        given, texts=texts or sum(each.texts for each in given), read=known if read is None else read, **promise
    )


def test_a_promise_that_is_kept_is_one_sentence():
    certificate = made((1000, "r" * 200), texts=1250, read=300)
    assert certificate.sentence == (
        "With 95 % confidence, at most 15 of the 800 labels that were accepted and that nobody read are wrong (1.88 %),"
        " and so at most 1.37 % of all 1,100 labels, read or accepted, if what people decided is right: the promise, at"
        " most 2 % of the labels that nobody read, is kept. 150 texts are neither read nor accepted: nothing is"
        " promised of them."
    )
    assert (certificate.kept, certificate.advice, certificate.more) == (True, "", (0,))


def test_what_is_missing_is_said():
    certificate = made((1000, "r" * 100))
    assert not certificate.kept
    how = "if all of these are right: lab.correct(certificate.audit())."
    assert certificate.advice == f"To keep it, read {certificate.more[0]} more {how}"
    again = made((1000, "r" * (100 + certificate.more[0])))
    short = made((1000, "r" * (99 + certificate.more[0])))
    assert (again.kept, short.kept) == (True, False)


def test_a_promise_of_all_labels_is_kept_sooner():
    unread, everything = (made((1000, "r" * 100 + "w"), texts=1600, read=701, of=of) for of in ("unread", "all"))
    assert (unread.wrong, unread.kept) == (everything.wrong, False)
    assert everything.kept is (everything.rate_of_all <= 0.02)
    assert sum(everything.more) < sum(unread.more)
    closed = made((1000, "r" * (101 + everything.more[0]) + "w"), texts=1600, read=702 + everything.more[0])
    assert not closed.kept
    assert closed.advice.endswith("or promise it of all labels, read or accepted, where it is kept: of='all'.")
    assert made(*closed.strata, texts=1600, read=closed.read, of="all").kept
    with pytest.raises(LabError, match="A promise of 'some' labels is none"):
        made((5, ""), of="some")


def test_errors_found_cost_more_and_what_was_found_is_mended():
    clean, dirty = made((2000, "r" * 200)), made((2000, "r" * 199 + "w"))
    assert dirty.more[0] > clean.more[0]
    assert dirty.more_as_so_far[0] >= dirty.more[0]
    assert made((10, "r" * 9 + "w")).rate == 0
    assert (
        made((10, "w" * 10)).sentence
        == "No label stands that was accepted and not read. Every text is read or accepted."
    )


def test_what_is_set_aside_counts_as_wrong_and_stays():
    certificate = made((20, "r" * 18 + "ss"))
    assert (certificate.wrong, certificate.unread, certificate.kept) == (2, 2, False)
    assert certificate.advice == "To keep it, decide what was set aside (2), for it counts as wrong."


def test_the_cheapest_texts_are_read_first():
    """The stratum of which least is known comes first, and one with errors costs more."""
    even = made((3000, ""), (1000, ""))
    assert even.more[0] > 2 * even.more[1] > 0
    assert made((3000, "r" * 140), (1000, "")).more[1] >= made((3000, "r" * 140), (1000, "")).more[0]
    dirty = made((3000, "r" * 60), (1000, "r" * 17 + "www"))
    assert dirty.more[1] > made((3000, "r" * 60), (1000, "r" * 20)).more[1]
    assert set(dirty.without) == {"s1"}


def test_a_bad_stratum_is_better_revoked():
    certificate = made((3000, "r" * 150), (600, "rrrwwwrrww"))
    assert certificate.without["s1"] < sum(certificate.more)
    assert f"or revoke 's1' and read {certificate.without['s1']}" in certificate.advice
    revoked = made((3000, "r" * 150), Stratum("s1", 600, "rrrwwwrrww", standing=False))
    assert sum(revoked.more) == certificate.without["s1"]
    assert revoked.neither == 590


@pytest.mark.parametrize("method", list(Method))
def test_every_method_plans_what_then_suffices(method):
    first = made((800, "r" * 20), (300, "r" * 5 + "w"), method=method, max_error=0.1)
    strata = [(800, "r" * (20 + first.more[0])), (300, "rrrrrw" + "r" * first.more[1])]
    assert made(*strata, method=method, max_error=0.1).kept


def test_nothing_accepted_promises_nothing():
    certificate = made(texts=500, read=20)
    assert not certificate.kept
    assert "480 texts are neither read nor accepted: nothing is promised of them" in certificate.sentence
    assert "lab.accept()" in certificate.advice
    assert made(texts=20, read=20).kept


def test_one_text_and_a_million():
    assert (made((1, "")).wrong, made((1, "")).more) == (1, (1,))
    assert made((1, "r")).kept
    certificate = made((600_000, "r" * 90 + "w"), (400_000, "r" * 60))
    assert certificate.rate > 0.02
    assert 100 < sum(certificate.more) < 1000


def test_a_certificate_is_saved_and_worked_out_again(tmp_path):
    certificate = made(
        Stratum(HOSTILE, 900, "rrRw" + "r" * 200, rule={"names": ["llm"]}, seed=7, drawn=("a", HOSTILE)),
        (50, "rrW"),
        max_error=0.05,
    )
    path = certificate.save(tmp_path / "deep" / "certificate.json")
    again = check(path)
    assert repr(again) == repr(certificate)
    stated = json.loads(path.read_text("utf-8"))
    assert (stated["strata"][0]["seed"], stated["strata"][0]["drawn"]) == (7, ["a", HOSTILE])
    stated["strata"][0]["history"] += "r"
    with pytest.raises(LabError, match="does not follow from its counts: .*sentence"):
        check(stated)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"strata": [{"name": 1}]}', "\x00", '{"strata": 3, "texts": {}}'])
def test_what_is_no_certificate_is_refused(tmp_path, text):
    path = tmp_path / "c.json"
    path.write_text(text)
    with pytest.raises(LabError, match="no certificate of labkit"):
        check(path)
    with pytest.raises(LabError, match="no certificate of labkit"):
        check(tmp_path / "nowhere.json")


def test_a_folder_that_is_a_file_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError):
        made((5, "r")).save(tmp_path / "file" / "certificate.json")


def test_a_name_is_no_html():
    shown = made(Stratum(HOSTILE, 9, "r"))._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(("texts", "history"), [(0, ""), (-1, ""), (2, "rrr"), (5, "x")])
def test_a_stratum_that_can_not_be_is_refused(texts, history):
    with pytest.raises(LabError, match="stratum|history"):
        Stratum("s", texts, history)


@pytest.mark.parametrize(
    ("promise", "said"),
    [
        ({"max_error": 0}, "max_error is 0"),
        ({"max_error": 1}, "max_error is 1"),
        ({"confidence": 1}, "confidence is 1"),
    ],
)
def test_a_promise_that_is_none_is_refused(promise, said):
    with pytest.raises(LabError, match=said):
        made((5, ""), **promise)


def test_methods_and_counts_are_checked():
    with pytest.raises(LabError, match="'wald' is no method of a certificate. Use one of: sequential, hyp"):
        made((5, ""), method="wald")
    with pytest.raises(LabError, match="More than 5 texts"):
        made((5, ""), read=1)


@pytest.mark.parametrize("texts", [500, 2000, 20_000])
def test_looking_at_any_time_costs_little_where_no_error_is_found(texts):
    """Next to the smallest audit, without errors, of a size fixed beforehand."""
    plain = next(n for n in range(1, texts) if hypergeometric(texts, n, 0) <= 0.02 * (texts - n))
    assert plain <= made((texts, "")).more[0] <= 1.3 * plain


def test_looking_at_any_time_reads_less_where_errors_are_rare():
    """With an error in 500, the mean audit is smaller than one fixed beforehand to stand two errors."""
    random, texts, promise = np.random.default_rng(5), 5000, 0.02

    def kept(drawn: int, wrong: int) -> bool:
        return total((texts,), (drawn,), (wrong,), Method.SEQUENTIAL, 0.95) - wrong <= promise * (texts - drawn)

    fixed = next(n for n in range(100, texts) if hypergeometric(texts, n, 2) - 2 <= promise * (texts - n))
    needed = [audits_needed(random, texts, 10, promise, lambda n, k: n > 100 and kept(n, k)) for _ in range(100)]
    assert np.mean(needed) < fixed
