"""Modal, as the tests of a module share it: a stand-in."""

import pytest

from labkit.cloud import Cloud, read_settings


@pytest.fixture
def running(_modal_running):
    """Start a stand-in."""
    return _modal_running


@pytest.fixture
def server(modal_server):
    """Have Modal's client go to the stand-in."""
    return modal_server


@pytest.fixture
def cloud(server):
    """Go to the stand-in."""
    with Cloud(read_settings()) as opened:
        yield opened
