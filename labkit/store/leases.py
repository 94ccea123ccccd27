"""Leases on texts, so that each is handed to as many people as asked for, and to each of them once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from ..errors import LabError
from .database import Database

if TYPE_CHECKING:
    import psycopg

LEASE_SECONDS = 300.0
"""How long a text stays with somebody who gives no sign of life."""

PEOPLE = (
    "people AS (SELECT p.id FROM labkit.annotator me JOIN labkit.annotator p ON p.project_id = me.project_id"
    "  AND p.kind = 'person' AND p.config ->> 'role' IS NOT DISTINCT FROM me.config ->> 'role'"
    "  WHERE me.id = %(annotator)s)"
)
"""Those who do what this person does; who adjudicates takes no text from those who label."""

SEATS = "CASE WHEN ('x' || left(e.hash, 8))::bit(32)::bigint / 4294967296.0 < %(share)s THEN %(people)s::int ELSE 1 END"
"""How many people a text is for; which texts are for several goes by their hash, so that all agree on it."""


@dataclass(frozen=True)
class Overlap:
    """How many people decide on a text.

    Parameters
    ----------
    people : int
        So many, 1 or more.
    share : float
        The share of the texts that get so many, 0 to 1; the others get one. Which they are is the same for
        everyone, and does not change.

    Raises
    ------
    LabError
        If one of them is out of range.
    """

    people: int = 1
    share: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.people, int) or isinstance(self.people, bool) or not 1 <= self.people < 1000:
            raise LabError(f"The overlap is {self.people!r} people a text.", "Give a whole number from 1.")
        if not isinstance(self.share, int | float) or not 0 <= self.share <= 1:
            raise LabError(f"The share of texts for several people is {self.share!r}.", "Give a number from 0 to 1.")


class Taken(NamedTuple):
    """What came of asking for texts."""

    leased: list[int]
    """Those that are this sitting's now, in the order in which they were asked for."""
    closed: list[int]
    """Those that this person has decided, or as many others as asked for."""


