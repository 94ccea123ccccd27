"""Runs are found again by what was run."""


def test_a_finished_run_is_found_by_its_digest(store, project):
    run = store.runs.begin(project, "training", "cpu", "d", {"seed": 0})
    assert store.runs.done(project, "training", "d") is None
    store.runs.end(run, "done", {"f": 0.8}, "models/1", None)
    row = store.runs.done(project, "training", "d")
    assert (row.id, row.state, row.figures, row.artefact) == (run, "done", {"f": 0.8}, "models/1")
    assert store.runs.done(project, "training", "other") is None


def test_runs_are_listed_newest_first_with_their_errors(store, project):
    assert store.runs.frame(project).empty
    first = store.runs.begin(project, "training", "cpu", "d", {})
    store.runs.end(first, "failed", {}, None, "no texts")
    second = store.runs.begin(project, "training", "cpu", "e", {})
    frame = store.runs.frame(project)
    assert list(frame.run) == [second, first]
    assert list(frame.state) == ["running", "failed"]
    assert list(frame.error) == ["", "no texts"]
