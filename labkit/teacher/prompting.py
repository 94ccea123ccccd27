"""Writes the prompts of a task: around each text, where a prompt takes nothing else of it, else one Doc at a time."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.tokens import Doc

PLAIN = "textcat.task.TextCatTask", "ner.task.NERTask", "spancat.task.SpanCatTask"
"""Tasks of spacy-llm whose prompts take nothing of a Doc but its text."""


def render(prompter: Any, texts: Sequence[str], docs: Iterable[Doc]) -> list[str]:
    """Return the prompt for each text.

    Parameters
    ----------
    prompter : spacy-llm's task
        Whose prompts they are.
    texts : sequence of str
        The texts.
    docs : iterable of Doc
        The same texts, and what was marked on them. It is drawn from only where a prompt may take more than the text.

    Notes
    -----
    spacy-llm renders the whole template for each text: labels, definitions and examples again and again. Where the
    template does nothing with a text but put it down, all that stands around it is rendered once.
    """
    if _plain(prompter):
        mark = uuid.uuid4().hex
        (around,) = _rendered(prompter, whole([mark]))
        pieces = around.split(mark)
        return [text.join(pieces) for text in texts]
    return list(_rendered(prompter, docs))


def whole(texts: Iterable[str]) -> Iterator[Doc]:
    """Make Docs of one token each: a prompt needs no more than the text, and words take most of the time."""
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

    vocab = Vocab()
    for text in texts:
        yield Doc(vocab, words=[text] if text else [], spaces=[False] if text else [])


def _rendered(prompter: Any, docs: Iterable[Doc]) -> Iterator[str]:
    """Yield the prompts that spacy-llm makes."""
    return (str(next(iter(prompts))) for prompts, _ in prompter.generate_prompts(docs))


def _plain(prompter: Any) -> bool:
    """Tell whether a task's prompts are the same but for the text that stands in them."""
    kind = type(prompter)
    known = f"{kind.__module__}.{kind.__qualname__}".removeprefix("spacy_llm.tasks.") in PLAIN
    return known and puts_down(prompter.prompt_template)


@lru_cache(maxsize=64)
def puts_down(template: str) -> bool:
    """Tell whether a Jinja template does nothing with its `text` but put it down as it is.

    Examples
    --------
    >>> puts_down("Text: {{ text }}{% if labels %} One of {{ labels|join(', ') }}.{% endif %}")
    True
    >>> puts_down("{{ text|upper }}") or puts_down("{% if text %}{{ text }}{% endif %}")
    False
    """
    from jinja2 import nodes
    from jinja2.sandbox import SandboxedEnvironment

    tree = SandboxedEnvironment().parse(template)
    # All else (blocks, filters over lines, macros, loops that call themselves) can catch what is put down inside it.
    simple = (nodes.Output, nodes.If, nodes.For, nodes.Assign)
    put = sum(isinstance(n, nodes.Name) and n.name == "text" for out in tree.find_all(nodes.Output) for n in out.nodes)
    named = sum(name.name == "text" for name in tree.find_all(nodes.Name))
    loops = any(loop.recursive for loop in tree.find_all(nodes.For))
    return put == named and not loops and all(isinstance(each, simple) for each in tree.find_all(nodes.Stmt))
