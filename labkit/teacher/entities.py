"""The spaCy component `labkit_entities`: marks in texts the entities that somebody marked before."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from ..errors import LabError
from ..files import Bad
from ..formats.record import Answer, Span
from ..formats.registry import recognise
from ..tasks import span
from ..tasks.docs import exact_key, set_spans

FACTORY = "labkit_entities"
SHOWN = 60


class Entities:
    """Sets the entities of each text from a file of labels, such as `lab.export_labels` writes of people's spans.

    It stands before the component `llm` in a pipeline whose LLM is asked about entities, as spacy-llm's REL.v1 is::

        [components.entities]
        factory = "labkit_entities"
        path = "${project.folder}/entities.jsonl"

    Parameters
    ----------
    path : Path
        A file or folder in any format that `labkit.formats.registry.recognise` knows and that holds texts. Of several
        annotations of a text the last one that was accepted counts.

    Notes
    -----
    Texts are matched by what they say. Where the file says nothing of a text, it is not known that the text has no
    entities, and a LabError is raised; ``"spans": []`` says that it has none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, doc: Doc) -> Doc:
        """Mark the entities of a text."""
        found = self._marked.get(doc.text)
        if found is None:
            raise LabError(
                f"{self.path.name} says nothing of the text that begins {doc.text[:SHOWN]!r}.",
                'Add its entities, or "spans": [] where it has none.',
            )
        spans = span.apart([span.Span(start=each.start, end=each.end, label=each.label) for each in found])
        set_spans(doc, spans, overlap=False)
        doc.user_data[exact_key(doc)] = spans
        return doc

    @cached_property
    def _marked(self) -> dict[str, tuple[Span, ...]]:
        """The spans of each text, read when the first is asked for."""
        marked: dict[str, tuple[Span, ...]] = {}
        form, _ = recognise(self.path)
        for document in form.read(self.path):
            if isinstance(document, Bad):
                raise LabError(
                    f"{document.source}, line {document.line}: {document.reason}.", "Mend that line, or take it out."
                )
            for said in document.judgements:
                if document.text is not None and said.spans is not None and said.answer is Answer.ACCEPT:
                    marked[document.text] = said.spans
        return marked


@Language.factory(FACTORY, assigns=["doc.ents"])
def make_entities(nlp: Language, name: str, path: str) -> Entities:
    """Make the component; see `Entities`."""
    return Entities(Path(path))
