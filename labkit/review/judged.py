"""How far annotators can be relied on, by what people decided or a reference says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import LabError
from ..metrics import MICRO, brier, calibration_error, wilson
from ..metrics import reliability as curve_of
from ..tasks import Task
from .answers import WITH_VALUE, Answers, choose, encode
from .comparison import Comparison
from .pairs import distance
from .voting import NOT_VOTING, word

PEOPLE = "person"
JUDGE = "\0judge"  # a name that no annotator has: PostgreSQL's texts can't hold the character


def reliability(
    annotations: pd.DataFrame, task: Task, names: Sequence[str] | None = None, by: str = PEOPLE
) -> pd.DataFrame:
    """Say of each annotator and label how often it is right, where it gives the label and where it does not.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, with the columns ``example, annotator, kind, outcome, value, scores``,
        in the order in which they were made.
    task : Task
        What the values are values of.
    names : sequence of str, optional
        Of whom; everyone but people and the reference if left out.
    by : str
        Who is taken to be right: a kind of annotator, such as people, or an annotator's name.

    Returns
    -------
    DataFrame
        Indexed by ``annotator`` and ``label``: ``gives``, how often it gives the label (in parts: labels or spans)
        in texts that were judged, the share of these that is ``right``, and its 95 % Wilson interval ``right_low,
        right_high``; ``withholds``, in how many of these texts it does not, the share of these that is
        ``rightly``, and ``rightly_low, rightly_high``. Shares of nothing are NaN.

        It is about the texts that were judged. People who read from the top of a queue meet the hard ones: an
        annotator is better on the rest. Of what was read blind, see `labkit.review.blind`.

    Raises
    ------
    LabError
        If nobody judged any text, or there is no annotation by one of `names`.

    Examples
    --------
    >>> from labkit.tasks import make_task
    >>> rows = [(n, "llm", "llm", ["BUG"]) for n in range(4)] + [(n, "anna", "person", ["BUG"]) for n in range(3)]
    >>> said = pd.DataFrame([*rows, (3, "anna", "person", [])], columns=["example", "annotator", "kind", "value"])
    >>> said = said.assign(outcome="parsed", scores=None)
    >>> reliability(said, make_task("choices", ["BUG"]))[["gives", "right"]].loc[("llm", "BUG")].tolist()
    [4.0, 0.75]
    """
    chosen = choose(annotations, names, without=NOT_VOTING)
    answers = _judged(annotations, task, [name for name in chosen if name != by], by)
    rows = {(name, label): row for name in answers.annotators[1:] for label, row in _rows(answers, name).items()}
    columns = ["gives", "right", "right_low", "right_high", "withholds", "rightly", "rightly_low", "rightly_high"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index = pd.MultiIndex.from_tuples(rows, names=["annotator", "label"])
    return table.astype({"gives": int, "withholds": int})


@dataclass(frozen=True, eq=False)
class Calibration:
    """Whether an annotator's probabilities come true as often as they say. Made by `calibration`.

    Parameters
    ----------
    annotator : str
        Whose probabilities.
    by : str
        Who says what is true.
    scores : DataFrame
        Indexed by ``label`` and `labkit.metrics.MICRO`, all together: ``cases``, the ``brier`` score (0 is best),
        what it would be if every probability were the label's share, ``brier_of_share``, and the expected
        calibration ``error`` (0 is best).
    curve : DataFrame
        Indexed by ``label`` (and all together) and bin: the table of `labkit.metrics.reliability`.
    """

    annotator: str
    by: str
    scores: pd.DataFrame
    curve: pd.DataFrame


def calibration(annotations: pd.DataFrame, task: Task, of: str, by: str = PEOPLE) -> Calibration:
    """Hold an annotator's probabilities against what is true.

    Parameters
    ----------
    annotations : DataFrame
        One row an example and annotator, as for `reliability`.
    task : Task
        What the values are values of.
    of : str
        An annotator that gives scores.
    by : str
        Who is taken to be right: a kind of annotator, such as people, or an annotator's name.

    Returns
    -------
    Calibration
        Figures and curve. A model is calibrated to what it learned from: held against ``"llm"``, it shows how good
        the calibration is, and held against people or a reference, what the labels that it learned are worth too.

    Raises
    ------
    LabError
        If the annotator gives no scores, they are no probabilities by label, or no text that it scored was judged.

    Examples
    --------
    >>> calibration(lab.annotations(), lab.project.task, "cpu", "llm").scores  # doctest: +SKIP
    """
    said = annotations[(annotations["annotator"] == of) & annotations["scores"].notna()]
    if said.empty:
        raise LabError(f"{of} gives no scores.", "Name a local model: lab.annotate('cpu') makes one.")
    true = _truth(annotations, by).set_index("example")["value"]
    both = said[said["example"].isin(true.index)]
    if both.empty:
        raise LabError(f"No text that {of} scored was judged by {by}.", "Decide on some, or name another judge.")
    if not all(isinstance(scores, Mapping) for scores in both["scores"]) or not any(both["scores"]):
        raise LabError(f"{of} has scores that are no numbers by label.", 'Give them as {"BUG": 0.9}.')
    cases = pd.DataFrame(
        [
            (task.alike(key), score, task.holds(value, key))
            for scores, value in zip(both["scores"], map(task.check, true.loc[both["example"]]), strict=True)
            for key, score in scores.items()
        ],
        columns=["label", "said", "true"],
    )
    groups = dict(iter(cases.groupby("label", sort=False))) | {MICRO: cases}
    rows = {label: _figures(each["said"].to_numpy(), each["true"].to_numpy()) for label, each in groups.items()}
    columns = ["cases", "brier", "brier_of_share", "error"]
    scores = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("label").astype({"cases": int})
    curves = {label: curve_of(each["said"].to_numpy(), each["true"].to_numpy()) for label, each in groups.items()}
    return Calibration(of, by, scores, pd.concat(curves, names=["label", "bin"]))


def who_was_right(comparison: Comparison, annotations: pd.DataFrame, a: str, b: str, by: str = PEOPLE) -> pd.DataFrame:
    """Say of each judged text which of two annotators was right, how far apart they were, and how sure.

    Parameters
    ----------
    comparison : Comparison
        Who says what; the first of `b` and `a` that gives scores says how sure it is.
    annotations : DataFrame
        One row an example and annotator, as for `reliability`, with the judge's.
    a, b : str
        Two of its annotators.
    by : str
        Who is taken to be right: a kind of annotator, such as people, or an annotator's name.

    Returns
    -------
    DataFrame
        Indexed by ``example``: ``distance`` between the two, 0 to 1, as `Comparison` has it; ``confidence``, 0 to 1,
        NaN where neither gives scores; and who was ``right``: ``both``, ``only <name>`` or ``neither``. Its
        ``attrs`` name ``a``, ``b``, and who is ``sure``.

    Raises
    ------
    LabError
        If `a` or `b` is not compared, or nobody judged any text.

    Examples
    --------
    >>> who_was_right(gap, lab.annotations(), "llm", "cpu")["right"].value_counts()  # doctest: +SKIP
    """
    answers, task = comparison.answers, comparison.answers.task
    columns = [answers.column(a), answers.column(b)]
    truth = _truth(annotations, by).set_index("example")["value"].map(task.check)
    shared = np.flatnonzero(answers.given[:, columns].all(axis=1) & np.isin(answers.examples, truth.index))
    names = {(True, True): "both", (True, False): f"only {a}", (False, True): f"only {b}", (False, False): "neither"}
    right = [
        names[answers.values[x] == truth[example], answers.values[y] == truth[example]]
        for example, (x, y) in zip(answers.examples[shared], answers.codes[shared][:, columns], strict=True)
    ]
    sure = next((name for name in (b, a) if name in answers.scores), b)
    nobody = np.full(len(answers.examples), np.nan)
    table = pd.DataFrame(
        {
            "distance": distance(answers, [columns])[shared],
            "confidence": answers.confidence.get(sure, nobody)[shared],
            "right": right,
        },
        pd.Index(answers.examples[shared], name="example"),
    )
    table.attrs.update(a=a, b=b, sure=sure)
    return table


def _truth(annotations: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return what is true of each text that was judged, or raise LabError."""
    valued = annotations[annotations["outcome"].isin(WITH_VALUE)]
    found = word(valued, by, valued["annotator"].unique().tolist())
    if found.empty:
        who = "No person has" if by == PEOPLE else f"{by} has not"
        raise LabError(f"{who} decided on any text.", "Decide on some: lab.correct(); or load_labels them.")
    return found


