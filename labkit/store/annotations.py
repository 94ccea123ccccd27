"""Who said what of which text. Nothing here is ever overwritten."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .database import Database
from .shared import Shared

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ["example", "annotator", "kind", "outcome", "value", "scores"]
BLOCK = 5000
"""How many rows are read at once."""

REPLY_COLUMNS = [
    "key",
    "annotator",
    "outcome",
    "reply",
    "prompt",
    "error",
    "tokens_in",
    "tokens_out",
    "dollars",
    "seconds",
]
KINDS = ["llm", "model", "rule", "accepted", "person", "reference"]
"""The kinds of annotator, in the order in which their annotations are returned."""


@dataclass(frozen=True)
class Annotation:
    """What one annotator says of one example.

    Parameters
    ----------
    example : int
        The example's number.
    outcome : str
        One of `labkit.tasks.Outcome`.
    value : JSON
        The task's value; None unless the outcome has one.
    scores : dict of str to float, optional
        A probability a label.
    seconds : float, optional
        How long it took.
    source : str
        Where it came from: a run, a file, the widget.
    reply : str, optional
        The key of the LLM's reply that it was read from.
    decision : str, optional
        A UUID made when a person decided; sent twice, it is kept once.
    """

    example: int
    outcome: str
    value: Any
    scores: dict[str, float] | None = None
    seconds: float | None = None
    source: str = ""
    reply: str | None = None
    decision: str | None = None


class Annotations:
    """The append-only table of annotations, and the annotators that made them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def annotator(self, project: int, name: str, kind: str, digest: str, config: dict[str, Any] | None = None) -> int:
        """Return the number of one version of an annotator, made if it is new, and mark it as the one in use.

        Parameters
        ----------
        project : int
            The project's number.
        name : str
            What people call it: ``"llm"``, ``"anna"``.
        kind : {"person", "llm", "model", "rule", "reference"}
            What it is. What was accepted in bulk is an annotator of the kind "accepted": see `Audits`.
        digest : str
            What makes this version this version. People have the digest ``""``.
        config : dict, optional
            The configuration behind the digest, for people to read.
        """
        from psycopg.types.json import Jsonb

        with self._database.connection() as connection:
            row = connection.execute(
                "INSERT INTO labkit.annotator (project_id, name, kind, digest, config) VALUES (%s, %s, %s, %s, %s)"
                " ON CONFLICT (project_id, name, digest) DO UPDATE SET used_at = clock_timestamp() RETURNING id",
                [project, name, kind, digest, Jsonb(config or {})],
            ).fetchone()
        assert row is not None
        return int(row[0])

    def add(self, annotator: int, rows: Iterable[Annotation]) -> int:
        """Append annotations, but none that only repeats what its annotator said last of that example.

        Parameters
        ----------
        annotator : int
            The annotator's number.
        rows : iterable of Annotation
            Any number; committed together, or not at all.

        Returns
        -------
        int
            How many rows were appended.
        """
        from psycopg.types.json import Jsonb

        def json(value: Any) -> Any:
            return None if value is None else Jsonb(value)

        with self._database.connection() as connection:
            connection.execute(
                "CREATE TEMP TABLE incoming (n bigserial, example_id bigint, value jsonb, outcome text, scores jsonb,"
                " seconds real, source text, reply_key text, decision uuid) ON COMMIT DROP"
            )
            with connection.cursor().copy(
                "COPY incoming (example_id, value, outcome, scores, seconds, source, reply_key, decision) FROM STDIN"
            ) as copy:
                for r in rows:
                    copy.write_row(
                        [r.example, json(r.value), r.outcome, json(r.scores), r.seconds, r.source, r.reply, r.decision]
                    )
            return connection.execute(
                "INSERT INTO labkit.annotation (example_id, annotator_id, value, outcome, scores, seconds, source,"
                " reply_key, decision) SELECT example_id, %(annotator)s, value, outcome, scores, seconds, source,"
                " reply_key, decision FROM incoming i WHERE decision IS NOT NULL OR NOT EXISTS ("
                "  SELECT FROM (SELECT value, outcome, scores FROM labkit.annotation a"
                "   WHERE a.annotator_id = %(annotator)s AND a.example_id = i.example_id ORDER BY id DESC LIMIT 1) last"
                "  WHERE (last.value, last.outcome, last.scores) IS NOT DISTINCT FROM (i.value, i.outcome, i.scores))"
                " ORDER BY n ON CONFLICT (decision) DO NOTHING",
                {"annotator": annotator},
            ).rowcount

    def latest(
        self, project: int, names: Collection[str] | None = None, among: Collection[int] | None = None
    ) -> pd.DataFrame:
        """Return what each annotator said last of each example.

        Parameters
        ----------
        project : int
            The project's number.
        names : collection of str, optional
            Only these annotators; of several versions of one name, the one used last.
        among : collection of int, optional
            Only these examples.

        Returns
        -------
        DataFrame
            Columns `example`, `annotator`, `kind`, `outcome`, `value` (None without one), `scores`. LLMs stand
            first, then models, rules, what was accepted in bulk, people and the reference, each kind by name;
            people's in the order in which they decided, and what was adjudicated last. What a person undid is not
            there.
        """
        import pandas as pd

        read = Shared()  # a block at a time, or all rows would stand in memory three times
        with self._database.connection() as connection, connection.cursor("latest") as cursor:
            cursor.execute(
                "WITH used AS (SELECT DISTINCT ON (name) id, name, kind, config ? 'role' AS judge FROM labkit.annotator"
                "  WHERE project_id = %(project)s AND (%(names)s::text[] IS NULL OR name = ANY(%(names)s))"
                "  ORDER BY name, used_at DESC),"
                " last AS (SELECT DISTINCT ON (a.annotator_id, a.example_id) a.id, a.example_id, used.name, used.kind,"
                "  kind = 'person' AND judge AS judge, a.outcome, a.value, a.scores FROM labkit.annotation a"
                "  JOIN used ON used.id = a.annotator_id"
                "  WHERE %(among)s::bigint[] IS NULL OR a.example_id = ANY(%(among)s)"
                "  ORDER BY a.annotator_id, a.example_id, a.id DESC)"
                " SELECT example_id, name, kind, outcome, value::text, scores::text FROM last WHERE outcome <> 'undone'"
                f" ORDER BY array_position(ARRAY{KINDS}, kind), CASE WHEN kind <> 'person' THEN name END, judge, id",
                {
                    "project": project,
                    "names": None if names is None else list(names),
                    "among": None if among is None else list(among),
                },
            )
            blocks: list[pd.DataFrame] = []
            while not blocks or len(blocks[-1]) == BLOCK:
                rows = [(*row[:4], read(row[4]), read(row[5])) for row in cursor.fetchmany(BLOCK)]
                blocks.append(pd.DataFrame(rows, columns=COLUMNS))
        return pd.concat([block for block in blocks if len(block)] or blocks, ignore_index=True)

    def replies(self, project: int, name: str | None = None, outcome: str | None = None) -> pd.DataFrame:
        """Return the LLM replies behind the latest annotations.

        Parameters
        ----------
        project : int
            The project's number.
        name : str, optional
            Only this annotator's; of several versions of a name, the one used last counts.
        outcome : str, optional
            Only replies with this outcome.

        Returns
        -------
        DataFrame
            `REPLY_COLUMNS`, in the order of the texts: `key` is the text's, `error` says why there is no reply,
            `dollars` and `seconds` are what it took.
        """
        import pandas as pd

        with self._database.connection() as connection:
            rows = connection.execute(
                "WITH used AS (SELECT DISTINCT ON (name) id, name FROM labkit.annotator WHERE project_id = %(project)s"
                "  AND (%(name)s::text IS NULL OR name = %(name)s) ORDER BY name, used_at DESC),"
                " last AS (SELECT DISTINCT ON (a.annotator_id, a.example_id) a.example_id, a.outcome, a.reply_key,"
                "  used.name FROM labkit.annotation a JOIN used ON used.id = a.annotator_id"
                "  ORDER BY a.annotator_id, a.example_id, a.id DESC)"
                " SELECT e.key, last.name, outcome, reply, prompt, error, tokens_in, tokens_out, dollars::float,"
                "  seconds FROM last JOIN labkit.example e ON e.id = example_id JOIN labkit.reply r"
                "  ON r.key = reply_key WHERE %(outcome)s::text IS NULL OR outcome = %(outcome)s"
                " ORDER BY e.id, last.name",
                {"project": project, "name": name, "outcome": outcome},
            ).fetchall()
        return pd.DataFrame(rows, columns=REPLY_COLUMNS)

    def costs(self, project: int, names: Collection[str]) -> pd.DataFrame:
        """Return what one reply to an annotator took in the mean, over those whose endpoint counted it.

        Parameters
        ----------
        project : int
            The project's number.
        names : collection of str
            Annotators; of several versions of one name, the one used last counts.

        Returns
        -------
        DataFrame
            Indexed by annotator: `tokens_in`, `tokens_out`, `dollars`; NaN where no reply carries them.
        """
        import pandas as pd

        with self._database.connection() as connection:
            rows = connection.execute(
                "WITH used AS (SELECT DISTINCT ON (name) id, name FROM labkit.annotator WHERE project_id = %s"
                "  AND name = ANY(%s) ORDER BY name, used_at DESC)"
                " SELECT name, avg(tokens_in)::float, avg(tokens_out)::float, avg(dollars)::float FROM used LEFT JOIN"
                " LATERAL (SELECT DISTINCT reply_key FROM labkit.annotation WHERE annotator_id = used.id) asked ON true"
                " LEFT JOIN labkit.reply ON key = reply_key GROUP BY name",
                [project, list(names)],
            ).fetchall()
        columns = ["annotator", "tokens_in", "tokens_out", "dollars"]
        return pd.DataFrame(rows, columns=columns).set_index("annotator").astype(float)

    def used(self, project: int) -> dict[str, tuple[str, str]]:
        """Return kind and digest of every annotator of a project; of several versions of a name, the one used last."""
        with self._database.connection() as connection:
            rows = connection.execute(
                "SELECT DISTINCT ON (name) name, kind, digest FROM labkit.annotator WHERE project_id = %s"
                " ORDER BY name, used_at DESC",
                [project],
            ).fetchall()
        return {name: (kind, digest) for name, kind, digest in rows}

    def config(self, project: int, name: str) -> dict[str, Any]:
        """Return the configuration of the version of an annotator that was used last; empty where there is none."""
        with self._database.connection() as connection:
            row = connection.execute(
                "SELECT config FROM labkit.annotator WHERE project_id = %s AND name = %s ORDER BY used_at DESC LIMIT 1",
                [project, name],
            ).fetchone()
        return dict(row[0]) if row else {}

    def count(self, annotator: int) -> int:
        """Return how many examples an annotator has said something of."""
        with self._database.connection() as connection:
            row = connection.execute(
                "SELECT count(DISTINCT example_id) FROM labkit.annotation WHERE annotator_id = %s", [annotator]
            ).fetchone()
        assert row is not None
        return int(row[0])
