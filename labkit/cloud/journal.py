"""What a job in a container tells of itself: events on the volume, numbered over all its attempts."""

from __future__ import annotations

import json
import math
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..progress import Progress

if TYPE_CHECKING:
    import modal

EVENTS = "events.jsonl"
STOP = "stop"
"""A file of this name in the job's folder asks the job to end soon, with the best that it has."""

COMMIT_SECONDS = 1.0
"""Least time between two commits of the volume, which make others see what was written."""

ASK_SECONDS = 5.0
"""Least time between two looks for `STOP` where nothing is told."""


class Journal:
    """The events of one job, in a file of its folder; passed to the job as its `report`.

    A job whose container was lost is run again with the same folder: the numbers go on, and what it tells a second
    time, as it comes past where it was, is dropped.

    Parameters
    ----------
    folder : Path
        The job's folder on the volume.
    volume : modal.Volume
        The volume.
    path : str
        The job's folder, from the volume's root.
    limit : float
        Seconds, over all attempts, after which the job has to end.
    """

    def __init__(self, folder: Path, volume: modal.Volume, path: str, limit: float = math.inf) -> None:
        self._file, self._folder, self._volume, self._path, self._limit = folder / EVENTS, folder, volume, path, limit
        events = self._recover()
        self._count = len(events)
        self._before = float(events[-1]["seconds"]) if events else 0.0
        self._told = {event["stage"]: event["done"] for event in events if "stage" in event}
        self.attempt = 1 + sum("attempt" in event for event in events)
        self.why: str | None = None
        """Why the job was told to end, where it was."""
        self._begun = time.monotonic()
        self._committed = self._looked = -math.inf

    @property
    def seconds(self) -> float:
        """How long the job has run, over all attempts, as far as they told."""
        return self._before + time.monotonic() - self._begun

    def begin(self, **facts: Any) -> None:
        """Tell that an attempt begins, and where."""
        self._write(attempt=self.attempt, **facts)
        self.commit()

    def __call__(self, progress: Progress) -> None:
        """Tell how far the job is; a KeyboardInterrupt tells it to end.

        Raises
        ------
        KeyboardInterrupt
            If its time is up, or somebody asked it to end.
        """
        if progress.done > self._told.get(progress.stage, -1):
            self._told[progress.stage] = progress.done
            figures = {name: value for name, value in progress.figures.items() if math.isfinite(value)}
            self._write(stage=progress.stage, done=progress.done, total=progress.total, figures=figures)
        if time.monotonic() - self._committed >= COMMIT_SECONDS:
            self.commit()
            if self._asked():
                self.why = "asked"
        if self.seconds >= self._limit:
            self.why = "limit"
        if self.why:
            raise KeyboardInterrupt

    def must_end(self, seconds: float) -> bool:
        """Return whether the job has to end now; between two reports nobody else would ask.

        Parameters
        ----------
        seconds : float
            What it still takes to end.
        """
        if self.seconds + seconds >= self._limit:
            self.why = "limit"
        elif time.monotonic() - max(self._looked, self._committed) >= ASK_SECONDS:
            self._looked = time.monotonic()
            if self._asked():
                self.why = "asked"
        return self.why is not None

    def commit(self) -> None:
        """Have others see what was written."""
        self._volume.commit()
        self._committed = time.monotonic()

    def _write(self, **event: Any) -> None:
        """Add an event."""
        line = {"number": self._count, "seconds": round(self.seconds, 3), "at": time.time(), **event}
        with self._file.open("a", encoding="utf-8") as file:  # closed each time: open files forbid to reload a volume
            file.write(json.dumps(line) + "\n")
        self._count += 1

    def _asked(self) -> bool:
        """Whether somebody left the file that asks to end: what others write shows in their commits alone."""
        if (self._folder / STOP).exists():
            return True
        with suppress(Exception):  # asked again at the next commit; the limit holds anyway
            return bool(b"".join(self._volume.read_file(f"{self._path}/{STOP}")) or True)
        return False

    def _recover(self) -> list[dict[str, Any]]:
        """Return the events of earlier attempts; half a line of a container that was killed is cut off."""
        if not self._file.exists():
            return []
        content = self._file.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            self._file.write_bytes(whole)
        return [json.loads(line) for line in whole.splitlines()]
