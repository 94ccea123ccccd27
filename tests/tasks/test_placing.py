"""Whatever the text and whatever the LLM lists: no span moves, none is lost, none is made up."""

from __future__ import annotations

import unicodedata

from hypothesis import assume, example, given
from hypothesis import strategies as st

from labkit.tasks.mentions import Finding
from labkit.tasks.occurrences import Page, Range
from labkit.tasks.placing import read_mentions

LABELS = ["A", "B"]
LETTERS = ["İ", "\u0131", "ß", "ẞ", "ŉ", "ﬁ", "Σ", "ς", "ñ", "e\u0301", "an", "An", "AN", "ana", "東", "שם", "مُ"]
OTHERS = [*"\r\n\t|\u00a0\u2028\u2019\u2013\u202e\u00ad😀", "\r\n", "  ", "1.", "👨\u200d👧"]
PIECES = st.sampled_from(LETTERS + OTHERS)
TEXTS = st.lists(PIECES | st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).map("".join)
PLAIN = st.text("ab ", min_size=1, max_size=30)


def listing(*lines):
    """Write a reply that lists words with their label."""
    return "\n".join(f"{n}. {said} | True | {label} | why" for n, (said, label) in enumerate(lines, 1))


def folded(text):
    """Fold a text as Unicode's compatibility caseless match does, with white space as one blank."""
    nfkd = unicodedata.normalize("NFKD", unicodedata.normalize("NFD", text).casefold())
    return " ".join(unicodedata.normalize("NFKD", nfkd.casefold()).split())


@st.composite
def slices(draw, texts=TEXTS):
    """Draw a text, and parts of it that can be listed a line each."""
    text = draw(texts)
    parts = []
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text) - 1))
        said = text[start : draw(st.integers(start + 1, len(text)))]
        if said == said.strip() and "\n" not in said and "|" not in said:
            parts.append((said, draw(st.sampled_from(LABELS))))
    assume(parts)
    return text, parts


@given(slices() | slices(PLAIN), st.booleans())
@example(("İstanbul Ankara", [("Ankara", "A")]), False)
def test_what_is_copied_is_found_where_it_stands(drawn, overlap):
    text, parts = drawn
    mentions = read_mentions(listing(*parts), text, LABELS, overlap=overlap)
    assert [(mention.said, mention.label) for mention in mentions] == parts
    kept = [mention for mention in mentions if mention.kept]
    assert kept
    assert all(text[mention.start : mention.end] == mention.said for mention in kept)
    assert {mention.finding for mention in mentions} <= {
        Finding.EXACT,
        Finding.REPEATED,
        Finding.OVERLAPPING,
        Finding.SURPLUS,
    }
    places = [(mention.start, mention.end, mention.label) for mention in kept]
    assert len(set(places)) == len(places)
    ranges = [Range(mention.start, mention.end) for mention in kept]
    apart = not any(a.overlaps(b) for i, a in enumerate(ranges) for b in ranges[:i])
    assert apart or overlap
    # What is not kept has no place left: all its places are taken.
    for mention in mentions:
        spots = [Range(i, i + len(mention.said)) for i in range(len(text)) if text.startswith(mention.said, i)]
        if not mention.kept and not overlap:
            assert all(any(spot.overlaps(taken) for taken in ranges) for spot in spots)
        if not mention.kept and overlap:
            assert {(*spot, mention.label) for spot in spots} <= set(places)


@given(slices(), st.sampled_from([str.upper, str.lower, str.casefold, str.swapcase]))
@example(("İİ Straße", [("Straße", "A")]), str.upper)
def test_what_is_copied_in_another_case_is_found_in_whole_characters(drawn, change):
    text, parts = drawn
    parts = [(change(said).strip(), label) for said, label in parts]
    assume(all(said for said, _ in parts))
    for mention in read_mentions(listing(*parts), text, LABELS, overlap=True):
        if mention.kept:
            part = text[mention.start : mention.end]
            assert part == mention.said or folded(part) == folded(mention.said)
            whole = mention.end == len(text) or not unicodedata.category(text[mention.end]).startswith("M")
            assert whole or part == mention.said


@given(st.lists(PIECES, min_size=1, max_size=8, unique=True), st.integers(0, 3))
def test_a_name_is_found_after_any_other_text(before, blanks):
    text = "".join(before) + " " * blanks + "·Ankara·"
    for said in ("Ankara", "ANKARA"):
        (mention,) = read_mentions(listing((said, "A")), text, LABELS, overlap=False)
        assert (mention.start, mention.end) == (len(text) - 7, len(text) - 1)


@given(
    st.lists(st.sampled_from(["Ada", "Ida", "Ankara"]), min_size=1, max_size=12), st.sampled_from([" ", "\r\n", "😀"])
)
def test_all_mentions_listed_in_order_get_their_own_places(names, between):
    text = between.join(names)
    mentions = read_mentions(listing(*((name, "A") for name in names)), text, LABELS, overlap=False)
    assert "".join(text[mention.start : mention.end] for mention in mentions) == "".join(names)
    starts = [mention.start for mention in mentions]
    assert starts == sorted(set(starts))


@given(st.text(), st.text(), st.booleans())
def test_any_reply_is_read_and_each_line_answered_for(reply, text, overlap):
    mentions = read_mentions(reply, text, LABELS, overlap=overlap)
    lines = [line for line in reply.split("\n") if line.strip().strip("` ")]
    assert len(mentions) == len(lines) or "NONE" in reply


@given(TEXTS)
def test_folding_never_moves_a_place(text):
    page = Page(text)
    whole_text = text.strip()
    if whole_text:
        spots = page.find(whole_text.swapcase() if whole_text.swapcase().strip() else whole_text)
        for spot in (*spots.whole, *spots.inside):
            assert folded(text[spot.start : spot.end]) == folded(whole_text.swapcase())


def test_a_long_text_of_one_letter_listed_often_is_read_in_time():
    text = "a" * 20_000
    mentions = read_mentions(listing(*[("a", "A")] * 300), text, LABELS, overlap=False)
    assert [mention.start for mention in mentions] == list(range(300))
