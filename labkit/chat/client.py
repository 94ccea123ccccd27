"""Sends one request, and turns whatever happens into an answer or a failure.

aiohttp and not httpx: at 128 requests at once httpx's connection pool looks through all connections for each
request (encode/httpx issue 3215), which measured 15 ms of CPU a request here, against 0.3 ms.
"""

from __future__ import annotations

from ipaddress import ip_address
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from .answer import Answer, Failure, read
from .endpoint import Endpoint
from .limits import Limits

CONNECT_SECONDS = 4.0
SHORTEST_SECRET = 12
"""Shorter keys are placeholders, such as the "ollama" that a local server ignores, and may stand in any answer."""


class Client:
    """A pool of kept-alive connections to one endpoint; an asynchronous context manager.

    Parameters
    ----------
    endpoint : Endpoint
        Where to send.
    limits : Limits
        How many connections, and how long a request may take.
    key : str or None
        The endpoint's key. It is cut out of whatever the endpoint sends back.
    """

    def __init__(self, endpoint: Endpoint, limits: Limits, key: str | None) -> None:
        self._endpoint = endpoint
        self._limits = limits
        self._headers = {"Content-Type": "application/json", **endpoint.authorisation(key)}
        self._secret = key.encode() if key and len(key) >= SHORTEST_SECRET else None

    async def __aenter__(self) -> Client:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._limits.concurrency),
            timeout=aiohttp.ClientTimeout(total=self._limits.timeout, connect=CONNECT_SECONDS),
            headers=self._headers,
            proxy=_proxy(self._endpoint.url),
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: Any, trace: TracebackType | None) -> None:
        await self._session.close()

    async def send(self, body: bytes) -> Answer | Failure:
        """Send one request, once. Redirections are not followed: the key is meant for this address alone."""
        try:
            async with self._session.post(
                self._endpoint.url, data=body, params=self._endpoint.query, allow_redirects=False
            ) as response:
                content = await response.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            return Failure("nobody answers at this address", _cause(error), refused=True)
        except TimeoutError:
            return Failure(f"no answer within {self._limits.timeout:g} seconds", billed=True)
        except (aiohttp.ClientError, OSError) as error:
            return Failure("the connection broke", type(error).__name__, billed=True)
        if self._secret:
            content = content.replace(self._secret, b"***")
        return read(response.status, response.headers, content)


def _proxy(url: str) -> str | None:
    """Return the proxy that the environment names for an address: companies reach the world through HTTPS_PROXY.

    aiohttp's own `trust_env` looks for it, and for a password in ~/.netrc, once a request and in other threads: more
    than half of the processor's time of a request here (1.46 ms against 0.65). And a netrc is an error to it where
    there is a key. This machine's own addresses are no proxy's business: it would look for them on itself.
    """
    parts = urlsplit(url)
    proxy = getproxies().get(parts.scheme)
    if not proxy or _is_loopback(parts.hostname or "") or proxy_bypass(parts.netloc):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _cause(error: Exception) -> str:
    """Name what kept a connection from being made, in words that repeat no request."""
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return "the proxy that the environment names does not let itself be reached"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host is not known"
    if isinstance(error, aiohttp.ClientSSLError):
        return "its certificate is not trusted"
    return "it does not answer in time" if isinstance(error, TimeoutError) else "the connection is refused"
