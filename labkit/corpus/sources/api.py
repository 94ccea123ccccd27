"""Paged JSON APIs: The Guardian's content and GitHub's issues, and any other that is described in the same way."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from ...errors import LabError
from ...project import read_secret
from .fetching import Page

TRIES = 6
"""How often one page is asked for."""

LONGEST = 900.0
"""The longest wait that a server may ask for, in seconds."""

SIZE_LIMIT = 1 << 26
"""The longest answer that is read, in bytes."""

HIDDEN = "***"
"""What stands for a token that a server repeats."""

SHORTEST = 8
"""Characters of a token, at the least, that is looked for: a shorter one is a part of other words."""

_NEXT = re.compile(r'<([^>]+)>\s*;[^,]*rel="?next"?')


@dataclass(frozen=True)
class JsonApi:
    """An API that gives JSON a page at a time.

    Parameters
    ----------
    url : str
        The first page, without secrets.
    rows : callable
        Takes an answer, and returns the rows in it as they are kept: with `text`, and `id` where there is one.
    following : callable
        Takes an answer, its headers (in lower case) and its URL, and returns the URL of the next page, or None.
    token : str
        The environment variable that holds the token; ``""`` for none.
    header : str
        The header in which it is sent, and how: ``"Authorization: Bearer {}"``; or the name of a part of the query
        behind a question mark, ``"?api-key"``, which stands in no message and no file.
    headers : mapping of str to str
        Other headers.
    wait : callable
        Waits so many seconds.
    """

    url: str
    rows: Callable[[Any], list[dict[str, Any]]]
    following: Callable[[Any, Mapping[str, str], str], str | None]
    token: str = ""
    header: str = "Authorization: Bearer {}"
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: Callable[[float], object] = time.sleep

    @property
    def name(self) -> str:
        """The first page's URL."""
        return self.url

    def pages(self, place: Any | None) -> Generator[Page, None, None]:
        """Yield the pages from a URL on, or from the first."""
        url: str | None = self.url if place is None else str(place)
        while url is not None:
            if urlsplit(url)[:2] != urlsplit(self.url)[:2]:
                raise LabError(f"{_host(self.url)} names a next page on another server.", "Check the address.")
            answer, headers = self._ask(url)
            try:
                rows, following = self.rows(answer), self._without_token(self.following(answer, headers, url))
            except (KeyError, TypeError, AttributeError, ValueError, IndexError):
                raise LabError(f"{_host(url)} answers in an unknown form.", "Check the address.") from None
            yield Page(rows, following)
            url = following

    def _ask(self, url: str) -> tuple[Any, dict[str, str]]:
        """Return an answer and its headers; what passes is asked for again, as long as the server says."""
        request = self._request(url)
        for tried in range(1, TRIES + 1):
            try:
                with _OPENER.open(request, timeout=60) as response:
                    hide = _hider(self._secret)
                    said = {name.lower(): hide(value) for name, value in response.headers.items()}
                    return _read(response, url, hide), said
            except HTTPError as error:
                with error:
                    pause = _pause(error, tried)
                if pause is None or tried == TRIES:
                    _refused(error.code, url, self.token)
                if pause > LONGEST:
                    minutes = f"{pause / 60:.0f} minutes"
                    raise LabError(f"{_host(url)} asks to wait {minutes}.", "Fetch again then: it goes on.") from None
            except (URLError, HTTPException, OSError):
                if tried == TRIES:
                    raise LabError(f"{_host(url)} can't be reached.", "Check the network, and fetch again.") from None
                pause = 2.0 ** (tried - 1)
            self.wait(pause)
        raise AssertionError("every try returns, raises or waits for the next")

    @property
    def _secret(self) -> str | None:
        """The token, where there is one."""
        return read_secret(self.token) if self.token else None

    def _without_token(self, url: str | None) -> str | None:
        """Return the address of a page without the part of its query that holds the token: that is added again."""
        if url is None or not self.header.startswith("?"):
            return url
        parts = urlsplit(url)
        kept = [part for part in parse_qsl(parts.query, keep_blank_values=True) if part[0] != self.header[1:]]
        return parts._replace(query=urlencode(kept)).geturl()

    def _request(self, url: str) -> Request:
        """Return the question, with the token where there is one."""
        headers = {"Accept": "application/json", "User-Agent": "labkit", **self.headers}
        secret = self._secret
        if secret and self.header.startswith("?"):
            url += f"{'&' if '?' in url else '?'}{urlencode({self.header[1:]: secret})}"
        elif secret:
            name, _, form = self.header.partition(": ")
            headers[name] = form.format(secret)
        return Request(url, headers=headers)


