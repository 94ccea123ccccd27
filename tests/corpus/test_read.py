"""Texts from files and folders: columns found, rows checked, bad ones set aside with their place."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from labkit.corpus import Row, hash_of, read
from labkit.errors import LabError
from labkit.files import Bad


def jsonl(path: Path, *rows: object) -> Path:
    """Write a file of JSON lines; a row that is a string stands as it is."""
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def texts(path: Path, **options) -> list[str]:
    """Return the texts of a path, which has no bad rows."""
    found = list(read(path, **options))
    assert not [row for row in found if isinstance(row, Bad)]
    return [row.text for row in found]


def only_bad(path: Path, **options) -> tuple[int, str]:
    """Return the line and reason of the one bad row of a path."""
    (bad,) = (row for row in read(path, **options) if isinstance(row, Bad))
    return bad.line, bad.reason


def test_a_row_is_ready_for_the_store(tmp_path):
    path = jsonl(tmp_path / "issues.jsonl", {"id": "i-1", "text": "Cafe\u0301 \r\n", "labels": ["BUG"], "votes": 3})
    assert list(read(path)) == [Row("Café", "i-1", hash_of("Café"), "issues.jsonl:1", {"votes": 3}, ["BUG"])]


def test_a_text_without_an_id_is_known_by_its_hash(tmp_path):
    rows = read(jsonl(tmp_path / "a.jsonl", {"text": "x"}, {"text": "x", "id": None}, {"text": "x", "id": " "}))
    assert [row.key for row in rows] == [hash_of("x")[:16]] * 3


@pytest.mark.parametrize(("given", "key"), [(7, "7"), (7.0, "7"), ("007", "007"), (-1, "-1"), ("é ", "é ")])
def test_an_id_is_a_string(tmp_path, given, key):
    (row,) = read(jsonl(tmp_path / "a.jsonl", {"id": given, "text": "x"}))
    assert row.key == key


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"title": "a much longer title", "TEXT": "a"}, "a"),
        ({"content": "c", "body": "b"}, "b"),
        ({" Message ": "m", "other": "longer than m"}, "m"),
        ({"id": "longer than all the others", "title": "t", "abstract": "abstract"}, "abstract"),
        ({"label": "longer than all the others", "n": 1, "s": "s"}, "s"),
    ],
)
def test_the_text_column_is_found(tmp_path, columns, text):
    assert texts(jsonl(tmp_path / "a.jsonl", columns)) == [text]


def test_columns_can_be_named(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", {"text": "no", "id": 1, "label": "no", "t": "yes", "n": 2, "said": "BUG"})
    (row,) = read(path, text="t", id="n", label="said")
    assert (row.text, row.key, row.labels) == ("yes", "2", "BUG")
    assert row.meta == {"text": "no", "id": 1, "label": "no"}


@pytest.mark.parametrize("column", ["text", "id", "label"])
def test_a_named_column_that_is_not_there(tmp_path, column):
    path = jsonl(tmp_path / "a.jsonl", {"text": "x", "id": 1})
    with pytest.raises(LabError, match=r"no column called 'nothing'. Its columns are: text, id\."):
        list(read(path, **{column: "nothing"}))


def test_a_file_without_strings_has_no_text(tmp_path):
    with pytest.raises(LabError, match=r"no column called text or body.*Name the column.*Its columns are: a, b\."):
        list(read(jsonl(tmp_path / "a.jsonl", {"a": 1, "b": None})))


@pytest.mark.parametrize(
    ("columns", "labels"),
    [
        ({"labels": []}, []),
        ({"label": "BUG"}, "BUG"),
        ({"cats": {"BUG": 1.0}}, {"BUG": 1.0}),
        ({"labels": ["BUG"], "label": "other"}, ["BUG"]),
        ({"label": ""}, None),
        ({"label": None}, None),
        ({"spans": []}, None),
    ],
)
def test_labels_come_as_they_are(tmp_path, columns, labels):
    (row,) = read(jsonl(tmp_path / "a.jsonl", {"text": "x", **columns}))
    assert row.labels == labels


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ('{"text": "a"', "broken JSON"),
        ("[]", "a list, not a JSON object"),
        ({"text": ""}, "the text is empty"),
        ({"text": " \u00a0\t\r\n"}, "the text is empty"),
        ({"text": "\u200b\ufeff"}, "the text is empty"),
        ({"text": None}, "the text is null, not a string"),
        ({"text": 5}, "the text is a number, not a string"),
        ({"text": ["a"]}, "the text is a list, not a string"),
        ({"body": "a"}, "it has no column 'text'"),
        ({"text": "x" * 101}, "the text is longer than 100 characters"),
        ({"text": "ab\0c"}, "the text holds a NUL character at position 3"),
        ({"text": "\ud83d"}, "the text holds half a character (a lone surrogate) at position 1"),
        ({"text": "x", "id": ["a"]}, "the id is a list, not a string or a number"),
        ({"text": "x", "id": True}, "the id is a truth value, not a string or a number"),
        ({"text": "x", "id": "a\0"}, "the id holds a NUL character at position 2"),
        ({"text": "x", "id": "i" * 501}, "the id is longer than 500 characters"),
        ({"text": "x", "id": "first"}, "the id 'first' is already that of another text"),
    ],
)
def test_a_bad_row_is_set_aside_and_the_others_load(tmp_path, bad, reason):
    path = jsonl(tmp_path / "a.jsonl", {"id": "first", "text": "one"}, "", bad, {"id": "last", "text": "two"})
    one, two = (row for row in read(path, limit=100) if isinstance(row, Row))
    assert (one.source, two.source) == ("a.jsonl:1", "a.jsonl:4")
    line, said = only_bad(path, limit=100)
    assert line == 3
    assert said.startswith(reason)


@pytest.mark.parametrize("depth", [2000, 5000, 100_000])
def test_columns_nested_too_deep_cost_one_row(tmp_path, depth):
    path = jsonl(tmp_path / "a.jsonl", {"text": "one"}, '{"text": "x", "a": ' + "[" * depth + "]" * depth + "}")
    one, other = read(path)
    assert one.text == "one"
    assert "too deep" in other.reason


def test_the_same_row_twice_is_no_conflict(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", {"id": 1, "text": "same"}, {"id": "1", "text": "same \n"})
    assert texts(path) == ["same", "same"]


def test_the_raw_row_is_kept_and_cut(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", {"text": "x" * 5000}, {"text": "ok"})
    (bad,) = (row for row in read(path, limit=100) if isinstance(row, Bad))
    assert bad.raw == '{"text": "' + "x" * 990 + "…"


def test_hostile_texts_come_through_unchanged(tmp_path):
    hostile = [
        "<script>alert(1)</script>",
        "\u202eright to left",
        "👩‍👩‍👧‍👦",
        "a\x1b[31m",
        "{{ prompt }}",
        "'; DROP TABLE --",
    ]
    assert texts(jsonl(tmp_path / "a.jsonl", *({"text": text} for text in hostile))) == hostile


def test_other_columns_are_json_that_postgresql_holds(tmp_path):
    row = '{"text": "x", "a": NaN, "b": 1e999, "c\\u0000": "d\\u0000e", "f": ["\\ud800", {"g": null}]}'
    (found,) = read(jsonl(tmp_path / "a.jsonl", row))
    assert found.meta == {"a": None, "b": None, "c\ufffd": "d\ufffde", "f": ["\ufffd", {"g": None}]}


def test_csv_counts_physical_lines(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'id,text,label\r\n1,"two\r\nlines",BUG\r\n\r\n2,short\r\n3,"say ""x""",\r\n')
    one, bad, three = read(path)
    assert one == Row("two\nlines", "1", hash_of("two\nlines"), "a.csv:2", {}, "BUG")
    assert bad == Bad("a.csv", 5, "2 fields where the header has 3", "2,short")
    assert (three.text, three.source, three.labels) == ('say "x"', "a.csv:6", None)


