"""A training at Modal: from a cell to a model that is home, through all that may happen on the way."""

from __future__ import annotations

import pytest
import spacy

from labkit.errors import LabError
from tests.cloud.conftest import running, server  # noqa: F401 - fixtures


@pytest.fixture
def labelled(lab, server):  # noqa: F811
    """Return a lab whose texts the LLM labelled, and a stand-in for Modal."""
    lab.annotate("llm")
    return lab


def test_a_model_trains_at_modal_comes_home_and_is_used(labelled):
    run = labelled.train("cpu", on="modal", max_minutes=10)
    assert (run.row.state, run.row.place) == ("done", "modal")
    assert run.row.dollars > 0
    with pytest.raises(LabError, match="lab.fetch"):
        run.load()
    fetched = labelled.fetch(run)
    assert spacy.load(fetched.pipeline)("It crashes at start").cats
    assert not labelled.evaluate(fetched).empty
    assert labelled.package(fetched).is_file()
    events = labelled.store.runs.events(run.row.id)
    assert [event["number"] for event in events] == list(range(len(events)))
    here = labelled.train("cpu")
    assert here.row.id == run.row.id
