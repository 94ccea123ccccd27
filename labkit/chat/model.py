"""`labkit.Chat.v1`: the spacy-llm model that asks once, keeps every reply, and answers from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any, Iterable  # noqa: UP035 - spacy-llm refuses any other Iterable

from ..errors import LabError
from ..progress import Report, silent
from ..project import find_root, read_secret, state_home
from ..store import open_store
from ..store.replies import Entry, Replies, Reply
from .answer import CUT_SHORT, DECLINED
from .cost import Estimate, Meter, minutes, size
from .endpoint import Endpoint
from .host import Host, Standing
from .limits import Limits
from .tally import Tally

CHUNK = 1024
"""How many prompts are looked up at once."""

NOTHING = Entry(None, "", None, None)


class Chat:
    """A chat model behind a ledger: what was answered once is never asked again.

    Parameters
    ----------
    endpoint : Endpoint
        Where it is, and what is sent.
    limits : Limits
        How much may be asked at once.
    budget : float, optional
        Dollars that one pass may spend at most.
    structured : bool
        Whether the endpoint can hold answers to a JSON schema; see `shape`.

    Attributes
    ----------
    ledger : Replies or None
        Where replies are kept. Used as a plain spacy-llm model, without `labkit.Teacher`, it opens labkit's store.
    root : Path or None
        The folder of `.env`, where the key may stand; that of `configs/` by default.
    host : Host
        Who runs the endpoint; by default it answers anyway.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        limits: Limits | None = None,
        *,
        budget: float | None = None,
        structured: bool = False,
    ) -> None:
        self.endpoint = endpoint
        self.limits = limits or Limits()
        self.budget = budget
        self.structured = structured
        self.ledger: Replies | None = None
        self.root: Path | None = None
        self.host: Host = Standing()
        self._plain: Callable[[str], str] = str

    @property
    def model(self) -> str:
        """The model's name, as its endpoint spells it."""
        return self.endpoint.model

    @property
    def identity(self) -> dict[str, Any]:
        """What makes this model this model, and another one another annotator."""
        return {"model": self.model, "parameters": self.endpoint.sent}

    @property
    def can_ask(self) -> bool:
        """Whether the endpoint needs no key, or its key is there."""
        return not self.endpoint.key_variable or self._secret() is not None

    def shape(self, schema: Mapping[str, Any] | None, plain: Callable[[str], str]) -> None:
        """Ask for answers in a JSON schema, where the endpoint offers it.

        Parameters
        ----------
        schema : mapping or None
            The schema of an answer; None leaves the endpoint's answers as they are.
        plain : callable
            Turns an answer in that schema into the text that the task's parser reads. Replies are kept as they came.
        """
        if self.structured and schema:
            wrapped = {"name": "answer", "strict": True, "schema": dict(schema)}
            form = {"type": "json_schema", "json_schema": wrapped}
            self.endpoint = replace(self.endpoint, response_format=form)
            self._plain = plain

    def plain(self, reply: str) -> str:
        """Return a raw reply as the text that the task's parser reads."""
        return self._plain(reply)

    def key(self, prompt: str) -> str:
        """Return the ledger's key of a prompt."""
        return self.endpoint.key(prompt)

    def record(self, prompt: str, reply: str) -> Reply:
        """Return a recorded answer to a prompt, as the ledger keeps it."""
        return Reply(self.model, prompt, reply, "recorded", self.endpoint.sent)

    def find(self, prompts: Collection[str]) -> list[tuple[str, Entry]]:
        """Return the key of each prompt, and what the ledger knows of it: an empty entry if it was never asked."""
        keys = self.endpoint.keys(prompts)
        known = self.ledger.find(keys) if self.ledger else {}
        return [(key, known.get(key, NOTHING)) for key in keys]

    def missing(self, prompts: Iterable[str]) -> list[str]:
        """Return those prompts that the ledger has no reply to."""
        return list(chain.from_iterable(map(self._missing, _chunks(prompts))))

    def ask(
        self,
        prompts: Iterable[str],
        total: int,
        report: Report = silent,
        *,
        budget: float | None = None,
    ) -> Tally:
        """Ask every prompt that has no reply, and keep each reply as it arrives.

        Parameters
        ----------
        prompts : iterable of str
            Drawn from as they are needed, in another thread.
        total : int
            How many there are.
        report : callable
            Is told how many have a reply, and replies a second, dollars, failures and minutes left.
        budget : float, optional
            Dollars that this pass may spend at most; the configuration's by default.

        Returns
        -------
        Tally
            What became of them. Failures are kept in the ledger, each with its reason, and asked again next time.

        Raises
        ------
        LabError
            If there is no key, nobody answers, or the endpoint refuses every request.
        KeyboardInterrupt
            If it is interrupted: what arrived is kept, what is under way is waited for five seconds.
        """
        from .apart import run_apart
        from .asking import Asking
        from .client import Client

        if not self.can_ask:
            raise self.unanswered(len(self.missing(prompts)), total)
        ledger, tally = self._ledger(), Tally(total)
        dollars = self.budget if budget is None else budget
        with self.host.open(self.endpoint, None if dollars is None else Decimal(str(dollars)), report) as opened:

            def tell() -> None:
                tally.rent = opened.purse.rent
                report(tally.progress())

            asking = Asking(
                opened.endpoint,
                self.limits,
                Client(opened.endpoint, self.limits, self._secret()),
                ledger,
                ledger.claims(self.model, self.endpoint.sent),
                opened.purse,
                self._meter(ledger),
                tally,
            )
            run_apart(asking.run(iter(prompts)), lambda: asking.stop("interrupted"), tell)
            tell()
        return tally

    def estimate(self, prompts: Iterable[str]) -> Estimate:
        """Reckon what asking would take, without asking anything.

        Parameters
        ----------
        prompts : iterable of str
            Any number; those with a reply, and those that stand twice, are asked no more.
        """
        texts = 0
        sizes: dict[str, int] = {}
        for chunk in _chunks(prompts):
            texts += len(chunk)
            sizes |= {self.key(prompt): size(prompt) for prompt in self._missing(chunk)}
        meter = self._meter(self._ledger())
        tokens_in, tokens_out = meter.tokens_in(sum(sizes.values())), meter.tokens_out * len(sizes)
        prices = self.endpoint.prices
        return Estimate(
            texts,
            len(sizes),
            round(tokens_in),
            round(tokens_out),
            float(prices.dollars(tokens_in, tokens_out)) if prices else None,
            minutes(len(sizes), tokens_in + tokens_out, meter.seconds, self.limits),
            meter.replies,
        )

    def __call__(self, prompts: Iterable[Iterable[str]]) -> Iterable[Iterable[str]]:
        """Answer prompts, some a Doc, as spacy-llm asks of a model.

        Raises
        ------
        LabError
            If a prompt got no answer, was declined, or its answer was cut short: spacy-llm would read those as
            "no label". `labkit.Teacher` gives each its outcome instead.
        """
        self._ledger()
        grouped = [list(group) for group in prompts]
        flat = list(chain.from_iterable(grouped))
        if self._missing(flat):
            self.ask(flat, len(flat))
        entries = [entry for _, entry in self.find(flat)]
        unread = sum(entry.reply is None or entry.finish in CUT_SHORT | DECLINED for entry in entries)
        if unread:
            raise LabError(
                f"{unread} of {len(flat)} prompts have no whole answer of {self.model!r}.",
                "Use lab.annotate, which sorts replies by outcome and leaves the others out.",
            )
        replies = (self.plain(entry.reply or "") for entry in entries)
        return [[next(replies) for _ in group] for group in grouped]

    def unanswered(self, absent: int, total: int) -> LabError:
        """Return the error that says how many prompts lack a reply, and what to set."""
        variable = self.endpoint.key_variable
        return LabError(
            f"{absent} of {total} prompts have no reply of {self.model!r}, and {variable} is not set.",
            f"Set {variable} in the environment or .env, or name a file of replies that were recorded with this exact"
            " prompt in project.toml (replies = ...).",
        )

    def _missing(self, prompts: Collection[str]) -> list[str]:
        """Return those of some prompts that have no reply."""
        keys = self.endpoint.keys(prompts)
        answered = self.ledger.answered(keys) if self.ledger else set()
        return [prompt for prompt, key in zip(prompts, keys, strict=True) if key not in answered]

    def _ledger(self) -> Replies:
        """Return the ledger, that of labkit's store where none was given."""
        if self.ledger is None:
            root = self.root or find_root()
            self.ledger = open_store(read_secret("DATABASE_URL", root), state_home(root)).replies
        return self.ledger

    def _meter(self, ledger: Replies) -> Meter:
        """Return what replies of this model took so far."""
        return Meter(ledger.usage(self.model, self.endpoint.sent))

    def _secret(self) -> str | None:
        """Return the endpoint's key. It is read when it is needed, and kept nowhere."""
        return read_secret(self.endpoint.key_variable, self.root) if self.endpoint.key_variable else None


def _chunks(prompts: Iterable[str]) -> Iterator[list[str]]:
    """Cut prompts into lists of `CHUNK`."""
    left = iter(prompts)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
