"""Boundaries settled once, for all texts, and taken back."""

import pytest

from labkit import LabError


def dates(where, frame):
    """Return the words of the dates that annotations give, by text."""
    texts = where.texts().set_index("example").text
    return {
        row.example: [texts[row.example][s["start"] : s["end"]].lower() for s in row.value if s["label"] == "DATE"]
        for row in frame.itertuples()
    }


def test_a_rule_is_applied_to_all_and_says_so(labelled):
    (row,) = labelled.compare("llm", "llm-bare").boundaries().query("before == 'the'").to_dict("records")
    assert row["label"] == "DATE"
    held = labelled.settle("DATE", before="the", why="as agreed")
    assert held.loc[1, ["rule", "by", "why"]].tolist() == ["DATE without 'the' before it", "anna", "as agreed"]
    assert held.loc[1, "spans"] >= row["times"]
    said = labelled.annotations("settled")
    assert set(said.kind) == {"rule"}
    assert len(said) == held.loc[1, "texts"]
    assert not [date for words in dates(labelled, said).values() for date in words if date.startswith("the ")]
    assert labelled.labels().origin.value_counts()["settled"] == len(said)
    gap = labelled.compare("llm", "llm-bare")
    assert gap.boundaries().query("before == 'the'").empty
    assert gap.annotators == ("llm", "llm-bare")
    plain = labelled.compare("llm", "llm-bare", settled=False)
    assert plain.boundaries().query("before == 'the'").times.tolist() == [row["times"]]
    assert plain.agreement.agreed.item() < gap.agreement.agreed.item()


def test_it_is_taken_back(labelled):
    before = labelled.labels()
    labelled.settle("DATE", before="the")
    labelled.settle("DATE", before="the", words="1990s", keep="longer")
    assert labelled.unsettle(1).rule.tolist() == ["DATE with 'the' before it, where it is '1990s'"]
    assert labelled.unsettle(1).empty
    assert labelled.settled().empty
    assert labelled.labels().equals(before)
    labelled.settle("DATE", before="the")
    assert labelled.labels().origin.eq("settled").any()


def test_what_a_person_read_stays(labelled, tmp_path):
    example = next(e for e, w in dates(labelled, labelled.annotations("llm")).items() if "the 1990s" in w)
    key = labelled.texts().set_index("example").key[example]
    (tmp_path / "anna.jsonl").write_text(f'{{"id": "{key}", "spans": []}}\n')
    labelled.load_labels(tmp_path / "anna.jsonl", "anna")
    labelled.settle("DATE", before="the")
    (row,) = labelled.labels().query("example == @example").to_dict("records")
    assert (row["value"], row["origin"]) == ([], "person")


def test_labels_that_come_later_follow_the_rules(news):
    news.annotate("llm-bare")
    news.settle("DATE", before="the", keep="longer")
    few = len(news.annotations("settled"))
    assert few
    news.annotate("llm")
    assert news.settled().loc[1, "texts"] == len(news.annotations("settled")) != few


def test_what_can_not_be_settled_is_said(labelled):
    with pytest.raises(LabError, match="No span of this project has the label 'PLACE'.*ORGANISATION, PERSON, DATE"):
        labelled.settle("PLACE", before="the")
    labelled.settle("DATE", before="the")
    with pytest.raises(LabError, match=r"That is settled: DATE without 'the'.*lab.unsettle\(1\)"):
        labelled.settle("DATE", before="The", keep="longer")
    assert len(labelled.settle("DATE", before="the")) == 1
    with pytest.raises(LabError, match="no rule 2"):
        labelled.unsettle(2)