@pytest.mark.parametrize(("name", "mark"), [("a.csv", ","), ("a.csv", ";"), ("a.csv", "\t"), ("a.tsv", "\t")])
def test_columns_are_parted_by_what_the_header_has(tmp_path, name, mark):
    (tmp_path / name).write_text(f'id{mark}text\n7{mark}"a, b; c"\n')
    (row,) = read(tmp_path / name)
    assert (row.key, row.text) == ("7", "a, b; c")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_csv_as_spreadsheets_write_it(tmp_path, encoding):
    (tmp_path / "a.csv").write_bytes("text;n\r\ncafé;1\r\n".encode(encoding))
    (row,) = read(tmp_path / "a.csv")
    assert (row.text, row.meta) == ("café", {"n": "1"})


def test_a_quote_that_is_never_closed_costs_one_row(tmp_path):
    rows = "".join(f"{number},row {number}\n" for number in range(3, 5000))
    (tmp_path / "a.csv").write_text(f'id,text\n1,one\n2,"open\n{rows}', "utf-8")
    found = list(read(tmp_path / "a.csv"))
    (bad,) = (row for row in found if isinstance(row, Bad))
    assert (bad.line, bad.raw) == (3, '2,"open\n')
    assert bad.reason.startswith("broken quotes")
    assert [row.key for row in found if isinstance(row, Row)] == ["1", *map(str, range(3, 5000))]


