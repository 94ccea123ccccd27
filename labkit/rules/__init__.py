"""Rules as annotators: functions, regular expressions, patterns and lists of terms that label some of the texts."""

from .making import ABSTAIN, NONE, make_rule
from .reading import read_rules
from .rule import Rule
from .running import Said, run

__all__ = ["ABSTAIN", "NONE", "Rule", "Said", "make_rule", "read_rules", "run"]
