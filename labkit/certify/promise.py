"""Makes a certificate of what was accepted and read, and works a saved one out again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import LabError
from .bounds import Method, check_share, each_alone
from .certificate import ALL, UNREAD, Certificate
from .planning import Prospect, plan, rates_so_far
from .strata import Stratum


def certify(
    strata: Sequence[Stratum],
    *,
    texts: int,
    read: int,
    max_error: float = 0.02,
    confidence: float = 0.95,
    method: str = Method.SEQUENTIAL,
    of: str = UNREAD,
) -> Certificate:
    """Bound the share of wrong labels among those accepted and unread, and plan what to read for a promise.

    Parameters
    ----------
    strata : sequence of Stratum
        What was accepted, with what was read of it. Give also what was revoked: what was found there may be why.
    texts, read : int
        How many texts there are, and how many a person gave a label to, accepted or not.
    max_error : float
        The promise: the largest share of wrong labels, above 0 and below 1.
    confidence : float
        How often such a certificate holds, above 0 and below 1.
    method : {"sequential", "hypergeometric", "clopper-pearson"}
        How the bound is found. The first holds however often one looks; the others for one look at an audit whose
        size was fixed beforehand. See `labkit.certify.bounds.bound`.
    of : {"unread", "all"}
        What the promise is about: the labels that were accepted and that nobody read, or these with those that people
        read, which count as right.

    Returns
    -------
    Certificate
        A text whose audit was set aside counts as wrong.

    Raises
    ------
    LabError
        If a share is not between 0 and 1, the method or `of` is not known, or the counts do not fit.

    Examples
    --------
    >>> certificate = certify([Stratum("all agree", 1000, "r" * 200)], texts=1200, read=300)
    >>> certificate.wrong, certificate.unread, certificate.kept
    (15, 800, True)
    """
    check_share(max_error, "max_error")
    check_share(confidence, "confidence")
    if method not in list(Method):
        raise LabError(f"{method!r} is no method of a certificate.", f"Use one of: {', '.join(Method)}.")
    if of not in (UNREAD, ALL):
        raise LabError(f"A promise of {of!r} labels is none.", f"Promise of {UNREAD!r} ones, or of {ALL!r}.")
    how = Method(method)
    used = [stratum for stratum in strata if stratum.standing or stratum.audited]
    if sum(stratum.left for stratum in used) + read > texts:
        raise LabError(f"More than {texts} texts are read or accepted.", "Count the texts again.")
    base = read if of == ALL else None
    made = Prospect(used, float(confidence), how, base)
    alone = each_alone(made.seen, float(confidence), how)
    certificate = Certificate(
        max_error=float(max_error),
        confidence=float(confidence),
        method=how,
        of=of,
        strata=tuple(used),
        texts=texts,
        read=read,
        wrong=sum(made.worst([0] * len(used))[1]),
        at_most=tuple(min(top - each.corrected, each.left) for top, each in zip(alone, used, strict=True)),
        more=tuple(plan(made, max_error)),
        more_as_so_far=tuple(plan(Prospect(used, float(confidence), how, base, rates_so_far(used)), max_error)),
        without={},
    )
    return certificate if certificate.kept else replace(certificate, without=_without(certificate))


def _without(made: Certificate) -> dict[str, int]:
    """Return for each stratum whose audit found something wrong how many more to read if it were revoked."""
    standing = [place for place, each in enumerate(made.strata) if each.left]
    found = [place for place in standing if made.strata[place].wrong] if len(standing) > 1 else []
    without = {}
    for place in found:
        rest = [replace(each, standing=False) if n == place else each for n, each in enumerate(made.strata)]
        without[made.strata[place].name] = sum(
            plan(Prospect(rest, made.confidence, made.method, made.base), made.max_error)
        )
    return without


def check(given: str | Path | Mapping[str, Any]) -> Certificate:
    """Work out a saved certificate again from its counts.

    Parameters
    ----------
    given : str, Path or mapping
        A file that `Certificate.save` wrote, or what `Certificate.as_dict` returned.

    Returns
    -------
    Certificate
        The certificate, worked out again.

    Raises
    ------
    LabError
        If it can't be read, or what it states does not follow from its counts.

    Examples
    --------
    >>> stated = certify([Stratum("all agree", 1000, "r" * 200)], texts=1200, read=300).as_dict()
    >>> check(stated).kept
    True
    >>> check(stated | {"kept": False})
    Traceback (most recent call last):
    ...
    labkit.errors.LabError: The certificate states that which does not follow from its counts: kept. Make it again.
    """
    try:
        stated = given if isinstance(given, Mapping) else json.loads(Path(given).read_text("utf-8"))
        names = Stratum.__dataclass_fields__
        made = certify(
            [Stratum(**{name: _read(name, row[name]) for name in names}) for row in stated["strata"]],
            texts=stated["texts"]["all"],
            read=stated["texts"]["read"],
            method=stated["method"]["name"],
            **stated["promise"],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LabError(f"This is no certificate of labkit: {type(error).__name__}.", "Save one again.") from None
    again = made.as_dict()
    wrong = [name for name, value in again.items() if stated.get(name) != value]
    if wrong:
        raise LabError(
            f"The certificate states that which does not follow from its counts: {', '.join(wrong)}.", "Make it again."
        )
    return made


def _read(name: str, value: Any) -> Any:
    """Return a field of a stratum as it is kept."""
    return tuple(value) if name == "drawn" else value
