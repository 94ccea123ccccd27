"""Accepts labels in bulk, and certifies how wrong they can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .desk import Part

if TYPE_CHECKING:
    import pandas as pd

    from .accept import Accepted
    from .certify import Certified


class Certifying(Part):
    """Accepts labels in bulk, and certifies how wrong they can be."""

    def accept(
        self,
        *names: str,
        above: float | Mapping[str, float] | None = None,
        category: str | None = None,
        name: str | None = None,
        seed: int = 0,
    ) -> Accepted:
        """Accept labels that nobody read, all that a rule finds, as an annotator of their own.

        They rank after people's decisions and before all else in `labels`, are trained on, and are never counted as
        a person's. The same rule accepts nothing twice. `certify` says how wrong they can be.

        Parameters
        ----------
        *names : str
            Annotators that all give the text the same value, which is accepted. Nobody: the best label known of each
            text, as `labels` gives it.
        above : float or mapping of str to float, optional
            How sure those of them that give scores must be at least, 0 to 1; or how sure each one that is named.
        category : str, optional
            Only labels that are this, such as ``"BUG"``, ``"BUG + DOCUMENTATION"`` or ``"none"``.
        name : str, optional
            What to call the stratum; the rule in words by default.
        seed : int
            What the random order of its audit is made from. It is fixed from now on.

        Returns
        -------
        Accepted
            How many labels, and by which rule. Texts of which a person said anything are left out.

        Raises
        ------
        LabError
            If one of `names` has labelled nothing, `above` can't be met, or no label is left to accept.

        Examples
        --------
        >>> accepted = lab.accept("llm", "llm-bare", category="BUG + DOCUMENTATION")
        >>> accepted.texts == lab.revoke(accepted)
        True
        """
        from .accept import accept

        return accept(self._desk, names, above, category, name, seed)

    def revoke(self, stratum: Accepted | str) -> int:
        """Take back what `accept` accepted, and return how many labels that were.

        Parameters
        ----------
        stratum : Accepted or str
            What `accept` returned, or its name. The acceptance and its audit stay in the store, and remain evidence.

        Raises
        ------
        LabError
            If nothing of that name stands.
        """
        from .accept import revoke

        return revoke(self._desk, stratum)

    def accepted(self) -> pd.DataFrame:
        """List what was accepted in bulk, the oldest first.

        Returns
        -------
        DataFrame
            One row an acceptance: the ``stratum``, its ``rule`` in words, how many labels were ``accepted``, and
            whether it is ``standing``: not revoked.
        """
        from .accept import accepted

        return accepted(self._desk)

    def certify(
        self,
        *,
        max_error: float = 0.02,
        confidence: float = 0.95,
        method: str = "sequential",
        of: str = "unread",
    ) -> Certified:
        """Bound how many of the labels that were accepted and that nobody read can be wrong.

        Ask as often as you like: also after each decision, and stop when the promise is kept.

        Parameters
        ----------
        max_error : float
            The promise: the largest share of wrong labels, above 0 and below 1.
        confidence : float
            How often such a certificate holds, above 0 and below 1.
        method : {"sequential", "hypergeometric", "clopper-pearson"}
            How the bound is found. Only the first may be looked at more than once; see `labkit.certify.certify`.
        of : {"unread", "all"}
            What the promise is about: the labels that were accepted and that nobody read, or these with those that
            people read, which count as right. The second is kept sooner.

        Returns
        -------
        Certified
            What is promised, on which strata and audits it rests, how many more to read, `audit()` to read them with
            `correct`, `plot()`, and `save(path)` to print it with the data.

        Raises
        ------
        LabError
            If there are no texts, a share is not between 0 and 1, or the method or `of` is not known.

        Examples
        --------
        >>> certificate = lab.certify(max_error=0.02)  # doctest: +SKIP
        >>> lab.correct(certificate.audit())  # doctest: +SKIP
        """
        from .certify import make

        return make(self._desk, max_error, confidence, method, of)
