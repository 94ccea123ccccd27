"""How a project uses Modal: the names of its app, volume and secret there, and what it reckons with for a second."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ..errors import LabError
from .money import Rent


@dataclass(frozen=True)
class Settings:
    """How a project uses Modal; what ``[modal]`` in project.toml may hold.

    Parameters
    ----------
    app : str
        What the apps are called at Modal.
    volume : str
        The volume for texts, models and base weights; made when it is first needed.
    mount : str
        Where containers see the volume.
    secret : str
        The secret at Modal that holds keys and addresses, for jobs that need them.
    cpu : float
        Cores that each container is given.
    memory : int
        Memory that each container is given, in MiB.
    prices : mapping of str to float
        Dollars a second, in place of those in `labkit.cloud.money`.
    """

    app: str = "labkit"
    volume: str = "labkit"
    mount: str = "/labkit"
    secret: str = "labkit"
    cpu: float = Rent.cpu
    memory: int = Rent.memory
    prices: Mapping[str, float] = field(default_factory=dict)


def read_settings(given: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings: what the environment says, else what `given` says, else the usual.

    Parameters
    ----------
    given : mapping, optional
        The table ``[modal]`` of project.toml. The variables ``LABKIT_MODAL_APP``, ``LABKIT_MODAL_VOLUME``,
        ``LABKIT_MODAL_MOUNT`` and ``LABKIT_MODAL_SECRET`` go before it.

    Raises
    ------
    LabError
        If a setting is unknown or of the wrong type.

    Examples
    --------
    >>> read_settings({"volume": "team"}).volume
    'team'
    """
    given = dict(given or {})
    names = {each.name for each in fields(Settings)}
    if unknown := set(given) - names:
        raise LabError(
            f"[modal] in project.toml holds {min(unknown)!r}.", f"The settings are: {', '.join(sorted(names))}."
        )
    prices = given.get("prices", {})
    if not isinstance(prices, Mapping) or not all(_is_number(value) for value in prices.values()):
        raise LabError("[modal.prices] in project.toml is no table of dollars a second.", "Write: L4 = 0.0002.")
    for name in ("cpu", "memory"):
        value = given.get(name, getattr(Settings, name))
        if not (_is_number(value) and value > 0 and (name == "cpu" or isinstance(value, int))):
            raise LabError(f"[modal] in project.toml: {name} is {value!r}.", "Write cpu = 4, memory = 16384 (MiB).")
    for name in sorted(names - {"prices", "cpu", "memory"}):
        given[name] = os.environ.get(f"LABKIT_MODAL_{name.upper()}") or given.get(name, getattr(Settings, name))
        if not isinstance(given[name], str) or not given[name]:
            raise LabError(f"[modal] in project.toml: {name} is {given[name]!r}.", "Write a name.")
    if not given["mount"].startswith("/") or given["mount"].strip("/") == "":
        raise LabError(f"[modal] in project.toml: mount is {given['mount']!r}.", "Write a path such as /labkit.")
    return Settings(**given)


def _is_number(value: Any) -> bool:
    """Whether a value is a finite number of at least 0."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf
