"""A stand-in for Modal that the tests of a module share, and a volume mounted where no other test's is."""

import pytest

from labkit.cloud import Cloud, read_settings
from tests.modal_server import ModalServer


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Start a stand-in."""
    with ModalServer() as started:
        yield started


@pytest.fixture
def server(running, monkeypatch, tmp_path):
    """Have Modal's client go to the stand-in; its volume is mounted below the test's own folder."""
    for name, value in running.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LABKIT_MODAL_MOUNT", str(tmp_path / "volume"))
    return running


@pytest.fixture
def cloud(server):
    """Go to the stand-in."""
    with Cloud(read_settings()) as opened:
        yield opened
