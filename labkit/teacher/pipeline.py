"""The spaCy pipeline behind a teacher: made from its configuration, and kept from doing work twice."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from ..errors import LabError

if TYPE_CHECKING:
    from confection import Config
    from spacy.language import Language
    from spacy.tokens import Doc

MOST = 100_000
"""Words whose tokens are remembered; spaCy's 10,000 are used up by some thousand texts."""


class Words:
    """The words that a pipeline's tokenizer remembers.

    Parameters
    ----------
    nlp : Language
        The pipeline.

    Notes
    -----
    spaCy remembers no word that follows a special case ("don't") in its text, and so takes most words apart again and
    again; one that it met before any special case it remembers. Tokens are the same either way.
    """

    def __init__(self, nlp: Language) -> None:
        self._tokenizer = cast("Any", nlp.tokenizer)
        self._known = set[str]()
        self._remembers = hasattr(self._tokenizer, "max_cache_size")  # those of some languages don't
        if self._remembers:
            self._tokenizer.max_cache_size = MOST

    def learn(self, texts: Sequence[str]) -> None:
        """Have the tokenizer meet each word of some texts once, where no special case stands before it."""
        if self._remembers and len(self._known) < MOST:
            new = set[str]().union(*map(str.split, texts)) - self._known
            plain = {word for word in new if word.isalnum()}.difference(self._tokenizer.rules or ())
            self._tokenizer(" ".join(plain))  # none of these is a special case, and each alone takes longer
            for word in new - plain:
                self._tokenizer(word)
            self._known |= new


def llm_component(config: Config) -> str | None:
    """Return the name of the configuration's component made by the factory `llm`, or None."""
    components: Mapping[str, Any] = config.get("components", {})
    return next((name for name, settings in components.items() if settings.get("factory") == "llm"), None)


def before(nlp: Language, component: str, assigned: Sequence[str]) -> list[str]:
    """Return the names of the components that run before one; raises LabError where none assigns what is needed.

    Parameters
    ----------
    nlp : Language
        The pipeline.
    component : str
        A component of it.
    assigned : sequence of str
        What one of them must leave on a Doc, any of these, as spaCy's factories say what they assign; none to need
        nothing.
    """
    names = nlp.pipe_names[: nlp.pipe_names.index(component)]
    if assigned and not any(set(nlp.get_pipe_meta(name).assigns) & set(assigned) for name in names):
        raise LabError(
            f"No component before {component!r} marks what the LLM is asked about: {' or '.join(assigned)}.",
            'Put one there: factory = "labkit_entities" with the path of a file of spans, or a trained "ner".',
        )
    return names


def assemble(config: Config) -> Language:
    """Make the pipeline, without spacy-llm's remark that a text is never cut to fit a model's context."""
    from spacy_llm.util import assemble_from_config

    from . import entities  # noqa: F401, which registers the component that it names

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Task supports sharding")
            return assemble_from_config(config)
    except (ValueError, OSError, TypeError) as error:  # confection's and spaCy's errors are ValueErrors
        raise LabError(f"spacy-llm can't make this pipeline: {error}", "Mend the configuration.") from None


def keep_whole(prompter: Any) -> None:
    """Keep a task of spacy-llm from copying each Doc token by token, as one that was cut to fit a model's context."""
    if hasattr(prompter, "_shard_reducer"):
        prompter._shard_reducer = _only


def _only(task: Any, shards: Iterable[Doc]) -> Doc:
    """Return the one shard that a Doc was not cut into."""
    (doc,) = shards
    return doc
