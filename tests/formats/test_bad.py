"""Files that are empty, broken, hostile, or of the wrong kind: each costs its own rows, with a reason."""

from __future__ import annotations

import codecs
import json
import zipfile

import pytest

from labkit.errors import LabError
from labkit.files import Bad, archive, members
from labkit.formats.registry import FORMATS, format_called, format_for, recognise

ROW = {"text": "Ada 😀 saw Ben", "options": [], "accept": ["A"], "answer": "accept"}
AT = {"start": 0, "end": 1}
SPANS = {"text": "Ada 😀 saw Ben", "answer": "accept", "_view_id": "ner_manual"}


def written(path, rows):
    """Write JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def reasons(form, path):
    """Return why rows can't be used, in order; None for those that can."""
    return [row.reason if isinstance(row, Bad) else None for row in FORMATS[form].read(path)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.conll", "a.zip", "a.spacy"])
def test_an_empty_file(tmp_path, name):
    (tmp_path / name).touch()
    with pytest.raises(LabError, match=f"{name} is empty"):
        recognise(tmp_path / name)


def test_nothing_there_an_empty_folder_and_an_unknown_form(tmp_path):
    with pytest.raises(LabError, match="can't be read"):
        recognise(tmp_path / "a.jsonl")
    (tmp_path / "folder").mkdir()
    with pytest.raises(LabError, match="is empty"):
        recognise(tmp_path / "folder")
    (tmp_path / "a.txt").write_text("hello there\n")
    with pytest.raises(LabError, match="of no format that is known"):
        recognise(tmp_path / "a.txt")
    with pytest.raises(LabError, match="The format 'prodgy' is not known"):
        format_called("prodgy")
    with pytest.raises(LabError, match="tells no format"):
        format_for(tmp_path / "labels.xml")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_byte_order_mark_and_windows_line_ends(tmp_path, encoding, end):
    path = tmp_path / "a.jsonl"
    path.write_bytes(end.join(json.dumps(ROW, ensure_ascii=False) for _ in range(2)).encode(encoding))
    form, seen = recognise(path)
    assert (form.name, seen, len(list(form.read(path)))) == ("prodigy", "Prodigy, choices", 2)


@pytest.mark.parametrize(
    ("text", "encoding", "why"),
    [("Né", "latin-1", "not UTF-8"), ("Né", "utf-16-le", "not UTF-8"), ("Ne", "utf-16-le", "a NUL character")],
)
def test_another_encoding_is_said(tmp_path, text, encoding, why):
    (tmp_path / "a.jsonl").write_bytes(json.dumps({**ROW, "text": text}, ensure_ascii=False).encode(encoding))
    with pytest.raises(LabError, match=f"can't be read as text: .*{why}.*Save it as UTF-8"):
        recognise(tmp_path / "a.jsonl")


def test_old_line_ends_an_array_and_nobodys_name(tmp_path):
    rows = [json.dumps({**ROW, "_annotator_id": None, "id": 1, "answer": answer}) for answer in ("accept", "reject")]
    (tmp_path / "cr.jsonl").write_text("\r".join(rows), newline="")
    (tmp_path / "array.jsonl").write_text(f"[{', '.join(rows)}]")
    for name in ("cr.jsonl", "array.jsonl"):
        found = [row.judgements[0] for row in recognise(tmp_path / name)[0].read(tmp_path / name)]
        assert [(said.annotator, said.answer) for said in found] == [(None, "accept"), (None, "reject")]


def test_one_row_without_a_line_end(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps(ROW))
    assert recognise(tmp_path / "a.jsonl")[0].name == "prodigy"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"text": None}, "it has no 'text'"),
        ({"text": 7}, "'text' is a number, not a text"),
        ({"text": "a\0b"}, "'text' holds a NUL character at position 2"),
        ({"text": "\ud800"}, "'text' holds half a character (a lone surrogate) at position 1"),
        ({"accept": "A"}, "it has options, and no list of those that were chosen"),
        ({"accept": [["A"]]}, "a label in accept is a list, not a label"),
        ({"accept": [" "]}, "a label in accept is blank, not a label"),
        ({"answer": None}, "it has no answer: nobody has decided on it"),
        ({"answer": "yes"}, "the answer is 'yes'"),
        ({"answer": ["accept"]}, "the answer is ['accept']"),
        ({"meta": [1]}, "meta is no object"),
        ({"_timestamp": "yesterday"}, "'yesterday' is no time"),
        ({"_timestamp": 1e300}, "1e+300 is no time"),
        ({"_annotator_id": 7}, "'_annotator_id' is a number, not a text"),
        ({"versions": {}}, "versions is no list of objects"),
    ],
)
def test_prodigy_rows_of_the_wrong_types(tmp_path, change, reason):
    path = written(tmp_path / "a.jsonl", [ROW, {**ROW, **change}, ROW])
    assert reasons("prodigy", path) == [None, reason, None]


