"""Has a project's texts labelled by a pipeline that was trained elsewhere, and is loaded as it is."""

from __future__ import annotations

from ..errors import LabError
from ..progress import Progress, Report
from ..store import Annotation
from ..student import digest_of, load_pipeline, score
from ..tasks import Outcome
from .desk import Desk

BATCH = 1000
"""Texts that are labelled before what was said of them is kept."""


def by_pipeline(desk: Desk, name: str, report: Report) -> None:
    """Let a pipeline of ``[pipelines]`` label each text; keep what it said. What it labelled before stays as it is."""
    given = desk.project.pipelines[name]
    folder = desk.project.root / given
    nlp = load_pipeline(folder if folder.is_dir() else given)
    texts = desk.texts()
    annotator = desk.store.annotations.annotator(
        desk.number, name, "model", digest_of(nlp), {"pipeline": given, "version": nlp.meta.get("version", "")}
    )
    if desk.store.annotations.count(annotator) == len(texts):
        return
    for start in range(0, len(texts), BATCH):
        part = texts[start : start + BATCH]
        try:
            found = score(nlp, desk.task, list(part.text))
        except LabError as error:
            raise LabError(f"{name} in project.toml: {error.problem}", error.remedy) from None
        desk.store.annotations.add(
            annotator,
            (
                Annotation(int(example), Outcome.PARSED if value else Outcome.NONE, value, scores or None, source=given)
                for example, (value, scores) in zip(part.example, found, strict=True)
            ),
        )
        report(Progress("labelling", start + len(part), len(texts)))
