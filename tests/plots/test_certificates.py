from __future__ import annotations

import pytest

from labkit import LabError, plots
from labkit.certify import Stratum, certify
from labkit.certify.certificate import percent

from .drawn import inside, words
from .test_annotators import HOSTILE

MADE = certify(
    [
        Stratum("both prompts agree", 900, "r" * 197 + "w"),
        Stratum("the rest", 120, "r" * 38 + "ws"),
        Stratum("old", 90, "rrw", standing=False),
    ],
    texts=1200,
    read=290,
)


def test_the_funnel_shows_what_is_left_at_each_stage():
    funnel = plots.certificate(MADE).axes[0]
    widths = [bar.get_width() for container in funnel.containers for bar in container]
    assert widths == [1200, 290 + MADE.unread, MADE.unread, MADE.wrong]
    assert [tick.get_text() for tick in funnel.get_yticklabels()] == [
        "all texts",
        "read or accepted",
        "read by nobody",
        "wrong, at most",
    ]
    assert funnel.get_title(loc="left").replace("\n", " ") == (
        f"After 238 texts: at most {percent(MADE.rate)} wrong, which does not keep the promise"
    )


def test_each_stratum_shows_what_was_found_and_what_is_not_ruled_out():
    strata = plots.certificate(MADE).axes[1]
    ends, dots, promise = strata.lines
    assert dots.get_xdata().tolist() == [1 / 198, 2 / 40]
    assert ends.get_xdata().tolist() == [
        top / stratum.left for top, stratum in zip(MADE.at_most[:2], MADE.strata[:2], strict=True)
    ]
    assert promise.get_xdata()[0] == 0.02
    title = strata.get_title(loc="left").replace("\n", " ")
    assert title == f"Each stratum by itself: at most {percent(max(ends.get_xdata()))} wrong"
    assert [tick.get_text() for tick in strata.get_yticklabels()] == ["both prompts agree", "the rest"]


def test_a_stratum_without_an_audit_has_no_dot():
    strata = plots.certificate(certify([Stratum("all", 50)], texts=50, read=0)).axes[1]
    ends, dots, _ = strata.lines
    assert ends.get_xdata().tolist() == [1.0]
    assert str(dots.get_xdata()[0]) == "nan"


def test_no_name_is_cut_off():
    strata = [Stratum(name, 60 + place, "rrw" * place) for place, name in enumerate(HOSTILE)]
    figure = plots.certificate(certify(strata, texts=2000, read=100))
    assert inside(figure)
    assert "promise: at most 2 %" in words(figure)


def test_nothing_accepted_can_not_be_drawn():
    with pytest.raises(LabError, match="No label stands"):
        plots.certificate(certify([], texts=9, read=3))
