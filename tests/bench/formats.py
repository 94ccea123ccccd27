"""How fast labels travel: 100,000 rows of Prodigy's into a real store, and out of it again.

``python -m tests.bench.formats`` prints one JSON object: seconds of the import and of the export, rows, annotations
added and written, and the process's peak memory in MiB (the server's is its own); `*_cpu_s` are the seconds of
this process alone, which a busy machine stretches less. The texts are numbered sentences of
about 60 words; each row has an annotator, a time, a session and hashes. `texts_s` is what the texts took before.
With ``--spans`` the rows are spans with tokens, of which each has three.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

ROWS = 100_000
WORDS = (
    "the",
    "build",
    "of",
    "Rookery",
    "fails",
    "when",
    "Ada",
    "runs",
    "it",
    "twice",
    "on",
    "Monday",
    "and",
    "logs",
    "nothing",
)
LABELS = ("BUG", "DOCUMENTATION")


def text_of(number: int) -> str:
    """Return one text."""
    return (
        f"Report {number}: " + " ".join(WORDS[(number * 7 + place * place) % len(WORDS)] for place in range(60)) + "."
    )


def row_of(number: int, *, spans: bool) -> dict[str, Any]:
    """Return one row, as Prodigy exports it."""
    row: dict[str, Any] = {
        "text": text_of(number),
        "meta": {"number": number},
        "_input_hash": number,
        "_task_hash": -number,
    }
    if spans:
        tokens, at = [], 0
        for place, word in enumerate(row["text"].split(" ")):
            tokens.append({"text": word, "start": at, "end": at + len(word), "id": place, "ws": True})
            at += len(word) + 1
        row["tokens"] = tokens
        chosen = [tokens[place] for place in (2, 10, 20)]
        row["spans"] = [
            {"start": t["start"], "end": t["end"], "token_start": t["id"], "token_end": t["id"], "label": "BUG"}
            for t in chosen
        ]
        row["_view_id"] = "ner_manual"
    else:
        row["options"] = [{"id": label, "text": label} for label in LABELS]
        row |= {
            "accept": [LABELS[0]] if number % 3 else [],
            "_view_id": "choice",
            "config": {"choice_style": "multiple"},
        }
    session = f"issues-{('anna', 'ben', 'cem')[number % 3]}"
    answer = "accept" if number % 50 else "ignore"
    return row | {
        "answer": answer,
        "_timestamp": 1_700_000_000 + number,
        "_annotator_id": session,
        "_session_id": session,
    }


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--spans", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="labkit-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        project = root / "configs" / "bench"
        project.mkdir(parents=True)
        kind = "spans" if given.spans else "choices"
        (project / "project.toml").write_text(f"kind = {kind!r}\nlabels = {list(LABELS)}\n".replace("'", '"'))
        with (root / "texts.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps({"text": text_of(number)}) + "\n" for number in range(given.rows))
        with (root / "prodigy.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row_of(number, spans=given.spans)) + "\n" for number in range(given.rows))
        os.environ["DATABASE_URL"], os.environ["LABKIT_HOME"] = "", str(root / ".labkit")
        from labkit import Lab

        lab = Lab("bench", root=root)
        start = perf_counter()
        lab.ingest(root / "texts.jsonl", near=None)
        read, read_cpu = perf_counter(), process_time()
        imported = lab.import_labels(root / "prodigy.jsonl")
        taken, taken_cpu = perf_counter(), process_time()
        exported = lab.export_labels(root / "out.jsonl", format="prodigy")
        done, done_cpu = perf_counter(), process_time()
        lab.store.close()
    print(
        json.dumps(
            {
                "rows": given.rows,
                "texts_s": round(read - start, 2),
                "import_s": round(taken - read, 2),
                "export_s": round(done - taken, 2),
                "import_cpu_s": round(taken_cpu - read_cpu, 2),
                "export_cpu_s": round(done_cpu - taken_cpu, 2),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "imported": imported.annotations,
                "exported": exported.annotations,
            }
        )
    )


if __name__ == "__main__":
    main()
