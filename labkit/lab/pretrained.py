"""Has a project's texts labelled by a pipeline that was trained elsewhere, and is loaded as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from ..progress import Progress, Report
from ..review import consensus
from ..review.comparison import join
from ..store import Annotation
from ..student import CALIBRATION, calibrate, check_folds, digest_of, fold_of, load_pipeline, score, too_few
from ..tasks import Outcome
from .desk import Desk

if TYPE_CHECKING:
    import pandas as pd
    from spacy.language import Language

BATCH = 1000
"""Texts that are labelled before what was said of them is kept."""
PERSON = "person"


def by_pipeline(desk: Desk, name: str, folds: int, learn_from: Sequence[str], report: Report) -> None:
    """Let a pipeline of ``[pipelines]`` label each text, and calibrate its scores; keep both.

    What it labelled before stays as it is. It is calibrated as a local model is, but by people's decisions before all
    other labels: it has learned from none of them.
    """
    given = desk.project.pipelines[name]
    folder = desk.project.root / given
    nlp = load_pipeline(folder if folder.is_dir() else given)
    texts, digest = desk.texts(), digest_of(nlp)
    about = {"pipeline": given, "version": nlp.meta.get("version", "")}
    number = desk.store.annotations.annotator(desk.number, name, "model", digest, about)
    if desk.store.annotations.count(number) < len(texts):
        _label(desk, name, number, nlp, texts, report)
    _calibrate(desk, name, digest, about, texts, folds, [PERSON, *learn_from])


def _label(desk: Desk, name: str, number: int, nlp: Language, texts: pd.DataFrame, report: Report) -> None:
    """Keep what a pipeline says of each text, with its scores as they are."""
    source = desk.project.pipelines[name]
    for start in range(0, len(texts), BATCH):
        part = texts[start : start + BATCH]
        try:
            found = score(nlp, desk.task, list(part.text))
        except LabError as error:
            raise LabError(f"{name} in project.toml: {error.problem}", error.remedy) from None
        rows = zip(part.example, found, strict=True)
        desk.store.annotations.add(number, (_annotation(e, value, scores, source) for e, (value, scores) in rows))
        report(Progress("labelling", start + len(part), len(texts)))


def _calibrate(
    desk: Desk, name: str, digest: str, about: Mapping[str, str], texts: pd.DataFrame, folds: int, by: Sequence[str]
) -> None:
    """Keep what a pipeline says with probabilities by the labels of the other folds, where these are enough."""
    check_folds(folds)
    said = desk.store.annotations.latest(desk.number)
    mine = said[(said.annotator == name) & said.scores.notna()].merge(texts[["example", "text"]], on="example")
    known = consensus(said[said.annotator != name], desk.task, by=by).set_index("example")
    known = known[known.index.isin(mine.example)]
    values = [known.value.get(example) for example in mine.example]
    fold = [fold_of(text, folds) for text in mine.text]
    scores = mine.scores.tolist()
    few = too_few(desk.task, scores, values, fold)
    if len(few) == len({desk.task.alike(key) for each in scores for key in each}):
        return
    how = {"folds": folds, "calibration": CALIBRATION, "by": known.origin.value_counts().to_dict(), "as_given": few}
    identity = json.dumps([digest, how, sorted(zip(mine.text, values, strict=True), key=lambda row: row[0])])
    number = desk.store.annotations.annotator(
        desk.number, name, "model", sha256(identity.encode()).hexdigest(), {**about, **how}
    )
    if desk.store.annotations.count(number) == len(texts):
        return
    found = zip(mine.example, mine.value, calibrate(desk.task, scores, values, fold), strict=True)
    rows = [_annotation(e, desk.task.decide(each, value), each, about["pipeline"]) for e, value, each in found]
    rest = said[(said.annotator == name) & said.scores.isna()]
    rows += [_annotation(e, value, {}, about["pipeline"]) for e, value in zip(rest.example, rest.value, strict=True)]
    desk.store.annotations.add(number, rows)


def _annotation(example: int, value: Any, scores: Mapping[str, float], source: str) -> Annotation:
    """Return what a pipeline says of one text."""
    return Annotation(
        int(example), Outcome.PARSED if value else Outcome.NONE, value, dict(scores) or None, source=source
    )


def caution(desk: Desk, name: str) -> str:
    """Say which scores of an annotator are not calibrated; empty where all are, or it is no pipeline."""
    if name not in desk.project.pipelines:
        return ""
    how = desk.store.annotations.config(desk.number, name)
    if how.get("calibration") and not how["as_given"]:
        return ""
    which = f"Scores of {name} for {join(how['as_given'])}" if how.get("calibration") else f"The scores of {name}"
    return (
        f"{which} are as the pipeline gave them, and not calibrated: too few texts are labelled by people or the LLM."
        f" Once more are, run lab.annotate({name!r}) again."
    )