def test_text_after_a_closing_quote_is_not_guessed_at(tmp_path):
    (tmp_path / "a.csv").write_text('text,n\n"5" disk,1\nok,2\n', "utf-8")
    assert only_bad(tmp_path / "a.csv")[0] == 2


def test_one_row_of_another_encoding_costs_itself_alone(tmp_path):
    (tmp_path / "a.csv").write_bytes('id,text\n1,ok\n2,"caf\xe9\n"\n3,ok\n'.encode("latin-1"))
    assert only_bad(tmp_path / "a.csv") == (
        3,
        "wrong encoding at character 7 (byte 0xe9): not UTF-8, nor UTF-16 with a byte order mark",
    )
    assert [row.key for row in read(tmp_path / "a.csv") if isinstance(row, Row)] == ["1", "3"]


def test_a_text_longer_than_csv_takes_by_itself(tmp_path):
    (tmp_path / "a.csv").write_text('text\n"' + "long\n" * 40_000 + '"\nshort\n', "utf-8")
    assert only_bad(tmp_path / "a.csv") == (2, "the text is longer than 100,000 characters")
    assert len(texts(tmp_path / "a.csv", limit=1_000_000)) == 2


def test_a_header_that_names_a_column_twice_or_can_not_be_read(tmp_path):
    (tmp_path / "a.csv").write_text("text,text\na,b\n")
    with pytest.raises(LabError, match="two columns called 'text'"):
        list(read(tmp_path / "a.csv"))
    (tmp_path / "b.csv").write_bytes(b"text,gr\xf6\xdfe\na,b\n")
    with pytest.raises(LabError, match=r"The header of .*wrong encoding"):
        list(read(tmp_path / "b.csv"))


def test_columns_without_a_name_are_not_read(tmp_path):
    (tmp_path / "a.csv").write_text(",text,,\n0,a,,\n")
    (row,) = read(tmp_path / "a.csv")
    assert (row.text, row.meta) == ("a", {})


def table(path: Path, **columns) -> Path:
    """Write a Parquet file."""
    parquet.write_table(pa.table(columns), path)
    return path


def test_parquet(tmp_path):
    when = datetime(2026, 1, 2, tzinfo=UTC)
    columns = {"id": [1.0, None], "text": ["a", None], "labels": [["BUG"], []], "when": [when] * 2, "png": [b"123"] * 2}
    row, bad = read(table(tmp_path / "a.parquet", **columns))
    assert row.meta == {"when": str(when), "png": "3 bytes"}
    assert (row.text, row.key, row.source, row.labels) == ("a", "1", "a.parquet:1", ["BUG"])
    assert (bad.line, bad.reason) == (2, "the text is null, not a string")
    assert json.loads(bad.raw)["png"] == "3 bytes"


def test_parquet_is_read_in_batches(tmp_path):
    path = table(tmp_path / "a.parquet", text=[f"text {number}" for number in range(2500)])
    assert [row.source for row in read(path)][-1] == "a.parquet:2500"


