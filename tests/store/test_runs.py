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


def test_what_a_run_elsewhere_tells_is_kept_once_and_its_row_says_how_it_stands(store, project):
    run = store.runs.begin(project, "training", "gpu", "d", {}, "modal")
    assert (store.runs.get(run).state, store.runs.get(run).place) == ("queued", "modal")
    store.runs.know(run, {"call": "fc-1"})
    events = [{"number": number, "stage": "training", "done": number} for number in range(3)]
    store.runs.hear(run, events[:2], {"steps": 1}, 0.01)
    store.runs.hear(run, [{**events[1], "done": 99}, events[2]], {"steps": 2}, 0.02)
    assert store.runs.events(run) == events
    (row,) = store.runs.open(project, "modal")
    assert (row.state, row.figures, row.dollars, row.remote) == ("running", {"steps": 2}, 0.02, {"call": "fc-1"})
    store.runs.end(run, "stopped", {"steps": 3, "words_per_second": 7.0}, None, "asked", 0.03)
    store.runs.hear(run, [{"number": 3}], {"steps": 0}, 9.0)
    row = store.runs.find(project, run)
    assert (row.state, row.figures["steps"], row.dollars) == ("stopped", 3, 0.03), "what has ended stays as it ended"
    assert store.runs.open(project, "modal") == []
    assert store.runs.find(project + 1, run) is None
    assert store.runs.speed(project, "training", "gpu", "modal") == 7.0
    assert store.runs.speed(project, "training", "gpu", "here") is None
