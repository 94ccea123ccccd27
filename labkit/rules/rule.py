"""What a rule is: a name, what it says of a text, and what makes it this rule."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


@dataclass(frozen=True, eq=False)
class Rule:
    """An annotator that labels the texts it knows something of. Made by `labkit.rules.make_rule`.

    Parameters
    ----------
    name : str
        What people call it.
    identity : mapping
        All that it follows from, as JSON.
    speak : callable
        Takes a text, and its Doc where the rule reads tokens, and returns the task's value, or None where the rule
        says nothing of it.
    nlp : Language, optional
        Makes the Docs; None for a rule that reads characters.
    """

    name: str
    identity: Mapping[str, Any]
    speak: Callable[[str, Doc | None], Any]
    nlp: Language | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of its identity, in 64 hex digits: another rule, another digest."""
        return hashlib.sha256(json.dumps(self.identity, sort_keys=True).encode()).hexdigest()
