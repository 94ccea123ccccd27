"""What a second at Modal costs, and what a job may spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import LabError

PRICES: Mapping[str, float] = {
    "T4": 0.000164,
    "L4": 0.000222,
    "A10": 0.000306,
    "L40S": 0.000542,
    "A100-40GB": 0.000583,
    "A100-80GB": 0.000694,
    "RTX-PRO-6000": 0.000842,
    "H100": 0.001097,
    "H200": 0.001261,
    "B200": 0.001736,
    "CPU core": 0.0000131,
    "GiB of memory": 0.00000222,
}
"""Dollars a second. Those of T4, L4, L40S, A100-80GB and H100 are Modal's list of May 2026 as techbytes.app quotes it;
the rest are Modal's list as it stood in 2025, and were not checked since. modal.com/pricing has today's: put what
differs under ``[modal.prices]`` in project.toml."""

SAME = {"A10G": "A10", "A100": "A100-40GB", "H100!": "H100", "B200+": "B200"}
"""Other names that Modal takes, and where their price stands."""

MOST = {"A10": 4}
"""Most GPUs of a kind in one container, where it is not 8."""

HOUR = 3600.0


@dataclass(frozen=True)
class Rent:
    """What one container is given.

    Parameters
    ----------
    gpu : sequence of str
        Kinds of GPU, the one that is wanted most first: ``["L4", "A10G"]``, several as in ``"A100-80GB:2"``. Empty
        for none.
    cpu : float
        Cores.
    memory : int
        Memory, in MiB.
    timeout : int
        Seconds after which a call is ended, whatever it does; Modal allows 24 hours.
    retries : int
        How often a call is made again when its container was lost.
    max_containers : int
        Most containers at a time.
    """

    gpu: Sequence[str] = ()
    cpu: float = 2.0
    memory: int = 8192
    timeout: int = 3600
    retries: int = 3
    max_containers: int = 1

    def __post_init__(self) -> None:
        check_gpus(self.gpu)
        if not 1 <= self.timeout <= 24 * HOUR:
            raise LabError(f"A call at Modal can't last {self.timeout} seconds.", "It may last 24 hours at the most.")
        if self.max_containers < 1:
            raise LabError(f"max_containers is {self.max_containers}.", "Give 1 or more.")


def check_gpus(gpus: Sequence[str]) -> None:
    """Raise LabError for a GPU that Modal has not: its client would send whatever it is given."""
    if isinstance(gpus, str):
        raise LabError(f"gpu is the text {gpus!r}.", f"Give a list: gpu=[{gpus!r}].")
    for gpu in gpus:
        kind, _, count = str(gpu).upper().partition(":")
        if (name := SAME.get(kind, kind)) not in PRICES or name in ("CPU CORE", "GIB OF MEMORY"):
            known = sorted({*PRICES, *SAME} - {"CPU core", "GiB of memory"})
            raise LabError(f"Modal has no GPU {gpu!r}.", f"It has: {', '.join(known)}.")
        if count and not (count.isdigit() and 1 <= int(count) <= MOST.get(name, 8)):
            raise LabError(f"Modal gives no {count!r} GPUs of the kind {kind}.", f"Write 1 to {MOST.get(name, 8)}.")


def dollars_a_second(rent: Rent, prices: Mapping[str, float] | None = None, got: str | None = None) -> float:
    """Return what a second of one container costs.

    Parameters
    ----------
    rent : Rent
        What it is given.
    prices : mapping of str to float, optional
        Prices that go before `PRICES`.
    got : str, optional
        The GPU that it got, as the driver names it; until that is known, the dearest that it may get counts.

    Examples
    --------
    >>> rent = Rent(gpu=["L4", "A10G"], cpu=1, memory=1024)
    >>> f"{dollars_a_second(rent) * 3600:.2f}"
    '1.16'
    >>> f"{dollars_a_second(rent, got='NVIDIA L4') * 3600:.2f}"
    '0.85'
    """
    table = {**PRICES, **(prices or {})}
    base = rent.cpu * table["CPU core"] + rent.memory / 1024 * table["GiB of memory"]
    wanted = [(kind, int(count or 1)) for kind, _, count in (gpu.upper().partition(":") for gpu in rent.gpu)]
    given = [(kind, count) for kind, count in wanted if got and _is(kind, got)] or wanted
    return base + max((_price(kind, table) * count for kind, count in given), default=0.0)


def _price(kind: str, table: Mapping[str, float]) -> float:
    """Return the price of one GPU, by the name that was asked for or the one that is the same."""
    return table[kind] if kind in table else table[SAME.get(kind, kind)]


def _is(kind: str, device: str) -> bool:
    """Whether what a driver calls `device`, such as ``"NVIDIA A100-SXM4-40GB"``, is a GPU of a kind."""
    words = device.upper().replace("-", " ").split()
    name, *more = kind.rstrip("!+").split("-")
    return (name in words or f"{name}G" in words) and (not more or more[-1] in words)


def seconds_allowed(minutes: float | None, dollars: float | None, a_second: float) -> float:
    """Return after how many seconds a job has to end: at the limit that comes first.

    Parameters
    ----------
    minutes, dollars : float or None
        The limits.
    a_second : float
        Dollars that a second costs at the most.

    Raises
    ------
    LabError
        If there is no limit at all, or one that is not above 0.

    Examples
    --------
    >>> seconds_allowed(60, 0.5, 0.0005)
    1000.0
    """
    for name, limit in (("max_minutes", minutes), ("max_dollars", dollars)):
        if limit is not None and not limit > 0:
            raise LabError(f"{name} is {limit!r}.", "Give a number above 0.")
    limits = [60.0 * minutes] if minutes is not None else []
    limits += [dollars / a_second] if dollars is not None and a_second else []
    if not limits:
        raise LabError("Nothing limits what this job may cost.", "Give max_minutes or max_dollars.")
    return min(limits)
