"""Endpoints on loopback, and chats that keep their replies in a store of their own."""

from contextlib import ExitStack

import pytest

from labkit.chat import make_chat
from tests.llm_server import LLMServer, serving

KEY = "sk-canary-0123456789abcdef"


@pytest.fixture
def serve():
    """Return a function that starts a server as it is described."""
    with ExitStack() as stack:
        yield lambda **settings: stack.enter_context(serving(LLMServer(**settings)))


@pytest.fixture
def chat_to(store, monkeypatch):
    """Return a function that makes a chat with an endpoint, with a key in the environment."""
    monkeypatch.setenv("CANARY_KEY", KEY)

    def make(url, model="m", **settings):
        settings = {"key_variable": "CANARY_KEY", "concurrency": 16, "timeout": 3.0, **settings}
        chat = make_chat(model, url, **settings)
        chat.ledger = store.replies
        return chat

    return make


@pytest.fixture
def prompts():
    """Return prompts, all different."""
    return [f"Sort this text: number {i}, naïve, 你好, مرحبا, 😀, <b>&amp;" for i in range(200)]
