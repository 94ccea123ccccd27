"""Hears what a run at Modal tells, writes it down, and shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..cloud import Cloud
from ..cloud.following import Event, Job, as_progress, read_events
from ..progress import Report
from .desk import Desk


class Ear:
    """Hears what one run tells: writes it into the store, and shows it.

    Parameters
    ----------
    desk : Desk
        The project.
    run : int
        The run.
    job : Job
        What it is at Modal.
    report : callable, optional
        Where it is shown.
    """

    def __init__(self, desk: Desk, run: int, job: Job, report: Report | None = None) -> None:
        self._desk, self._run, self._job, self._report = desk, run, job, report
        self.events: list[Event] = []
        self._device = ""
        self._show(desk.store.runs.events(run))

    def __call__(self, events: Sequence[Event]) -> None:
        """Take events that are new."""
        known = len(self.events)
        self._note(events)
        self._desk.store.runs.hear(self._run, events, self.figures, self.dollars)
        self._tell(known)

    def catch_up(self, cloud: Cloud) -> None:
        """Take what was told and not heard."""
        if events := read_events(cloud, self._job, len(self.events)):
            self(events)

    @property
    def dollars(self) -> float:
        """What the run has cost so far."""
        return self._job.dollars(self.events[-1], self._device) if self.events else 0.0

    @property
    def figures(self) -> dict[str, Any]:
        """What is known of the training so far."""
        curve = [{"step": event["done"], **event["figures"]} for event in self.events if "stage" in event]
        scores = [row["score"] for row in curve if "score" in row]
        last = self.events[-1] if self.events else {"seconds": 0.0}
        return {
            "score": max(scores, default=None),
            "steps": curve[-1]["step"] if curve else 0,
            "seconds": last["seconds"],
            "device": self._device,
            "curve": curve,
        }

    def _show(self, events: Sequence[Event]) -> None:
        """Take events that the store has."""
        self._note(events)
        self._tell(0)

    def _note(self, events: Sequence[Event]) -> None:
        """Keep events, and on what the run is."""
        self.events += events
        for event in events:
            self._device = event.get("device", self._device)

    def _tell(self, start: int) -> None:
        """Show events from one on."""
        for event in self.events[start:]:
            if self._report:
                self._report(as_progress(self._job, event, self._device))
