"""PDF and HTML: their text, and a sentence where they have none."""

from __future__ import annotations

import pypdf
import pytest

from labkit.corpus import read
from labkit.errors import LabError
from labkit.files import Bad


def pdf_of(*pages: str) -> bytes:
    """Return a PDF with a line of text a page, and nothing on a page of an empty text."""
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"]
    font = "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    for number, text in enumerate(pages):
        drawn = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        place = f"/Parent 2 0 R /MediaBox [0 0 612 792] /Contents {4 + 2 * number} 0 R"
        objects += [f"<< /Type /Page {place} /Resources {font} >>"]
        objects += [f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream"]
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("latin-1")


def test_the_text_of_a_pdf(tmp_path):
    (tmp_path / "a.pdf").write_bytes(pdf_of("Castling through check", "", "is not allowed"))
    (row,) = read(tmp_path / "a.pdf")
    assert row.text == "Castling through check\n\n\n\nis not allowed"
    assert row.meta == {"pages": 3, "empty_pages": [2]}


def test_a_scanned_pdf_is_not_silently_empty(tmp_path):
    (tmp_path / "scan.pdf").write_bytes(pdf_of("", ""))
    (bad,) = read(tmp_path / "scan.pdf")
    assert bad.reason == "it has 2 pages and no text: it was scanned; have a program for OCR read it first"


@pytest.mark.parametrize("content", [b"", b"hello", pdf_of("a")[:200]])
def test_no_pdf(tmp_path, content):
    (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(LabError, match="is no PDF that can be read"):
        list(read(tmp_path / "a.pdf"))


def test_a_locked_pdf(tmp_path):
    (tmp_path / "open.pdf").write_bytes(pdf_of("a"))
    writer = pypdf.PdfWriter(tmp_path / "open.pdf")
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(LabError, match="is locked with a password"):
        list(read(tmp_path / "locked.pdf"))


PAGE = """<html><head><title>Rookery 2.0</title></head><body><nav><a href="/">Home</a></nav>
<article><h1>Rookery 2.0</h1><p>Castling through check is no longer allowed, as the rules of chess have it.</p>
<p>Thanks to all who reported it: né &amp; 😀.</p></article><script>alert("x")</script></body></html>"""


@pytest.mark.parametrize("name", ["a.html", "a.HTM"])
def test_the_text_of_a_page(tmp_path, name):
    (tmp_path / name).write_text(PAGE, "utf-8")
    (row,) = read(tmp_path / name)
    assert "Castling through check is no longer allowed" in row.text
    assert "né & 😀" in row.text
    assert "alert" not in row.text
    assert row.meta["title"] == "Rookery 2.0"


@pytest.mark.parametrize("content", [b"", b"<html><body></body></html>", b"\xff\xfe\x00", b"<script>x</script>"])
def test_a_page_without_text(tmp_path, content):
    (tmp_path / "a.html").write_bytes(content)
    (bad,) = read(tmp_path / "a.html")
    assert bad.reason == "no text was found on the page"


def test_a_folder_of_all_kinds(tmp_path):
    (tmp_path / "a.pdf").write_bytes(pdf_of("Castling"))
    (tmp_path / "b.pdf").write_bytes(b"broken")
    (tmp_path / "c.html").write_text(PAGE, "utf-8")
    rows = list(read(tmp_path))
    assert [isinstance(row, Bad) for row in rows] == [False, True, False]
