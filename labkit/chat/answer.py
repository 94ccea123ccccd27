"""What comes back from an endpoint: an answer, or a failure and what it means for the next attempt."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from time import time
from typing import Any

CUT_SHORT = {"length", "model_length", "max_tokens"}
"""The finish reasons of an answer that the limit on its length ended."""

DECLINED = {"content_filter", "refusal", "safety"}
"""The finish reasons of an answer that the LLM, or a filter before or after it, would not give."""

_LONGEST_QUOTE = 200


@dataclass(frozen=True)
class Answer:
    """What an LLM answered.

    Parameters
    ----------
    text : str
        The raw text, or the words of its refusal.
    finish : str
        Why it stopped: ``"stop"``, one of `CUT_SHORT` or of `DECLINED`, or another word of the endpoint.
    tokens_in, tokens_out : int or None
        As the endpoint counts them.
    confidence : float or None
        See `confidence`.
    """

    text: str
    finish: str
    tokens_in: int | None
    tokens_out: int | None
    confidence: float | None


@dataclass(frozen=True)
class Failure:
    """Why a request brought no answer.

    Parameters
    ----------
    reason : str
        A few words, the same for all failures of one kind: they are counted by it.
    detail : str
        What the endpoint said of this one.
    again : bool
        Whether another attempt may succeed.
    refused : bool
        Whether every other request would fail like it: wrong key, wrong model, nobody there.
    wait : float or None
        How many seconds the endpoint asks to wait.
    billed : bool
        Whether the endpoint may have charged for it: the request arrived, its answer did not.
    """

    reason: str
    detail: str = ""
    again: bool = True
    refused: bool = False
    wait: float | None = None
    billed: bool = False

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


def read(status: int, headers: Mapping[str, str], content: bytes) -> Answer | Failure:
    """Read an HTTP response of an OpenAI-compatible endpoint.

    Parameters
    ----------
    status : int
        The HTTP status.
    headers : mapping of str to str
        The response's headers.
    content : bytes
        The response's body, whatever it is.

    Examples
    --------
    >>> read(200, {}, b'{"choices": [{"message": {"content": "BUG"}, "finish_reason": "stop"}]}').text
    'BUG'
    >>> str(read(500, {}, b"<html>"))
    'HTTP 500'
    """
    body = _json(content)
    error = _error(body)
    if 200 <= status < 300 and not error:
        return _answer(body)
    if error.get("code") == "content_filter":  # Azure's filter looks at the prompt, and says so with a 400
        return Answer("", "content_filter", None, None, None)
    detail = " ".join(str(error.get("message") or "").split())[:_LONGEST_QUOTE]
    if status in (401, 403):
        return Failure(f"HTTP {status}: the key was refused", refused=True)
    if status == 404:
        return Failure("HTTP 404: no such model or address", detail, refused=True)
    if error.get("code") == "insufficient_quota":
        return Failure("the account has no credit left", refused=True, again=False)
    again = status in (408, 409, 425, 429) or not 300 <= status < 500
    return Failure(f"HTTP {status}", detail, again=again, refused=300 <= status < 400, wait=retry_after(headers))


def _answer(body: Any) -> Answer | Failure:
    """Read the body of a successful response."""
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(choices, list):
        return Failure("the answer can't be read", billed=True)
    if not choices or not isinstance(choices[0], dict) or not isinstance(choices[0].get("message"), dict):
        return Failure("the answer is empty of choices", billed=True)
    message, usage = choices[0]["message"], body.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    refusal = message.get("refusal")
    return Answer(
        str(refusal) if refusal else _text(message.get("content")),
        "refusal" if refusal else str(choices[0].get("finish_reason") or ""),
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
        confidence(choices[0].get("logprobs")),
    )


def _text(content: Any) -> str:
    """Return the text of a message: a string, nothing, or a list of parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _count(number: Any) -> int | None:
    """Return a number of tokens, or None for anything else."""
    return number if isinstance(number, int) and number >= 0 else None


def confidence(logprobs: Any) -> float | None:
    """Return how sure an LLM was of its answer: the geometric mean of its tokens' probabilities.

    Parameters
    ----------
    logprobs : JSON
        The field `logprobs` of a choice; natural logarithms.

    Returns
    -------
    float or None
        Over 0 and at most 1; None where the endpoint gives no logprobs.

    Notes
    -----
    Length-normalised sequence probability, as in Malinin and Gales, "Uncertainty estimation in
    autoregressive structured prediction", ICLR 2021 (arXiv:2002.07650). It is not calibrated.

    Examples
    --------
    >>> round(confidence({"content": [{"logprob": -0.1}, {"logprob": -0.3}]}), 3)
    0.819
    """
    tokens = logprobs.get("content") if isinstance(logprobs, dict) else None
    found = [token.get("logprob") for token in tokens or [] if isinstance(token, dict)]
    numbers = [float(number) for number in found if isinstance(number, (int, float))]
    return min(1.0, math.exp(sum(numbers) / len(numbers))) if numbers else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds a response asks to wait, in any of the three ways that are in use.

    Examples
    --------
    >>> retry_after({"Retry-After": "2"}), retry_after({"retry-after-ms": "150"}), retry_after({})
    (2.0, 0.15, None)
    """
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        if "retry-after-ms" in lower:
            return max(0.0, float(lower["retry-after-ms"]) / 1000)
        return max(0.0, float(lower["retry-after"]))
    except KeyError:
        return None
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(lower["retry-after"]).timestamp() - time())
    except (KeyError, ValueError):
        return None


def _json(content: bytes) -> Any:
    """Return what a body says, or None where it is no JSON."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _error(body: Any) -> dict[str, Any]:
    """Return the error that a body holds, in whichever form, or an empty one."""
    if isinstance(body, list) and body:  # Gemini's endpoint wraps its errors in a list
        body = body[0]
    error = body.get("error") if isinstance(body, dict) else None
    return error if isinstance(error, dict) else {"message": str(error)} if error else {}
