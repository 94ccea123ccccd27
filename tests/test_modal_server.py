"""The stand-in for Modal's servers: Modal's own client, unmodified, runs functions in containers of it."""

from __future__ import annotations

import modal
import pytest

from tests.modal_server import ModalServer, example


@pytest.fixture(scope="module")
def server():
    """Start a stand-in, and run the example's app on it."""
    with ModalServer() as server, example.app.run():
        yield server


def test_a_function_runs_in_a_container_and_writes_to_its_volume(server):
    assert example.double.remote(4) == 8
    assert (server.volume("stand-in") / "4").read_text() == "8"
    assert server.gpu("double") == ["L4:1", "A10G:1"]


def test_inputs_are_spread_and_come_back_in_their_order(server):
    assert list(example.double.map(range(6))) == [0, 2, 4, 6, 8, 10]


def test_a_generator_streams(server):
    assert list(example.count.remote_gen(3)) == [0, 1, 2]


def test_an_exception_comes_back_as_it_is(server):
    with pytest.raises(ValueError, match="the container says so"):
        example.fail.remote()


def test_a_call_is_found_again_by_its_id(server):
    call = example.double.spawn(21)
    assert modal.FunctionCall.from_id(call.object_id).get(timeout=30) == 42


def test_a_container_sees_nothing_of_the_environment_of_its_caller(server, monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_CALLER", "canary")
    assert "SECRET_OF_THE_CALLER" not in example.environment.remote()
