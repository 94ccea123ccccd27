"""Scores out of fold in containers: each trains on the other folds, and scores one."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import LabError
from ..progress import Progress, Report, silent
from .app import Cloud
from .failures import LostWorker, RemoteTraceback, describe_inside, explain
from .jobs import register, versions
from .money import Rent, dollars_a_second
from .scoring import CONTAINER, lived
from .sending import carry, describe_task
from .settings import Settings
from .spreading import spread
from .volume import put, read

if TYPE_CHECKING:
    from ..student import Material

FOLDS = "folds"
"""Where on the volume the texts lie, each set under the SHA-256 of what is done with it, and what came of its folds."""

MATERIAL = "material.json"
TRIES = 2
"""How often a fold is sent whose container was lost; each time Modal tries it as often as `Rent.retries` says."""


class Fold(NamedTuple):
    """What a container says of one fold.

    Parameters
    ----------
    number : int
        The fold.
    found : list of (value, dict of str to float) or LabError
        What its texts were given, in their order; or why there is nothing.
    container : str
        Which container it was.
    lived : float
        For how many seconds this container has run.
    traceback : str
        Where what went wrong was not foreseen: the lines that say where it was raised.
    """

    number: int
    found: list[Any] | LabError
    container: str
    lived: float
    traceback: str = ""


@dataclass
class Folds:
    """Containers at Modal, as what runs folds: a `labkit.student.Runner`.

    What a fold came to is kept on the volume: the same folds of the same texts go on where they stopped.

    Parameters
    ----------
    settings : Settings
        How the project uses Modal.
    root : Path or None
        The folder of `.env`.
    rent : Rent
        What each container is given, and how many there are at the most.
    seconds : float
        After how long, from when the folds are sent, those that are not done are given up.

    Attributes
    ----------
    dollars : float
        What the folds so far have cost.
    """

    settings: Settings
    root: Path | None
    rent: Rent
    seconds: float
    dollars: float = field(default=0.0, init=False)

    def __call__(self, material: Material, report: Report) -> dict[int, list[Any]]:
        """Train and score each fold, and return by its number what its texts were given, in their order.

        Raises
        ------
        LabError
            If a fold fails, its container is lost each time, or time is up. Those that are done are kept.
        """
        from ..student.inputs import read_settings

        numbers, before = material.numbers, self.dollars
        lived: dict[str, float] = {}
        with Cloud(self.settings, self.root) as cloud:
            config = carry(cloud, read_settings(material.config, material.task)).to_str()
            there = _put(cloud, config, material)
            results = _kept(cloud, there, numbers)
            extras = ("gpu",) if self.rent.gpu else ("transformers",) * ("spacy-transformers" in config)
            for fold in self._score(cloud, there, [each for each in numbers if each not in results], extras):
                lived[fold.container] = fold.lived
                self.dollars = before + sum(lived.values()) * dollars_a_second(self.rent, self.settings.prices)
                if isinstance(fold.found, LabError):
                    raise fold.found from (RemoteTraceback(fold.traceback) if fold.traceback else None)
                results[fold.number] = fold.found
                report(Progress("out of fold", len(results), len(numbers), {"dollars": self.dollars}))
        return results

    def _score(self, cloud: Cloud, there: str, numbers: list[int], extras: tuple[str, ...]) -> Iterator[Fold]:
        """Yield what became of folds; one whose container was lost is sent again, alone."""
        if not numbers:
            return
        shared = {"folder": there, "volume": self.settings.volume, "mount": self.settings.mount}
        with cloud.running([score_fold], self.rent, extras=extras) as made:
            end, left = monotonic() + self.seconds, set(numbers)
            for last in (*[False] * (TRIES - 1), True):
                inputs, function = iter(sorted(left)), made["score_fold"]
                try:
                    for result in spread(cloud, function, inputs, shared=shared, ahead=len(left), end=end):
                        if isinstance(result, Fold):
                            left.discard(result.number)
                            yield result
                        elif last or not isinstance(explain(result), LostWorker):
                            raise _in_words(result) from None
                except TimeoutError:
                    raise LabError(
                        f"Time is up after {self.seconds / 60:,.1f} minutes,"
                        f" with {len(left)} of {len(numbers)} folds not done.",
                        "Those that are done are kept: raise max_minutes or max_dollars, and run it again.",
                    ) from None
                if not left:
                    return


def score_fold(number: int, *, folder: str, volume: str, mount: str) -> Fold:
    """Train on all folds but one and score that one, in a container; what came of it is kept on the volume.

    It does so in a process of its own, as here: what such a process is told of its cores decides the last digits.
    What goes wrong is returned: raised, it would be tried again in vain.

    Parameters
    ----------
    number : int
        The fold.
    folder : str
        The folder with the configuration, the texts and their folds, from the volume's root.
    volume : str
        The volume's name.
    mount : str
        Where it is mounted.
    """
    import modal
    from confection import Config

    from ..student import Material, run_in_processes
    from ..tasks import make_task

    register()
    there = Path(mount) / folder
    try:
        config, task, examples, fold = json.loads((there / MATERIAL).read_text("utf-8"))
        whole = Material(Config().from_str(config, interpolate=False), make_task(**task), examples, fold)
        written = json.dumps(run_in_processes(whole, [number], silent)[number])
        part = there / f"{number}.part"
        part.write_text(written, "utf-8")
        part.replace(there / f"{number}.json")
        modal.Volume.from_name(volume).commit()
    except Exception as error:
        lines = "" if isinstance(error, LabError) else "".join(traceback.format_exception(error))
        return Fold(number, describe_inside(error), CONTAINER, lived(), lines)
    return Fold(number, json.loads(written), CONTAINER, lived())


def _put(cloud: Cloud, config: str, material: Material) -> str:
    """Put what is to be done on the volume, once, and return its folder there."""
    whole = json.dumps([config, describe_task(material.task), list(material.examples), list(material.fold)]).encode()
    there = f"{FOLDS}/{sha256(json.dumps(versions()).encode() + whole).hexdigest()}"
    if read(cloud, f"{there}/{MATERIAL}") is None:
        put(cloud, {f"{there}/{MATERIAL}": whole})
    return there


def _kept(cloud: Cloud, there: str, numbers: Sequence[int]) -> dict[int, list[Any]]:
    """Return what came of those folds that were done before."""
    contents = {number: read(cloud, f"{there}/{number}.json") for number in numbers}
    return {number: json.loads(content) for number, content in contents.items() if content is not None}


def _in_words(error: BaseException) -> LabError:
    """Return what a fold ended with in words."""
    if isinstance(error, LabError):
        return error
    return explain(error) or LabError(f"A fold failed at Modal: {error}.", "Start it again.")
