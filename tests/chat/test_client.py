"""How requests leave."""

import base64

import pytest

from labkit.errors import LabError


@pytest.fixture
def ask(chat_to, monkeypatch):
    """Return a function that asks one question of an endpoint, with a proxy in the environment."""

    def one(url, **environment):
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return chat_to(url).ask(iter(["one question"]), 1)

    return one


def test_requests_go_through_the_proxy_that_the_environment_names(serve, ask):
    proxy = serve()
    address = proxy.url.removesuffix("/v1").replace("//", "//ann:p%40ss@")
    tally = ask("http://llm.invalid/v1", http_proxy=address)
    assert tally.answered == 1
    (request,) = proxy.requests
    assert request.headers["host"] == "llm.invalid"
    assert base64.b64decode(request.headers["proxy-authorization"].removeprefix("Basic ")) == b"ann:p@ss"


def test_a_proxy_may_be_named_without_a_scheme(serve, ask):
    proxy = serve()
    assert ask("http://llm.invalid/v1", http_proxy=proxy.url.removeprefix("http://").removesuffix("/v1")).answered == 1
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("exempt", ["llm.invalid", "*", "elsewhere,.invalid"])
def test_requests_go_past_the_proxy_where_the_environment_says_so(serve, ask, exempt):
    proxy = serve()
    with pytest.raises(LabError):
        ask("http://llm.invalid/v1", http_proxy=proxy.url, no_proxy=exempt)
    assert not proxy.requests


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_asked_without_a_proxy(serve, ask, host):
    proxy, server = serve(), serve()
    assert ask(server.url.replace("127.0.0.1", host), http_proxy=proxy.url).answered == 1
    assert len(server.requests) == 1
    assert not proxy.requests


def test_a_proxy_that_can_not_be_reached_is_named_as_the_cause_without_its_password(ask):
    with pytest.raises(LabError, match="the proxy that the environment names") as caught:
        ask("http://llm.invalid/v1", http_proxy="http://ann:canary@127.0.0.1:1")
    assert "canary" not in str(caught.value)


def test_a_key_is_not_overridden_by_a_netrc(serve, ask, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    server = serve(key="sk-canary-0123456789abcdef")
    assert ask(server.url, NETRC=str(netrc)).answered == 1
