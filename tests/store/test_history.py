from __future__ import annotations

from labkit.store import Annotation


def test_every_decision_is_there_in_order_with_its_source(store, project, ids):
    anna, llm = (
        store.annotations.annotator(project, name, kind, "") for name, kind in (("anna", "person"), ("llm", "llm"))
    )
    store.annotations.add(llm, [Annotation(ids["A"], "parsed", ["BUG"])])
    for outcome, value, source in (
        ("parsed", ["BUG"], "corrector"), ("undone", None, "corrector"), ("explicitly none", [], "corrector: blind"),
    ):  # fmt: skip
        store.annotations.add(anna, [Annotation(ids["A"], outcome, value, source=source)])
    frame = store.history.frame(project)
    assert frame.outcome.tolist() == ["parsed", "undone", "explicitly none"]
    assert frame.source.tolist() == ["corrector", "corrector", "corrector: blind"]
    assert frame.value.tolist() == [["BUG"], None, []]
    assert set(frame.annotator) == {"anna"}
    assert store.history.frame(store.examples.project("other")).empty


def test_texts_come_in_batches_and_are_counted(store, project):
    assert [[key for _, key, _ in batch] for batch in store.examples.batches(project, 2)] == [["A", "B"], ["C"]]
    assert store.examples.count(project) == 3
    other = store.examples.project("other")
    assert list(store.examples.batches(other)) == []
    assert store.examples.count(other) == 0


def test_annotators_are_known_by_the_version_used_last(store, project):
    for digest in ("one", "two", "one"):
        store.annotations.annotator(project, "crash", "rule", digest)
    store.annotations.annotator(project, "anna", "person", "")
    assert store.annotations.used(project) == {"crash": ("rule", "one"), "anna": ("person", "")}