def test_parquet_that_is_none_or_damaged(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(LabError, match="no Parquet file, or is damaged after row 0"):
        list(read(tmp_path / "a.parquet"))
    path = table(tmp_path / "b.parquet", text=[os.urandom(50).hex() for _ in range(5000)])
    content = bytearray(path.read_bytes())
    content[200_000:201_000] = bytes(1000)
    path.write_bytes(content)
    with pytest.raises(LabError, match="damaged after row"):
        list(read(path))


def test_a_text_file_is_one_text(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\n\r\ntwo\r\n")
    (row,) = read(tmp_path / "a.txt", text="ignored")
    assert (row.text, row.source, row.key) == ("one\n\ntwo", "a.txt:1", row.hash[:16])


def test_a_text_file_that_can_not_be_used(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"ok\ncaf\xe9\n")
    assert only_bad(tmp_path / "a.txt")[0] == 2
    (tmp_path / "b.txt").write_text("x" * 101)
    assert only_bad(tmp_path / "b.txt", limit=100) == (1, "the text is longer than 100 characters")
    (tmp_path / "c.txt").write_text("\n \n")
    assert only_bad(tmp_path / "c.txt") == (1, "the text is empty")
    (tmp_path / "d.txt").write_text("")
    assert only_bad(tmp_path / "d.txt") == (1, "the text is empty")


def test_a_folder_is_read_in_order_and_its_bad_files_are_set_aside(tmp_path):
    jsonl(tmp_path / "b" / "2.jsonl", {"id": 1, "text": "two"}, {"id": 2, "text": "three"})
    jsonl(tmp_path / "b" / "labels.jsonl", {"id": 1, "reply": "a long text that is none of ours"})
    jsonl(tmp_path / "c.jsonl", {"id": 2, "text": "another"})
    jsonl(tmp_path / ".hidden" / "a.jsonl", {"text": "hidden"})
    jsonl(tmp_path / ".hidden.jsonl", {"text": "hidden"})
    (tmp_path / "a.txt").write_text("one")
    (tmp_path / "b" / "README.md").write_text("not read")
    (tmp_path / "b" / "empty.csv").write_text("")
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    found = list(read(tmp_path))
    assert [(row.source, row.text) for row in found if isinstance(row, Row)] == [
        ("a.txt:1", "one"),
        ("b/2.jsonl:1", "two"),
        ("b/2.jsonl:2", "three"),
    ]
    assert [(row.source, row.line, row.reason) for row in found if isinstance(row, Bad)] == [
        ("b/README.md", 0, "b/README.md is none of the forms that can be read"),
        ("b/empty.csv", 0, "b/empty.csv holds no rows"),
        ("b/labels.jsonl", 0, "b/labels.jsonl has no column called text or body or content or message or description"),
        ("c.jsonl", 1, "the id '2' is already that of another text"),
    ]


def test_nothing_to_read(tmp_path):
    for path, said in [
        (tmp_path / "nothing.jsonl", "can't be read: No such file"),
        (tmp_path, "holds no texts"),
        (tmp_path / "a\0b", "can't be read"),
    ]:
        with pytest.raises(LabError, match=said):
            read(path)
    with pytest.raises(LabError, match="None is not a path"):
        read(None)


@pytest.mark.parametrize(("name", "content"), [("a.jsonl", "\n\n"), ("a.csv", ""), ("a.csv", "text\n"), ("a.tsv", "")])
def test_a_file_without_rows(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(LabError, match="holds no rows"):
        list(read(tmp_path / name))


def test_a_form_that_is_not_known_is_said_at_once(tmp_path):
    (tmp_path / "a.docx").write_bytes(b"PK")
    with pytest.raises(LabError, match=r"none of the forms.*\.jsonl, \.ndjson, \.csv, \.tsv, \.parquet, \.txt"):
        read(tmp_path / "a.docx")


def test_a_limit_that_takes_nothing(tmp_path):
    with pytest.raises(LabError, match="A limit of 0"):
        read(tmp_path, limit=0)


def test_rows_stream(tmp_path):
    """A million rows are read as they are asked for, not before."""
    path = tmp_path / "endless.jsonl"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    os.write(writer, b'{"text": "row"}\n' * 4000)
    assert len(list(islice(read(path), 2000))) == 2000
    os.close(writer)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path):
    path = jsonl(tmp_path / "a.jsonl", {"text": "x"})
    path.chmod(0)
    with pytest.raises(LabError, match="can't be read: Permission denied"):
        list(read(path))