class Leases:
    """The texts that one sitting of a person holds.

    Parameters
    ----------
    database : Database
        Where they are kept.
    annotator : int
        The person's number in the project.
    holder : UUID
        This sitting. Another of the same person does not get what this one holds.
    overlap : Overlap
        How many people decide on a text.
    seconds : float
        How long a text stays leased without a sign of life.
    """

    def __init__(
        self,
        database: Database,
        annotator: int,
        holder: UUID,
        overlap: Overlap,
        seconds: float = LEASE_SECONDS,
    ) -> None:
        self._database = database
        self.annotator, self.holder, self._overlap, self._seconds = annotator, holder, overlap, seconds

    def take(self, wanted: Sequence[int], count: int) -> Taken:
        """Lease the first `count` of the texts `wanted` that are free.

        A text is free if this person has not decided it, holds it in no other sitting, and fewer others have
        decided or hold it than the overlap asks for. Locked by another at this moment is taken for not free.

        Parameters
        ----------
        wanted : sequence of int
            Examples, the most wanted first.
        count : int
            How many.
        """
        with self._database.connection() as connection:
            seen = self._sort(connection, wanted)
            free = [example for example, state in seen.items() if state == "free"][:count]
            closed = [example for example, state in seen.items() if state == "closed"]
            # FOR UPDATE in the form that lets others add annotations of the text meanwhile. What was free when it
            # was looked at may have been leased before it was locked: so it is looked at again.
            locked = connection.execute(
                "SELECT id FROM labkit.example WHERE id = ANY(%s) FOR NO KEY UPDATE SKIP LOCKED", [free]
            ).fetchall()
            sure = self._sort(connection, [row[0] for row in locked])
            mine = {example for example, state in sure.items() if state == "free"}
            leased = [example for example in free if example in mine]
            connection.execute(
                "INSERT INTO labkit.lease (example_id, annotator_id, holder, held_until)"
                " SELECT unnest(%s::bigint[]), %s, %s, clock_timestamp() + make_interval(secs => %s)"
                " ON CONFLICT (example_id, annotator_id) DO UPDATE"
                " SET holder = excluded.holder, held_until = excluded.held_until",
                [leased, self.annotator, self.holder, self._seconds],
            )
        return Taken(leased, closed)

    def _sort(self, connection: psycopg.Connection[Any], examples: Sequence[int]) -> dict[int, str]:
        """Say of each text whether it is closed, held or free; a text of another project is none of them."""
        rows = connection.execute(
            f"WITH {PEOPLE} SELECT e.id, CASE WHEN said.mine OR said.others >= {SEATS} THEN 'closed'"
            f"  WHEN held.mine OR said.others + held.others >= {SEATS} THEN 'held' ELSE 'free' END"
            " FROM unnest(%(examples)s::bigint[]) WITH ORDINALITY AS wanted (id, place)"
            " JOIN labkit.example e USING (id)"
            " CROSS JOIN LATERAL (SELECT coalesce(bool_or(p.id = %(annotator)s), false) AS mine,"
            "   count(*) FILTER (WHERE p.id <> %(annotator)s AND last.decision IS NOT NULL) AS others"
            "   FROM people p CROSS JOIN LATERAL (SELECT outcome, decision FROM labkit.annotation a"
            "    WHERE a.annotator_id = p.id AND a.example_id = e.id ORDER BY a.id DESC LIMIT 1) last"
            "   WHERE last.outcome <> 'undone') said"
            " CROSS JOIN LATERAL (SELECT coalesce(bool_or(l.annotator_id = %(annotator)s), false) AS mine,"
            "   count(*) FILTER (WHERE l.annotator_id <> %(annotator)s) AS others FROM labkit.lease l"
            "   WHERE l.example_id = e.id AND l.held_until > clock_timestamp()"
            "    AND l.annotator_id IN (SELECT id FROM people)) held"
            " WHERE e.project_id = (SELECT project_id FROM labkit.annotator WHERE id = %(annotator)s) ORDER BY place",
            {
                "annotator": self.annotator,
                "examples": list(examples),
                "people": self._overlap.people,
                "share": self._overlap.share,
            },
        ).fetchall()
        return dict(rows)

    def closed(self) -> list[int]:
        """Return all texts of the project that this person has decided, or as many others as asked for."""
        with self._database.connection() as connection:
            rows = connection.execute(
                f"WITH {PEOPLE}, said AS (SELECT DISTINCT ON (annotator_id, example_id) annotator_id, example_id,"
                "  outcome, decision FROM labkit.annotation WHERE annotator_id IN (SELECT id FROM people)"
                "  ORDER BY annotator_id, example_id, id DESC)"
                " SELECT e.id FROM said JOIN labkit.example e ON e.id = example_id WHERE outcome <> 'undone'"
                " GROUP BY e.id HAVING bool_or(annotator_id = %(annotator)s)"
                f"  OR count(decision) FILTER (WHERE annotator_id <> %(annotator)s) >= {SEATS}",
                {"annotator": self.annotator, "people": self._overlap.people, "share": self._overlap.share},
            )
            return [row[0] for row in rows]

    def renew(self) -> set[int]:
        """Say that this sitting is alive, and return the texts that it still holds.

        One whose lease has ended is held again if nobody has taken it meanwhile.
        """
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT l.example_id, l.held_until > clock_timestamp() FROM labkit.lease l"
                " JOIN labkit.example e ON e.id = l.example_id WHERE l.holder = %s"
                " ORDER BY e.id FOR NO KEY UPDATE OF e",
                [self.holder],
            ).fetchall()
            ended = [example for example, alive in rows if not alive]
            connection.execute(
                "DELETE FROM labkit.lease WHERE holder = %s AND example_id = ANY(%s)", [self.holder, ended]
            )
            free = {example for example, state in self._sort(connection, ended).items() if state == "free"}
            held = {example for example, alive in rows if alive} | free
            connection.execute(
                "INSERT INTO labkit.lease (example_id, annotator_id, holder, held_until)"
                " SELECT unnest(%s::bigint[]), %s, %s, clock_timestamp() + make_interval(secs => %s)"
                " ON CONFLICT (example_id, annotator_id) DO UPDATE SET held_until = excluded.held_until",
                [list(held), self.annotator, self.holder, self._seconds],
            )
        return held

    def release(self, examples: Collection[int] | None = None) -> None:
        """Give texts back, or all that this sitting holds."""
        with self._database.connection() as connection:
            connection.execute(
                "DELETE FROM labkit.lease WHERE holder = %s AND (%s::bigint[] IS NULL OR example_id = ANY(%s))",
                [self.holder, *[None if examples is None else list(examples)] * 2],
            )
