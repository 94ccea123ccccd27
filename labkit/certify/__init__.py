"""Audits: how wrong labels can be that nobody read, by exact bounds on random samples.

Pure: strata with their history of readings come in, a certificate goes out.
"""

from __future__ import annotations

from .bounds import Method, clopper_pearson, hypergeometric
from .certificate import Certificate
from .promise import certify, check
from .strata import Stratum

__all__ = ["Certificate", "Method", "Stratum", "certify", "check", "clopper_pearson", "hypergeometric"]
