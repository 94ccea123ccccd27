"""Spans on a spaCy Doc: how they are set and read, and how sure a pipeline is of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .span import Span, within

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

SPANS_KEY = "sc"
"""Where a Doc keeps spans that may overlap: the key of spaCy's `spancat` and spacy-llm's SpanCat."""
NER, SPANCAT = ("ner", "beam_ner"), ("spancat", "spancat_singlelabel")
PLACES = ("doc.ents", "doc.spans")
"""Where components leave spans, as spaCy's factories say it."""

BEAM = 8
"""How many readings of a text are followed beside one another to see what else `ner` might have said."""
LEAST = 0.01
"""Spans that are less likely are left out."""

Likely = dict[tuple[int, int, str], float]
"""Spans with their probability, 0 to 1: start, end (code points, end exclusive) and the pipeline's label."""


def exact_key(doc: Doc) -> Any:
    """Return the key in ``doc.user_data`` for the exact ranges of its spans; its own spans end where its tokens do.

    It is that of an attribute of the whole text, as spaCy spells it: merging Docs moves it, and then it is not found.
    """
    return ("._.", "labkit_spans", 0, len(doc.text))


def spans_on(doc: Doc) -> list[Span]:
    """Return the exact ranges where the parser of replies left them, else ``doc.spans["sc"]``, else ``doc.ents``."""
    found = doc.user_data.get(exact_key(doc))
    if found is None:
        pieces = doc.spans.get(SPANS_KEY) or doc.ents
        found = [Span(start=each.start_char, end=each.end_char, label=each.label_) for each in pieces]
    return list(found)


def set_spans(doc: Doc, value: Sequence[Span], *, overlap: bool) -> None:
    """Set spans as ``doc.ents`` and as ``doc.spans["sc"]``, where alone they may overlap; else the longest are set.

    A span that ends inside a token grows to that token's ends.
    """
    from spacy.util import filter_spans

    within(value, doc.text)
    pieces: list[Any] = [doc.char_span(s["start"], s["end"], s["label"], alignment_mode="expand") for s in value]
    apart = filter_spans(pieces)
    doc.spans[SPANS_KEY] = pieces if overlap else apart
    doc.set_ents(apart)


def group_scores(doc: Doc) -> Likely:
    """Return the probabilities that a pipeline left with ``doc.spans["sc"]``; none where it left none."""
    group = doc.spans.get(SPANS_KEY)
    scores = group.attrs.get("scores", ()) if group else ()
    return {
        (piece.start_char, piece.end_char, piece.label_): float(score)
        for piece, score in zip(group or (), scores, strict=False)
    }


def likely_spans(nlp: Language, docs: Sequence[Doc]) -> list[Likely] | None:
    """Return all spans that a pipeline's `ner` or `spancat` thinks possible, or None where its spans come otherwise.

    Parameters
    ----------
    nlp : Language
        The pipeline.
    docs : sequence of Doc
        Texts that went through it.

    Returns
    -------
    list of dict, or None
        A dict a text. None where none, or more than one, of the pipeline's components marks spans.

    Notes
    -----
    `ner` keeps one reading of a text. Here eight are followed by spaCy's beam search, each as likely as its steps
    together, and a span is as likely as the readings that hold it.
    """
    makers = [name for name in nlp.pipe_names if set(nlp.get_pipe_meta(name).assigns) & set(PLACES)]
    factory = nlp.get_pipe_meta(makers[0]).factory if len(makers) == 1 else None
    if factory in NER:
        return _by_beam(nlp.get_pipe(makers[0]), docs)
    return list(_by_spancat(nlp.get_pipe(makers[0]), docs)) if factory in SPANCAT else None


def _by_beam(ner: Any, docs: Sequence[Doc]) -> list[Likely]:
    """Read texts again with a beam; what stands on them already would count as settled."""
    fresh = [doc.copy() for doc in docs]
    for doc in fresh:
        doc.set_ents([], default="missing")
    beams = ner.beam_parse(fresh, beam_width=BEAM)
    return [_likely(doc, scores.items()) for doc, scores in zip(docs, ner.scored_ents(beams), strict=True)]


def _by_spancat(spancat: Any, docs: Sequence[Doc]) -> Iterator[Likely]:
    """Score all the ranges that were looked at, also those under the threshold."""
    indices, scores = spancat.predict(docs)
    labels, row = spancat.labels, 0
    for doc, length in zip(docs, indices.lengths, strict=True):
        here = slice(row, row + int(length))
        found = zip(indices.dataXd[here].tolist(), scores[here].tolist(), strict=True)
        yield _likely(doc, (((*place, label), p) for place, ps in found for label, p in zip(labels, ps, strict=False)))
        row += int(length)


def _likely(doc: Doc, scored: Any) -> Likely:
    """Turn tokens into characters, and leave out what is hardly possible."""
    found: Likely = defaultdict(float)
    for (start, end, label), score in scored:
        if score >= LEAST:
            found[doc[start].idx, doc[end - 1].idx + len(doc[end - 1]), label] = min(float(score), 1.0)
    return dict(found)