def guardian(query: str, *, url: str = "https://content.guardianapis.com/search", **settings: Any) -> JsonApi:
    """Return the articles that The Guardian's content API finds, the newest last; its key is in GUARDIAN_API_KEY.

    Parameters
    ----------
    query : str
        What is looked for: ``"climate AND coal"``.
    url : str
        Where the API answers.
    **settings
        What else a `JsonApi` can be told.
    """

    def rows(answer: Any) -> list[dict[str, Any]]:
        found = answer["response"]["results"]
        return [
            {
                "id": row["id"],
                "text": (row.get("fields") or {}).get("bodyText", ""),
                "title": row.get("webTitle"),
                "date": row.get("webPublicationDate"),
                "section": row.get("sectionId"),
                "url": row.get("webUrl"),
            }
            for row in found
        ]

    def following(answer: Any, headers: Mapping[str, str], at: str) -> str | None:
        response = answer["response"]
        page, pages = int(response["currentPage"]), int(response["pages"])
        return f"{url}?{urlencode({**asked, 'page': page + 1})}" if page < pages else None

    asked = {"q": query, "show-fields": "bodyText", "order-by": "oldest", "page-size": 50}
    header = {"token": "GUARDIAN_API_KEY", "header": "?api-key"}
    return JsonApi(f"{url}?{urlencode({**asked, 'page': 1})}", rows, following, **{**header, **settings})


def github_issues(repository: str, *, url: str = "https://api.github.com", **settings: Any) -> JsonApi:
    """Return the issues of a GitHub repository, oldest first, without pull requests; GITHUB_TOKEN may hold a token.

    Parameters
    ----------
    repository : str
        ``"owner/name"``.
    url : str
        Where the API answers.
    **settings
        What else a `JsonApi` can be told.

    Raises
    ------
    LabError
        If `repository` is no name of one.
    """
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise LabError(f"{repository!r} is no repository.", 'Write it as "owner/name".')

    def rows(answer: Any) -> list[dict[str, Any]]:
        return [
            {
                "id": f"{repository}#{row['number']}",
                "text": "\n\n".join(filter(None, [row["title"], row.get("body")])),
                "date": row.get("created_at"),
                "github_labels": [each["name"] for each in row.get("labels", ())],
                "url": row.get("html_url"),
            }
            for row in answer
            if "pull_request" not in row
        ]

    def following(answer: Any, headers: Mapping[str, str], at: str) -> str | None:
        found = _NEXT.search(headers.get("link", ""))
        return found[1] if found else None

    asked = urlencode({"state": "all", "sort": "created", "direction": "asc", "per_page": 100})
    header = {"token": "GITHUB_TOKEN", "headers": {"Accept": "application/vnd.github+json"}}
    return JsonApi(f"{url}/repos/{repository}/issues?{asked}", rows, following, **{**header, **settings})


class _Stay(HTTPRedirectHandler):
    """Follows no redirection: a token would travel along."""

    def redirect_request(self, *_: Any) -> None:
        """Refuse."""


_OPENER = build_opener(_Stay)


def _hider(secret: str | None) -> Callable[[str], str]:
    """Return what takes a token out of what a server says: some repeat it in their rows, or in their next address."""
    if secret is None or len(secret) < SHORTEST:
        return str
    return lambda said: said.replace(quote_plus(secret), HIDDEN).replace(secret, HIDDEN)


def _read(response: HTTPResponse, url: str, hide: Callable[[str], str]) -> Any:
    """Return the JSON of an answer, without the token."""
    body = response.read(SIZE_LIMIT + 1)
    if len(body) > SIZE_LIMIT:
        raise LabError(f"{_host(url)} answers with more than {SIZE_LIMIT:,} bytes.", "Ask for smaller pages.")
    try:
        return json.loads(hide(body.decode(json.detect_encoding(body))))
    except (ValueError, RecursionError):
        raise LabError(f"{_host(url)} answers with what is no JSON.", "Check the address.") from None


def _pause(error: HTTPError, tried: int) -> float | None:
    """Return how long to wait before the next try, in seconds; None where another would be of no use."""
    headers = error.headers
    limited = error.code == 429 or (
        error.code == 403 and ("Retry-After" in headers or headers.get("X-RateLimit-Remaining") == "0")
    )
    if not limited and error.code < 500:
        return None
    try:
        if "Retry-After" in headers:
            said = headers["Retry-After"]
            return max(0.0, float(said) if said.isdigit() else parsedate_to_datetime(said).timestamp() - time.time())
        if limited and "X-RateLimit-Reset" in headers:
            return max(1.0, float(headers["X-RateLimit-Reset"]) - time.time())
    except (ValueError, TypeError):
        pass
    return 2.0 ** (tried - 1)


def _refused(code: int, url: str, token: str) -> NoReturn:
    """Raise what a refusal means; the server's own words may repeat what was sent to it."""
    if code in (401, 403):
        raise LabError(
            f"{_host(url)} refuses the login (HTTP {code}).", f"Put a valid token into {token or 'a token variable'}."
        ) from None
    if code == 404:
        raise LabError(f"{_host(url)} knows no such address (HTTP 404).", "Check the name.") from None
    what = "Fetch again later: it goes on." if code >= 429 else "Check the address."
    raise LabError(f"{_host(url)} can't answer (HTTP {code}).", what) from None


def _host(url: str) -> str:
    """Name the server of a URL."""
    return urlsplit(url).netloc.rpartition("@")[2]
