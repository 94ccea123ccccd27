"""Labels in from other tools and out to them, and everything to another server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .desk import Part

if TYPE_CHECKING:
    from .exporting import Exported
    from .imported import Imported
    from .moving import Moved


class Travelling(Part):
    """Labels in from other tools and out to them, and everything to another server."""

    def import_labels(
        self,
        path: str | Path,
        *,
        format: str | None = None,
        annotator: str | None = None,
        names: Mapping[str, str] | None = None,
        add: bool = False,
        partial: bool = False,
        none: bool = False,
    ) -> Imported:
        """Take in what was said of texts in another tool: values, answers, annotators, times, sessions and notes.

        Texts are matched by what they say, whatever their ids; the same file taken in again adds nothing. A row that
        can't be used, or whose text is not in the project, is set aside with its line and the reason.

        Parameters
        ----------
        path : str or Path
            A file or folder of Prodigy, doccano, Label Studio, brat, Labelbox, CoNLL, spaCy or Hugging Face
            datasets, or plain JSONL or CSV with `text` or `id`, and `labels` or `spans`, beside which `relations` may
            stand: ``{"head": 0, "tail": 1, "label": ...}``, the numbers of two spans from 0.
        format : str, optional
            A name of `labkit.formats.registry.FORMATS`, where what is in the file does not tell.
        annotator : str, optional
            Who made annotations for which the file names nobody; ``"imported"`` by default.
        names : mapping of str to str, optional
            What annotators of the file are called here: ``{"user-7": "anna"}``.
        add : bool
            Whether texts that the project does not hold are added to it, rather than set aside.
        partial : bool
            Whether an answer about one label alone is taken for all that applies to a text of several labels.
        none : bool
            Whether an annotation without labels says that none applies, in a format that can't tell.

        Returns
        -------
        Imported
            What was found, how many annotations are new, by whom, what was not kept, and what was set aside.

        Raises
        ------
        LabError
            If the file can't be read, is empty or damaged, or its format is not known or may be two.
        """
        from .importing import Wishes, import_labels

        wishes = Wishes(annotator, names or {}, partial, none)
        return import_labels(self._desk, self._desk.project.path(path), wishes, format=format, add=add)

    def export_labels(
        self, path: str | Path, *, format: str | None = None, who: str | Sequence[str] = "people"
    ) -> Exported:
        """Write what was said of texts for another tool, and say what its format has no place for.

        Parameters
        ----------
        path : str or Path
            The file; for brat and Hugging Face a folder that is empty or not there yet. CoNLL loses white space: the
            texts stand beside such a file, in one whose name ends in ``.texts.jsonl``.
        format : str, optional
            A name of `labkit.formats.registry.FORMATS`, such as ``"prodigy"``; told by the file's ending if left
            out: .jsonl (plain, with a place for everything), .csv, .conll, .spacy or .zip (doccano).
        who : str or sequence of str
            Whose annotations: ``"people"`` for what each person said last of each text, ``"best"`` for the best label
            known of each text as from `labels`, or annotators by name. A format with one annotation a text takes that
            of the person who spoke last.

        Returns
        -------
        Exported
            How many were written, what they were written without, and which could not be written.

        Raises
        ------
        LabError
            If nobody has said anything, the format is not known, or the file can't be written.
        """
        from .exporting import export_labels

        return export_labels(self._desk, self._desk.project.path(path), format, who)

    def move_to(self, url: str) -> Moved:
        """Copy the whole store, every project of it, to a server that others reach too.

        It may be run again: what is new since is copied then. Nothing here changes.

        Parameters
        ----------
        url : str
            A variable in the environment or in `.env` that holds the server's address, so that no password stands
            in a notebook; or the address itself: ``postgresql://user:password@host:5432/database``. Its database
            is empty, or was copied to before.

        Returns
        -------
        Moved
            How many rows stand there, by table, with their checksums; counts and checksums of both sides agree.

        Raises
        ------
        LabError
            If the server can't be reached, holds rows of its own, or did not get what was sent.
        """
        from .moving import move

        return move(self._desk, url)
