"""An open LLM on a rented GPU: what ``[engine]`` in an LLM's configuration says, and vLLM's command line for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from ..errors import LabError
from .money import check_gpus

if TYPE_CHECKING:
    from confection import Config

SECTION = "engine"
OURS = {"host", "port", "api_key", "served_model_name", "model"}
"""Options of vLLM that labkit sets, or that would open a second way in."""


@dataclass(frozen=True)
class Engine:
    """A vLLM server for the length of a pass.

    Parameters
    ----------
    model : str
        A model on the Hugging Face hub: the `model` of the configuration's `labkit.Chat.v1`.
    gpu : sequence of str
        Kinds of GPU, the one that is wanted most first.
    vllm : str
        The version of vLLM.
    options : mapping
        Options of ``vllm serve``, with ``_`` for ``-``: True and False are switches.
    concurrency : int
        Requests at once; that of the configuration's model.
    max_minutes : float
        How long it may run at the most, its start included.
    startup_minutes : float
        How long it may take until it answers: the first time, weights are downloaded.

    Raises
    ------
    LabError
        If Modal has no such GPU, or an option is one that labkit sets.

    Examples
    --------
    >>> engine = Engine("Qwen/Qwen2.5-7B-Instruct", options={"max_model_len": 4096, "enforce_eager": True})
    >>> " ".join(engine.command())
    'vllm serve Qwen/Qwen2.5-7B-Instruct --max-model-len 4096 --enforce-eager'
    """

    model: str
    gpu: tuple[str, ...] = ("L4", "A10G")
    vllm: str = "0.33.0"
    options: Mapping[str, Any] = field(default_factory=dict)
    concurrency: int = 64
    max_minutes: float = 60.0
    startup_minutes: float = 15.0

    def __post_init__(self) -> None:
        check_gpus(self.gpu)
        if taken := OURS & {name.replace("-", "_") for name in self.options}:
            raise LabError(f"[engine.options] holds {min(taken)!r}.", "Leave it out: labkit sets it.")
        if not 0 < self.startup_minutes <= self.max_minutes:
            raise LabError(
                f"[engine] has startup_minutes = {self.startup_minutes} and max_minutes = {self.max_minutes}.",
                "Give startup_minutes above 0, and no more than max_minutes.",
            )

    def command(self) -> list[str]:
        """Return vLLM's command line; its container adds host and port."""
        words = ["vllm", "serve", self.model]
        for name, value in self.options.items():
            option = name.replace("_", "-")
            if isinstance(value, bool):
                words.append(f"--{option}" if value else f"--no-{option}")
            else:
                words += [f"--{option}", str(value)]
        return words


def read_engine(config: Config) -> Engine | None:
    """Return the engine that a configuration of an LLM rents, or None.

    Parameters
    ----------
    config : Config
        A spaCy configuration; the section ``[engine]`` holds `Engine`'s parameters but `model` and `concurrency`,
        which are those of the configuration's `labkit.Chat.v1`.

    Raises
    ------
    LabError
        If the section holds something else, or there is no such model.
    """
    if SECTION not in config:
        return None
    given = dict(config[SECTION])
    known = {each.name for each in fields(Engine)} - {"model", "concurrency"}
    if unknown := set(given) - known:
        raise LabError(f"[engine] holds {min(unknown)!r}.", f"The settings are: {', '.join(sorted(known))}.")
    models = [settings.get("model", {}) for settings in config.get("components", {}).values()]
    chats = [model for model in models if model.get("@llm_models") == "labkit.Chat.v1"]
    if not chats:
        raise LabError("[engine] needs a model to serve.", 'Add one with @llm_models = "labkit.Chat.v1".')
    if isinstance(given.get("gpu"), str):
        raise LabError(f"[engine] has gpu = {given['gpu']!r}.", f'Give a list: gpu = ["{given["gpu"]}"].')
    gpu = tuple(given.pop("gpu", Engine.gpu))
    return Engine(chats[0]["model"], gpu=gpu, concurrency=chats[0].get("concurrency", Engine.concurrency), **given)