@pytest.mark.parametrize(
    ("spans", "reason"),
    [
        ([{"start": 0, "end": 99, "label": "A"}], "a span from 0 to 99 reaches out of its text of 13 characters"),
        ([{"start": 3, "end": 3, "label": "A"}], "a span from 3 to 3 is no range"),
        ([{"start": -1, "end": 3, "label": "A"}], "a span's start is no number"),
        ([{"start": 0.5, "end": 3, "label": "A"}], "a span's start is 0.5, not a whole number"),
        ([{"start": True, "end": 3, "label": "A"}], "a span's start is no number"),
        ([{"start": 0, "end": 3}], "a span's label is null, not a label"),
        (
            [{"start": 0, "end": 3, "label": "A", "text": "Bob"}],
            "a span from 0 to 3 says 'Bob', its text says 'Ada' there",
        ),
        ([7], "spans is no list of objects"),
        ({"start": 0}, "spans is no list of objects"),
    ],
)
def test_spans_that_are_none_of_their_text(tmp_path, spans, reason):
    path = written(tmp_path / "a.jsonl", [{**SPANS, "spans": spans}])
    (found,) = reasons("prodigy", path)
    assert found.endswith(reason)


def test_tokens_that_do_not_fit_their_text(tmp_path):
    span = {"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "A"}
    good = {"text": "Ada", "start": 0, "end": 3, "id": 0}
    rows = [
        {**SPANS, "spans": [span], "tokens": [good]},
        {**SPANS, "spans": [span], "tokens": [{**good, "text": "Bob"}]},
        {**SPANS, "spans": [span], "tokens": [{**good, "end": 2}]},
        {**SPANS, "spans": [{**span, "token_end": 9}], "tokens": [good]},
        {**SPANS, "spans": [span], "tokens": ["Ada"]},
        {**SPANS, "spans": [span], "tokens": {}},
        {**SPANS, "spans": [span], "tokens": 7},
    ]
    assert reasons("prodigy", written(tmp_path / "a.jsonl", rows)) == [
        None,
        "a span from 0 to 3 says 'Bob', its text says 'Ada' there",
        "a span from 0 to 3 does not start and end with its tokens",
        "a span ends at token 9, and there are 1",
        "tokens is no list of objects",
        None,
        "tokens is a number, not a list",
    ]


def test_rows_of_another_tool_among_prodigys(tmp_path):
    others = [{"text": "a", "label": [[0, 1, "A"]], "Comments": []}, {"data": {"text": "a"}, "annotations": []}]
    path = written(tmp_path / "a.jsonl", [ROW, *others, ROW])
    wrong = ["it has no answer: nobody has decided on it", "it has no 'text'"]
    assert reasons("prodigy", path) == [None, *wrong, None]
    with pytest.raises(LabError, match="may be prodigy or .*doccano"):
        recognise(path)


def test_a_table_that_may_be_doccanos_or_not(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id,text,label\n1,hello,A\n")
    assert recognise(path)[0].name == "csv"
    path.write_text("id,text,label\n1,hello,C#\n")
    assert recognise(path)[0].name == "doccano-csv"  # said in the report; format="csv" takes C# for a label
    path.write_text('id,text,labels\n1,hello,"A, B"\n2,hello,"[""A"", ""B""]"\n')
    assert reasons("csv", path) == [
        "'A, B' may be one label or several: write a JSON list, or call the column label",
        None,
    ]


@pytest.mark.parametrize("cut", [30, 60, -30])
def test_a_truncated_zip(tmp_path, cut):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("anna.jsonl", '{"text": "a", "label": ["A"], "Comments": []}\n' * 50)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(LabError, match="is no zip archive, or is damaged"):
        recognise(path)


def test_a_zip_whose_content_is_damaged(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("anna.jsonl", '{"text": "aaaa", "label": ["A"], "Comments": []}\n')
    path.write_bytes(path.read_bytes().replace(b"aaaa", b"bbbb"))
    with pytest.raises(LabError, match="is damaged"):
        list(FORMATS["doccano-zip"].read(path))


def test_a_zip_that_unpacks_to_too_much(tmp_path, monkeypatch):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("anna.jsonl", b"0" * 2_000_000)
    monkeypatch.setattr(archive, "SIZE_LIMIT", 1_000_000)
    with pytest.raises(LabError, match="unpacks to more than 1,000,000 bytes"):
        list(members(path, "bomb.zip"))
    lying = path.read_bytes().replace((2_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(lying)
    with pytest.raises(LabError):
        list(members(path, "bomb.zip"))


def test_names_in_a_zip_that_lead_out_of_it(tmp_path):
    path, row = tmp_path / "a.zip", '{"text": "a", "label": ["A"], "Comments": []}\n'
    with zipfile.ZipFile(path, "w") as packed:
        for name in (
            "../../evil.jsonl",
            "/etc/evil.jsonl",
            "..\\evil.jsonl",
            "C:/evil.jsonl",
            "anna.jsonl",
            "__MACOSX/x.jsonl",
        ):
            packed.writestr(name, row)
    rows = list(FORMATS["doccano-zip"].read(path))
    assert [row.judgements[0].annotator for row in rows if not isinstance(row, Bad)] == ["anna"]
    assert sum("leads out of it" in row.reason for row in rows if isinstance(row, Bad)) == 4
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.zip"]


def test_a_locked_zip(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("anna.jsonl", "{}")
    content = bytearray(path.read_bytes())
    content[6] |= 1  # the flag of encryption, in the local header
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(LabError, match="is locked"):
        list(members(path, "a.zip"))


@pytest.mark.parametrize("content", [b"hello", codecs.BOM_UTF8, b"\x78\x9c" + b"\0" * 40])
def test_no_docbin(tmp_path, content):
    (tmp_path / "a.spacy").write_bytes(content)
    with pytest.raises(LabError, match="is no DocBin of spaCy, or is damaged"):
        list(FORMATS["spacy"].read(tmp_path / "a.spacy"))


def test_a_docbin_that_unpacks_to_too_much(tmp_path, monkeypatch):
    import zlib

    monkeypatch.setattr("labkit.formats.spacy_docs.SIZE_LIMIT", 10_000)
    (tmp_path / "a.spacy").write_bytes(zlib.compress(b"0" * 1_000_000))
    with pytest.raises(LabError, match="unpacks to more than"):
        list(FORMATS["spacy"].read(tmp_path / "a.spacy"))


@pytest.mark.parametrize(
    ("tags", "why"),
    [("Ada\tI-PER\nx\tO\n", "of no scheme"), ("Ada\tB-PER\nx\tL-PER\ny\tE-PER\n", "of no scheme")],
)
def test_tags_of_no_scheme(tmp_path, tags, why):
    (tmp_path / "a.conll").write_text(tags)
    with pytest.raises(LabError, match=why):
        list(FORMATS["conll"].read(tmp_path / "a.conll"))


def test_tags_that_break_their_scheme_cost_their_text(tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("Ada\tB-PER\nx\tI-LOC\n\nBen\tB-PER\n\nno tag\n\nx\tB-PER\ny\tQ-PER\n")
    assert reasons("conll", path) == [
        "the tag 'I-LOC' at token 2 starts no span in IOB2",
        None,
        "no tag in line 6",
        "no tag in line 9",
    ]


@pytest.mark.parametrize(
    ("ann", "why"),
    [
        ("T1\tPerson 0 3\tBob\n", "a span from 0 to 3 says 'Bob', its text says 'Ada' there"),
        ("T1\tPerson 0 99\tAda\n", "reaches out of its text"),
        ("T1\tPerson 0 1;2 3\tA x\n", "T1 says 'A x', which its text does not say at 0 1;2 3"),
        ("T1\tPerson 0 3\tAda\nT1\tPerson 0 3\tAda\n", "two spans have one name"),
        ("T1\tPerson 0 3\tAda\nR1\tKnows Arg1:T1 Arg2:T9\n", "a relation is not between two spans"),
        ("hello\n", "line 1 is none of brat's"),
        ("T1\tPerson\tAda\n", "T1 is no label with its range and words"),
    ],
)
def test_brat_files_that_are_wrong(tmp_path, ann, why):
    (tmp_path / "a.txt").write_text("Ada saw Ben")
    (tmp_path / "a.ann").write_text(ann)
    (tmp_path / "b.ann").write_text("")
    bad, alone = FORMATS["brat"].read(tmp_path)
    assert why in bad.reason
    assert alone.reason.startswith("its text is not there")


def test_brat_in_bytes(tmp_path):
    text = "Zoë saw Ben"
    (tmp_path / "a.txt").write_text(text, "utf-8")
    (tmp_path / "a.ann").write_text("T1\tPerson 9 12\tBen\n")
    (document,) = FORMATS["brat"].read(tmp_path)
    (span,) = document.judgements[0].spans
    assert (text[span.start : span.end], document.unit) == ("Ben", "UTF-8 bytes")


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ({"data": {"text": "a"}}, "nobody has annotated it"),
        ({"data": "a", "annotations": []}, "it has no data"),
        ({"data": {"image": "a.png", "b": "c"}, "annotations": []}, "it has no 'text'"),
        ({"result": 7}, "result is no list of objects"),
        ({"result": [{"type": "labels", "value": {"start": 0, "end": 1, "text": "a", "labels": []}}]}, "no label"),
        (
            {"result": [{"type": "labels", "value": {"start": 0, "end": 1, "labels": ["A"]}}], "text": "a😀"},
            "browsers count",
        ),
        ({"result": [{"type": "hypertextlabels", "value": {}}]}, "its spans are of HTML"),
        ({"result": [{"type": "relation", "from_id": "x", "to_id": "y", "labels": ["A"]}]}, "not there"),
        (
            {"result": [{"type": "choices", "from_name": n, "value": {"choices": ["A"]}} for n in "ab"]},
            "more than one question",
        ),
    ],
)
def test_label_studio_tasks_that_are_wrong(tmp_path, task, why):
    if "result" in task:
        task = {"data": {"text": task.pop("text", "a")}, "annotations": [task]}
    (tmp_path / "a.json").write_text(json.dumps([task]))
    (bad,) = FORMATS["label-studio"].read(tmp_path / "a.json")
    assert why in bad.reason


def test_json_that_breaks_off(tmp_path):
    task = {"data": {"text": "a"}, "annotations": [{"result": []}]}
    (tmp_path / "a.json").write_text(json.dumps([task, task])[:-20])
    good, bad = FORMATS["label-studio"].read(tmp_path / "a.json")
    assert good.text == "a"
    assert bad.reason.startswith("broken JSON")


def test_what_stands_there_already_stays_where_writing_fails(tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(LabError, match="is there already, and not an empty folder"):
        FORMATS["brat"].write(tmp_path / "full", [], None)
    assert [each.name for each in tmp_path.iterdir()] == ["full"]
    (tmp_path / "a.conll").write_text("old")

    def breaking():
        raise RuntimeError
        yield

    for name in ("conll", "label-studio", "csv", "jsonl"):
        with pytest.raises(RuntimeError):
            FORMATS[name].write(tmp_path / "a.conll", breaking(), None)
    assert (tmp_path / "a.conll").read_text() == "old"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.conll", "full"]
