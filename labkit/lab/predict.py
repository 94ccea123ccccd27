"""Predicts a corpus with a trained model: finds the corpus, the place to run, and where predictions go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

from ..corpus import Row, read, read_source
from ..corpus.sources import Query, Source
from ..files import Bad
from ..predict import OneFile, Parts, Predicted, Reckoned, Sink, Table, predict, reckon
from ..student import score
from ..widgets import monitor
from .desk import Desk
from .places import Place
from .train import Run, need_run

_QUERY = re.compile(r"\s*(select|with|table|values)\b.*\s", re.IGNORECASE | re.DOTALL)
"""How a query begins; no file is called so, with a blank behind."""


def run(
    desk: Desk,
    source: str | Path | Source,
    trained: Run,
    place: Place,
    to: str | Path | None,
    *,
    text: str | None,
    id: str | None,
    limit: int,
    size: int,
    ordered: bool,
) -> Predicted:
    """Predict every text of a corpus once; see `labkit.Lab.predict`."""
    corpus = _corpus(desk, source)
    name = corpus.name
    model = f"{need_run(trained).row.id} {trained.row.digest}"
    with monitor(f"{trained.row.name} predicts") as report:
        return predict(
            partial(_rows, corpus, text=text, id=id, limit=limit),
            model,
            desk.task,
            place.scorer(trained, desk.task),
            _sink(desk, trained, name, to),
            set_aside=desk.aside(corpus if isinstance(corpus, Path) else Path(sha256(name.encode()).hexdigest()[:12])),
            size=size,
            ordered=ordered,
            report=report,
        )


def estimate(
    desk: Desk,
    source: str | Path | Source,
    trained: Run,
    place: Place,
    *,
    text: str | None,
    id: str | None,
    limit: int,
) -> Reckoned:
    """Reckon what a prediction will take; see `labkit.Lab.estimate_predict`."""
    rows = _rows(_corpus(desk, source), text=text, id=id, limit=limit)
    return reckon(rows, partial(score, need_run(trained).load(), desk.task), place.scorer(trained, desk.task))


def _rows(corpus: Path | Source, *, text: str | None, id: str | None, limit: int) -> Iterator[Row | Bad]:
    """Read a corpus."""
    if isinstance(corpus, Path):
        return read(corpus, text=text, id=id, limit=limit, unique=False)
    return read_source(corpus, text=text, id=id, limit=limit, unique=False)


def _corpus(desk: Desk, source: str | Path | Source) -> Path | Source:
    """Return the file, the folder, or the source beyond files that is meant."""
    if isinstance(source, str) and _QUERY.match(source):
        return Query(source)
    return desk.project.path(source) if isinstance(source, str | Path) else source


def _sink(desk: Desk, trained: Run, name: str, to: str | Path | None) -> Sink:
    """Return where predictions go."""
    if to is None:
        return Table(desk.store, trained.row.id)
    path, about = Path(to), {"run": trained.row.id, "digest": trained.row.digest, "corpus": name}
    return OneFile(path, about) if path.suffix == ".parquet" else Parts(path, about)
