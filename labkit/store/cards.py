"""Reads cards for a person, a few at a time, and finds texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .annotations import KINDS
from .database import Database
from .decisions import as_json

PAGE = 50
"""How many texts one page of a search holds."""

COUNTED = 1000
"""How far a search counts what it finds, so that nobody waits for a number."""

USED = (
    "used AS (SELECT DISTINCT ON (name) id, name, kind FROM labkit.annotator WHERE project_id = %(project)s"
    " AND (id = %(annotator)s OR NOT (kind = 'person' AND config ? 'role')) ORDER BY name, used_at DESC)"
)
"""The version of each annotator that was used last; of those who adjudicate, this person alone."""

_LAST = (
    "used u CROSS JOIN LATERAL (SELECT a.outcome, a.value FROM labkit.annotation a WHERE a.annotator_id = u.id"
    " AND a.example_id = e.id AND (u.id = %(annotator)s OR u.kind = ANY(%(kinds)s)) ORDER BY a.id DESC LIMIT 1) last"
)
"""What each annotator that the person may see said last of an example."""


class Cards:
    """Texts with what is said of them, as one person may see it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self, project: int, annotator: int, examples: Sequence[int], kinds: Iterable[str]) -> list[dict[str, Any]]:
        """Return texts in the order of `examples`; one that is not there is left out.

        Parameters
        ----------
        project : int
            The project's number.
        annotator : int
            The person's number in it.
        examples : sequence of int
            Which texts.
        kinds : iterable of str
            The kinds of annotator whose word the person may see.

        Returns
        -------
        list of dict
            `example`, `key`, `text`, `meta`; `said`: what annotators other than this person said last, each with
            `name`, `kind`, `outcome`, `value`, `scores`, `note`; `own`: the person's decision that stands, with
            `decision`, `outcome`, `value`, `seconds`, `source`, or None; the person's `note` and `flagged`.
        """
        with self._database.connection() as connection:
            rows = connection.execute(
                f"WITH {USED} SELECT e.id, e.key, e.text, e.meta, coalesce(said.rows, '[]'), own.row,"
                "  coalesce(noted.note, ''), coalesce(noted.flagged, false)"
                " FROM unnest(%(examples)s::bigint[]) WITH ORDINALITY AS wanted (id, place)"
                " JOIN labkit.example e USING (id)"
                " LEFT JOIN LATERAL (SELECT jsonb_agg(jsonb_build_object('name', u.name, 'kind', u.kind, 'outcome',"
                "   last.outcome, 'value', last.value, 'scores', last.scores, 'note', coalesce(n.note, ''))"
                f"  ORDER BY array_position(ARRAY{KINDS}, u.kind), u.name) AS rows FROM used u"
                "   CROSS JOIN LATERAL (SELECT outcome, value, scores FROM labkit.annotation a"
                "    WHERE a.annotator_id = u.id AND a.example_id = e.id ORDER BY a.id DESC LIMIT 1) last"
                "   LEFT JOIN LATERAL (SELECT note FROM labkit.note WHERE annotator_id = u.id AND example_id = e.id"
                "    ORDER BY id DESC LIMIT 1) n ON true"
                "   WHERE u.kind = ANY(%(kinds)s) AND u.id <> %(annotator)s AND last.outcome <> 'undone') said ON true"
                " LEFT JOIN LATERAL (SELECT CASE WHEN outcome <> 'undone' THEN jsonb_build_object('decision', decision,"
                "   'outcome', outcome, 'value', value, 'seconds', seconds, 'source', source) END AS row"
                "   FROM labkit.annotation a WHERE a.annotator_id = %(annotator)s AND a.example_id = e.id"
                "   ORDER BY a.id DESC LIMIT 1) own ON true"
                " LEFT JOIN LATERAL (SELECT note, flagged FROM labkit.note WHERE annotator_id = %(annotator)s"
                "   AND example_id = e.id ORDER BY id DESC LIMIT 1) noted ON true"
                " WHERE e.project_id = %(project)s ORDER BY place",
                {"project": project, "annotator": annotator, "examples": list(examples), "kinds": list(kinds)},
            ).fetchall()
        names = ("example", "key", "text", "meta", "said", "own", "note", "flagged")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def find(
        self,
        project: int,
        annotator: int,
        kinds: Iterable[str],
        *,
        text: str = "",
        holding: Any = None,
        said_by: str | None = None,
        outcomes: Sequence[str] | None = None,
        disagreement: bool = False,
        flagged: bool = False,
        offset: int = 0,
    ) -> tuple[int, list[int]]:
        """Find texts, in the order in which they came; all conditions must hold.

        Parameters
        ----------
        project, annotator, kinds
            As for `read`: of other people's words nothing is found that the person may not see.
        text : str
            A part of the text or of its key, in any case.
        holding : JSON, optional
            What the value contains, as PostgreSQL's ``@>`` has it.
        said_by : str, optional
            Whose value and outcome are meant; without it, anyone's that the person may see, or the person's own.
        outcomes : sequence of str, optional
            The outcome is one of these; ``"undecided"`` for texts of which `said_by` said nothing.
        disagreement : bool
            Two of those `kinds` gave different values.
        flagged : bool
            The person has flagged the text.
        offset : int
            How many to pass over.

        Returns
        -------
        (int, list of int)
            How many there are, counted to `COUNTED`, or to the text behind the page where that is further; and the
            examples of the page.
        """
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        # Of ASCII the database's own rules of case give the same as C's, which are many times as fast.
        like = 'COLLATE "C" ILIKE %(text)s' if text.isascii() else "ILIKE %(text)s"
        said = "outcome <> 'undone' AND (%(said_by)s::text IS NULL OR name = %(said_by)s)"
        parts = ["e.project_id = %(project)s"]
        if flagged:
            parts.append(
                "e.id IN (SELECT example_id FROM (SELECT DISTINCT ON (example_id) example_id, flagged FROM labkit.note"
                " WHERE annotator_id = %(annotator)s ORDER BY example_id, id DESC) noted WHERE flagged)"
            )
        if text:
            parts.append(f"(e.text {like} OR e.key {like})")
        if outcomes and "undecided" in outcomes:
            parts.append(f"NOT EXISTS (SELECT FROM {_LAST} WHERE {said})")
        elif outcomes or holding is not None or said_by:
            said += " AND outcome = ANY(%(outcomes)s)" if outcomes else ""
            said += " AND value @> %(holding)s" if holding is not None else ""
            parts.append(f"EXISTS (SELECT FROM {_LAST} WHERE {said})")
        if disagreement:
            parts.append(
                f"(SELECT min(value::text) <> max(value::text) FROM {_LAST}"
                " WHERE kind = ANY(%(kinds)s) AND value IS NOT NULL)"
            )
        with self._database.connection() as connection:
            rows = connection.execute(
                f"WITH {USED} SELECT e.id FROM labkit.example e WHERE {' AND '.join(parts)}"
                " ORDER BY e.id LIMIT %(most)s OFFSET %(offset)s",
                {
                    "project": project,
                    "annotator": annotator,
                    "kinds": list(kinds),
                    "text": f"%{escaped}%",
                    "holding": as_json(holding),
                    "said_by": said_by,
                    "outcomes": list(outcomes or ()),
                    "most": max(COUNTED - offset, PAGE + 1),
                    "offset": offset,
                },
            ).fetchall()
        return offset + len(rows), [row[0] for row in rows[:PAGE]]
