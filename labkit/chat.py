"""`labkit.Chat.v1`: the spacy-llm model that answers from the reply ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Iterable  # noqa: UP035 - spacy-llm refuses any other Iterable

from .errors import LabError
from .store.replies import Replies, Reply, reply_key


class Chat:
    """A chat model behind a ledger: what was answered once is never asked again.

    Parameters
    ----------
    model : str
        The model's name, as its endpoint spells it.
    base_url : str
        The endpoint, up to and without ``/chat/completions``.
    key_variable : str
        The environment variable that holds the endpoint's key. The key itself is never kept.
    parameters : mapping
        What is sent beside the prompt and may change the answer, such as the temperature.

    Attributes
    ----------
    ledger : Replies or None
        Where replies are kept. Without one, no prompt has an answer.
    """

    def __init__(self, model: str, base_url: str, key_variable: str, parameters: Mapping[str, Any]) -> None:
        self.model = model
        self.base_url = base_url
        self.key_variable = key_variable
        self.parameters = dict(parameters)
        self.ledger: Replies | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """What makes this model this model, and another one another annotator."""
        return {"model": self.model, "parameters": self.parameters}

    def key(self, prompt: str) -> str:
        """Return the ledger's key of a prompt."""
        return reply_key(self.model, self.parameters, prompt)

    def record(self, prompt: str, reply: str) -> Reply:
        """Return a recorded answer to a prompt, as the ledger keeps it."""
        return Reply(self.model, prompt, reply, "recorded", self.parameters)

    def missing(self, prompts: Collection[str]) -> list[str]:
        """Return those prompts that the ledger has no reply to."""
        known = self._known(prompts)
        return [prompt for prompt in prompts if self.key(prompt) not in known]

    def __call__(self, prompts: Iterable[Iterable[str]]) -> Iterable[Iterable[str]]:
        """Answer prompts, some a Doc, as spacy-llm asks of a model.

        Raises
        ------
        LabError
            If a prompt has no reply in the ledger.
        """
        grouped = [list(group) for group in prompts]
        flat = [prompt for group in grouped for prompt in group]
        known = self._known(flat)
        absent = sum(self.key(prompt) not in known for prompt in flat)
        if absent:
            raise self.unanswered(absent, len(flat))
        return [[known[self.key(prompt)] for prompt in group] for group in grouped]

    def unanswered(self, absent: int, total: int) -> LabError:
        """Return the error that says how many prompts lack a reply, and what to set."""
        return LabError(
            f"{absent} of {total} prompts have no recorded reply of {self.model!r}, and this version asks for none.",
            "Name a file of recorded replies in project.toml (replies = ...), made with this exact prompt.",
        )

    def _known(self, prompts: Collection[str]) -> dict[str, str]:
        """Return the replies that the ledger has, by key."""
        return self.ledger.get({self.key(prompt) for prompt in prompts}) if self.ledger else {}


def make_chat(
    model: str,
    base_url: str,
    key_variable: str,
    parameters: Mapping[str, Any] | None = None,
) -> Callable[[Iterable[Iterable[str]]], Iterable[Iterable[str]]]:
    """Make the model that a configuration names ``labkit.Chat.v1``; see `Chat`."""
    return Chat(model, base_url, key_variable, parameters or {})
