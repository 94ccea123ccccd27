"""Reads texts into the store, with the labels that come with them and those of the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path

import pandas as pd

from ..corpus import SPLITS, Ingested, Row, near_duplicates, read, set_aside, split_of
from ..errors import LabError
from ..files import Bad, excerpt
from ..formats.labels import LabelledKey, read_labels
from ..progress import silent
from ..review.blind import DRAWN, IN_TURN, SHOWN, shown_as
from ..store import Annotation, NewExample
from ..tasks import Outcome
from ..widgets import monitor
from .desk import REFERENCE, Desk

LONG = 10_000
"""Texts from which on the search for near duplicates shows how far it is."""

HOW = (SHOWN, DRAWN, IN_TURN)
"""What a recorded decision may say of how its text was shown."""

GIVEN = "given"
"""The annotator of labels that come with the texts."""


def ingest(
    desk: Desk,
    path: Path,
    *,
    text: str | None,
    id: str | None,
    label: str | None,
    limit: int,
    near: float | None,
) -> Ingested:
    """Read a file or folder; see `labkit.Lab.ingest`."""
    bad: list[Bad] = []
    labelled: list[Row] = []
    seen: set[str] = set()
    read_in = 0

    def examples() -> Iterator[NewExample]:
        nonlocal read_in
        for row in read(path, text=text, id=id, label=label, limit=limit):
            if isinstance(row, Bad):
                bad.append(row)
                continue
            if row.labels is not None:
                labelled.append(row)
            read_in += 1
            seen.add(row.hash)
            yield NewExample(row.hash, row.key, row.text, split_of(row.hash), row.source, row.meta)

    bad += [_taken(row) for row in desk.store.examples.add(desk.number, examples())]
    bad += _keep_given(desk, labelled)
    if desk.project.reference:
        load_labels(desk, desk.project.reference, REFERENCE, strict=False)
    frame = desk.texts()
    return Ingested(
        texts=len(frame),
        splits={split: int((frame.split == split).sum()) for split in SPLITS},
        repeated=read_in - len(seen),
        bad=bad,
        set_aside=set_aside(bad, desk.aside(path)),
        near_duplicates=_near(frame if near else frame.head(0), near or 1.0),
        labelled=len(labelled),
    )


def _near(texts: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Look for near duplicates, and show how far that is where it takes long."""
    show = monitor("reading texts") if len(texts) > LONG else nullcontext(silent)
    with show as report:
        return near_duplicates(texts, threshold, report)


def load_labels(desk: Desk, path: Path, annotator: str, *, strict: bool = True) -> int:
    """Keep the labels of a file as those of one annotator, and return how many texts they are of.

    Texts are matched by their id. The same file loaded again changes nothing. With `strict`, a row that
    names a text which is not in the project is an error; without, it is passed over.
    """
    ids = desk.store.examples.ids(desk.number)
    frame = desk.store.examples.frame(desk.number, among=() if desk.task.whole_text else None)
    texts, rows = dict(zip(frame.example, frame.text, strict=True)), []
    for row in read_labels(path):
        if isinstance(row, Bad):
            raise LabError(f"{row.source}, line {row.line}: {row.reason}.", "Mend that line, or take it out.")
        if row.key in ids:
            rows.append(_annotation(desk, row, ids[row.key], texts.get(ids[row.key], "")))
        elif strict:
            raise LabError(f"{row.source}: the text {row.key!r} is not in {desk.name!r}.", "Ingest its texts first.")
    kind = annotator if annotator == REFERENCE else "person"
    desk.store.annotations.add(desk.store.annotations.annotator(desk.number, annotator, kind, ""), rows)
    return len({row.example for row in rows})


def _annotation(desk: Desk, row: LabelledKey, example: int, text: str) -> Annotation:
    """Return the annotation that a row gives; a LabError that names its place for a label that is none."""
    try:
        value = desk.task.fit(row.labels, text)
    except LabError as error:
        raise LabError(f"{row.source}: {error.problem}", error.remedy) from None
    outcome = Outcome.PARSED if value else Outcome.NONE
    source = row.how if shown_as(row.how)[0] in HOW else row.source
    return Annotation(example, outcome, value, seconds=row.seconds, source=source)


def _taken(row: NewExample) -> Bad:
    """Return why a text was refused by the store."""
    source, _, line = row.source.rpartition(":")
    return Bad(
        source, int(line), f"the id {row.key!r} is already that of another text of the project", excerpt(row.text)
    )


def _keep_given(desk: Desk, labelled: list[Row]) -> list[Bad]:
    """Keep the labels that came with texts, and return the rows whose labels are none of the task's."""
    if not labelled:
        return []
    ids, bad, rows = desk.store.examples.ids(desk.number), [], []
    for row in labelled:
        source, _, line = row.source.rpartition(":")
        given = [name for name, score in row.labels.items() if score] if isinstance(row.labels, Mapping) else row.labels
        try:
            value = desk.task.check(given)
        except LabError as error:
            reason = f"its text is kept, its label is not: {error.problem}"
            bad.append(Bad(source, int(line), reason, excerpt(str(row.labels))))
            continue
        if row.hash in ids:
            outcome = Outcome.PARSED if value else Outcome.NONE
            rows.append(Annotation(ids[row.hash], outcome, value, source=row.source))
    # They are somebody's, nobody knows whose: kept beside the reference, and never trained on.
    desk.store.annotations.add(desk.store.annotations.annotator(desk.number, GIVEN, REFERENCE, ""), rows)
    return bad
