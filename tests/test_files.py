"""Physical lines, JSON objects, and files that are there whole or not at all."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkit import files
from labkit.errors import LabError
from labkit.files import Bad, JsonLines, Record, lines, objects


def written(path: Path, content: bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_any_encoding_and_line_end(tmp_path, encoding, end):
    path = written(tmp_path / "a", f"café{end}{end}😀 \u2028x".encode(encoding))
    assert list(lines(path)) == [(1, f"café{end}"), (2, end), (3, "😀 \u2028x")]


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
def test_utf16_that_ends_inside_a_character_costs_the_last_line(tmp_path, mark):
    path = written(tmp_path / "a", "\ufeffone\ntwo".encode(mark) + b"\x41")
    found = list(lines(path))
    assert found[0] == (1, "one\n")
    assert files.undecodable(found[-1][1]).startswith("wrong encoding")


def test_a_line_longer_than_the_limit_is_cut_and_the_next_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("labkit.files.text.LINE_LIMIT", 10)
    path = written(tmp_path / "a.jsonl", b'{"a": "' + b"x" * 95 + b'"}\n{"b": 1}\n')
    cut, whole = objects(path, "a.jsonl")
    assert cut == Bad("a.jsonl", 1, "longer than 10 characters", '{"a": "xxx')
    assert whole == Record(2, {"b": 1}, '{"b": 1}')


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"text": "a"', "broken JSON: Expecting ',' delimiter at character 13"),
        (b"[1, 2]", "a list, not a JSON object"),
        (b'"text"', "a string, not a JSON object"),
        (b"12", "a number, not a JSON object"),
        (b"true", "a truth value, not a JSON object"),
        (b"null", "null, not a JSON object"),
        (b'{"text": "caf\xe9"}', "wrong encoding at character 14 (byte 0xe9): not UTF-8, nor UTF-16"),
        (b'{"text": "\xed\xa0\x80"}', "wrong encoding at character 11 (byte 0xed)"),
        (b'{"n": ' + b"1" * 5000 + b"}", "broken JSON: a number is too long, or the nesting too deep"),
        (b"[" * 100_000, "broken JSON: a number is too long, or the nesting too deep"),
    ],
)
def test_a_bad_line_costs_itself_alone(tmp_path, line, reason):
    path = written(tmp_path / "a.jsonl", b'{"n": 1}\n\n' + line + b'\n{"n": 2}')
    first, bad, last = objects(path, "a.jsonl")
    assert (first.line, first.fields, last.line, last.fields) == (1, {"n": 1}, 4, {"n": 2})
    assert (bad.source, bad.line) == ("a.jsonl", 3)
    assert bad.reason.startswith(reason)
    assert len(bad.raw) <= files.EXCERPT + 1
    assert bad.raw.encode(), "it can be printed and stored"


def test_numbers_that_json_does_not_know_are_null(tmp_path):
    (row,) = objects(written(tmp_path / "a.jsonl", b'{"a": NaN, "b": [-Infinity]}'), "a.jsonl")
    assert row.fields == {"a": None, "b": [None]}


def test_an_empty_file_has_no_lines(tmp_path):
    assert list(lines(written(tmp_path / "a", b""))) == []
    assert list(lines(written(tmp_path / "b", b"\xef\xbb\xbf"))) == []


def test_a_file_that_can_not_be_read_is_a_lab_error(tmp_path):
    with pytest.raises(LabError, match=r"nothing\.jsonl can't be read: No such file"):
        next(lines(tmp_path / "nothing.jsonl"))
    with pytest.raises(LabError, match="can't be read: Is a directory"):
        next(lines(tmp_path))


def test_a_device_that_fails_in_the_middle_is_a_lab_error():
    with pytest.raises(LabError, match="can't be read: Input/output error"):
        list(lines(Path("/proc/self/mem")))


@pytest.mark.parametrize("text", ["\ud83d", "a\0b", "é\u202e<b>😀", "\u2028"])
def test_what_is_written_is_read_again(tmp_path, text):
    with JsonLines(tmp_path / "deep" / "a.jsonl") as rows:
        rows.write({"text": text})
    (row,) = objects(tmp_path / "deep" / "a.jsonl", "a.jsonl")
    assert row.fields == {"text": text}
    assert rows.count == 1


def rows_until(error: BaseException | None, count: int) -> Iterator[dict[str, str]]:
    """Yield rows, and fail after the last one."""
    yield from ({"text": "x" * 100} for _ in range(count))
    if error:
        raise error


def write(path: Path, rows: Iterator[dict[str, str]]) -> None:
    """Write rows to a file."""
    with JsonLines(path) as file:
        for row in rows:
            file.write(row)


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = written(tmp_path / "a.jsonl", b"old")
    with pytest.raises(KeyboardInterrupt):
        write(path, rows_until(KeyboardInterrupt(), 3))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file(tmp_path):
    path = written(tmp_path / "a.jsonl", b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(LabError, match="can't be written: File too large"):
            write(path, rows_until(None, 1000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_can_not_be_made_is_a_lab_error(tmp_path):
    (tmp_path / "a").write_text("a file")
    with pytest.raises(LabError, match="can't be written"), JsonLines(tmp_path / "a" / "b.jsonl"):
        pass


def test_a_file_without_rows_is_kept_or_removed(tmp_path):
    path = written(tmp_path / "a.jsonl", b"old")
    with JsonLines(path):
        pass
    assert path.read_bytes() == b""
    with JsonLines(path, keep_empty=False):
        pass
    assert not path.exists()


def test_rows_are_one_json_object_a_line(tmp_path):
    with JsonLines(tmp_path / "a.jsonl") as rows:
        rows.write({"text": "a\nb"})
        rows.write({"text": "é"})
    assert [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()] == [
        {"text": "a\nb"},
        {"text": "é"},
    ]


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ('[\n{"a": 1},\n\n{"a": 2}\n]\n', [(2, {"a": 1}), (4, {"a": 2})]),
        ('{"a": 1}', [(1, {"a": 1})]),
        ("[]", []),
        ("", []),
        ('\ufeff[{"a": "é😀"}]', [(1, {"a": "é😀"})]),
        (
            '[{"a": NaN}, 7, "x"]',
            [(1, {"a": None}), (1, "a number, not a JSON object"), (1, "a string, not a JSON object")],
        ),
        ('[{"a": 1}\n{"a"', [(1, {"a": 1}), (2, "broken JSON: Expecting ':' delimiter at character 5")]),
        ('[{"a": 1},', [(1, {"a": 1}), (1, "the file breaks off before its array ends")]),
        ('[{"a": 1}] {"b": 2}', [(1, {"a": 1}), (1, "something stands after the end of the JSON")]),
        ("[" * 100_000, [(1, "broken JSON: a number is too long, or the nesting too deep")]),
    ],
)
def test_arrays_of_objects(tmp_path, content, rows):
    path = written(tmp_path / "a.json", content.encode())
    found = files.items(path, "a.json")
    assert [(row.line, row.fields if isinstance(row, Record) else row.reason) for row in found] == rows


def test_an_array_is_read_object_by_object(tmp_path):
    item = json.dumps({"text": "x" * 1000})
    path = written(tmp_path / "a.json", f"[{', '.join([item] * 5000)}]".encode())
    assert sum(isinstance(row, Record) for row in files.items(path, "a.json")) == 5000


def test_a_folder_is_there_whole_or_not_at_all(tmp_path):
    def breaking() -> None:
        with files.whole_folder(tmp_path / "a") as folder:
            (folder / "b.txt").write_text("b")
            raise KeyError

    with pytest.raises(KeyError):
        breaking()
    assert not list(tmp_path.iterdir())
    (tmp_path / "a").mkdir()
    with files.whole_folder(tmp_path / "a") as folder:
        (folder / "b.txt").write_text("b")
    assert (tmp_path / "a" / "b.txt").read_text() == "b"
    with pytest.raises(LabError, match="is there already"), files.whole_folder(tmp_path / "a"):
        pass


def test_a_file_that_can_not_be_written_whole(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(LabError, match="can't be written"), files.whole_file(tmp_path / "a" / "b.txt") as place:
        place.write_text("b")
