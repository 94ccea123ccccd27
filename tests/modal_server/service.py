"""What every group of calls stands on: the world, and the container that calls."""

from __future__ import annotations

from .containers import Containers
from .records import Task


class Service:
    """A group of remote calls: each method `_Name` takes a request and returns, or yields, responses."""

    def __init__(self, world: Containers):
        self.world = world
        self.task: Task | None = None  # set on the view that one container has
