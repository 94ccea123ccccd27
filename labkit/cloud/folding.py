"""Scores out of fold in containers: each trains on the other folds, and scores one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from ..progress import Progress, Report, silent
from .app import Cloud
from .failures import explain
from .money import Rent, dollars_a_second
from .scoring import CONTAINER, lived
from .sending import carry, describe_task
from .settings import Settings
from .spreading import spread
from .volume import put, read

if TYPE_CHECKING:
    from ..student import Material

FOLDS = "folds"
"""Where on the volume the texts lie, each set under the SHA-256 of what is done with it."""


@dataclass
class Folds:
    """Containers at Modal, as what runs folds: a `labkit.student.Runner`.

    Parameters
    ----------
    settings : Settings
        How the project uses Modal.
    root : Path or None
        The folder of `.env`.
    rent : Rent
        What each container is given, and how many there are at the most.

    Attributes
    ----------
    dollars : float
        What the folds so far have cost.
    """

    settings: Settings
    root: Path | None
    rent: Rent
    dollars: float = field(default=0.0, init=False)

    def __call__(self, material: Material, report: Report) -> dict[int, list[Any]]:
        """Train and score each fold, and return by its number what its texts were given, in their order."""
        from ..student.inputs import read_settings

        results: dict[int, list[Any]] = {}
        lived: dict[str, float] = {}
        before, price = self.dollars, dollars_a_second(self.rent, self.settings.prices)
        with Cloud(self.settings, self.root) as cloud:
            config = carry(cloud, read_settings(material.config, material.task)).to_str()
            whole = json.dumps(
                [config, describe_task(material.task), list(material.examples), list(material.fold)]
            ).encode()
            path = f"{FOLDS}/{sha256(whole).hexdigest()}.json"
            if read(cloud, path) is None:
                put(cloud, {path: whole})
            extras = ("gpu",) if self.rent.gpu else ("transformers",) * ("spacy-transformers" in config)
            numbers = material.numbers
            with cloud.running([score_fold], self.rent, extras=extras) as made:
                shared = {"material": f"{self.settings.mount}/{path}"}
                for result in spread(cloud, made["score_fold"], iter(numbers), shared=shared, ahead=len(numbers)):
                    if isinstance(result, BaseException):
                        raise _in_words(result) from None
                    number, results[number], container, lived[container] = result
                    self.dollars = before + price * sum(lived.values())
                    report(Progress("out of fold", len(results), len(numbers), {"dollars": self.dollars}))
        return results


def score_fold(number: int, *, material: str) -> tuple[int, list[Any], str, float]:
    """Train on all folds but one and score that one, in a container.

    It does so in a process of its own, as here: what such a process is told of its cores decides the last digits.

    Parameters
    ----------
    number : int
        The fold.
    material : str
        Where the container sees the configuration, the texts and their folds.

    Returns
    -------
    tuple
        The fold, what its texts were given, which container it was, and for how many seconds that has run.
    """
    from confection import Config

    from ..student import Material, run_in_processes
    from ..tasks import make_task
    from .jobs import register

    register()
    config, task, examples, fold = json.loads(Path(material).read_text("utf-8"))
    rows = [(example, text, value) for example, text, value in examples]
    whole = Material(Config().from_str(config, interpolate=False), make_task(**task), rows, fold)
    return number, run_in_processes(whole, [number], silent)[number], CONTAINER, lived()


def _in_words(error: BaseException) -> LabError:
    """Return what a fold ended with in words."""
    if isinstance(error, LabError):
        return error
    return explain(error) or LabError(f"A fold failed at Modal: {error}.", "Start it again.")