def _judged(annotations: pd.DataFrame, task: Task, names: Sequence[str], by: str) -> Answers:
    """Put the judge's values into a first column, and keep the texts that were judged."""
    truth = _truth(annotations, by).assign(annotator=JUDGE, kind="reference", outcome="parsed", scores=None)
    mine = annotations[annotations["annotator"].isin(list(names)) & annotations["example"].isin(truth["example"])]
    return encode(pd.concat([truth, mine.assign(scores=None)]), task, [JUDGE, *names])


def _rows(answers: Answers, name: str) -> dict[str, list[float]]:
    """Count for each label how often one annotator is right."""
    true, given, texts = answers.tally(JUDGE, name)
    parts = [answers.task.scored(value) for value in answers.values]
    rows = {}
    for column, label in enumerate(answers.task.labels):
        said = [[part for part in parts[code] if part.label == label] for code in given]
        gives = int(texts @ np.array([len(each) for each in said], int)) if len(texts) else 0
        hits = [sum(part in parts[code] for part in each) for each, code in zip(said, true, strict=True)]
        right = int(texts @ np.array(hits, int)) if len(texts) else 0
        silent = answers.membership[given, column] == 0
        withholds = int(texts[silent].sum())
        rightly = int(texts[silent & (answers.membership[true, column] == 0)].sum())
        rows[label] = [gives, *_share(right, gives), withholds, *_share(rightly, withholds)]
    return rows


def _share(hits: int, total: int) -> tuple[float, float, float]:
    """Return a share and its interval."""
    return (hits / total, *wilson(hits, total)) if total else (np.nan, np.nan, np.nan)


def _figures(said: np.ndarray, true: np.ndarray) -> list[float]:
    """Return the figures of one label's probabilities."""
    return [len(said), brier(said, true), float(true.mean() * (1 - true.mean())), calibration_error(said, true)]
