"""Tokens of a text, cut where spans start and end."""

from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.formats.tokens import tokens

TEXT = st.text(alphabet="ab1 .,'\n\t\u0301\u200d😀\u3000", max_size=14)


@st.composite
def marked(draw):
    """Draw a text and spans of it."""
    text = draw(TEXT)
    spans = draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=3))
    return text, [(start, end) for start, end in map(sorted, spans) if start < end]


@given(marked())
@settings(max_examples=500)
def test_tokens_and_their_blanks_are_the_text_and_spans_are_whole_tokens(drawn):
    text, spans = drawn
    found = tokens(text, spans)
    assert "".join(text[start:end] + " " * blank for start, end, blank in found) == text
    assert {start for start, _ in spans} <= {start for start, _, _ in found}
    assert {end for _, end in spans} <= {end for _, end, _ in found}
