"""How far a long job is: what jobs report, and what the monitor draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Progress:
    """One report of a job.

    Parameters
    ----------
    stage : str
        What is being done, for a person: ``"training"``.
    done, total : int
        Units done and units in all. `total` is 0 where it is not known.
    figures : mapping of str to float
        What has been measured so far, such as ``{"loss": 1.2, "score": 0.8}``.
    elapsed : float or None
        Seconds that the job has run, where it knows better than who listens: it runs elsewhere, or ran before.
    device : str
        What computes, for a person, where that matters: ``"NVIDIA L4"``.
    """

    stage: str
    done: int
    total: int
    figures: Mapping[str, float] = field(default_factory=dict)
    elapsed: float | None = None
    device: str = ""

    @property
    def heading(self) -> str:
        """What is being done, and on what.

        Examples
        --------
        >>> Progress("training", 1, 20, device="NVIDIA L4").heading
        'training on NVIDIA L4'
        """
        return f"{self.stage} on {self.device}" if self.device else self.stage


Report = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """Drop the report: what jobs use where nobody looks."""
