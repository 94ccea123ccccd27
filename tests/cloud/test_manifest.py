"""Files by size and SHA-256, the large ones in parts."""

from __future__ import annotations

from labkit.cloud import manifest


def test_a_folder_is_described_and_its_large_files_are_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(manifest, "PART_BYTES", 4)
    model, parts = tmp_path / "model", tmp_path / "parts"
    (model / "deep").mkdir(parents=True)
    (model / "deep" / "large").write_bytes(b"0123456789")
    (model / "small").write_bytes(b"0123")
    (model / "empty").write_bytes(b"")
    large, empty, small = manifest.describe_folder(model, parts)
    assert (large["path"], large["size"], large["sha256"]) == ("deep/large", 10, manifest.digest(model / "deep/large"))
    assert b"".join((parts / name).read_bytes() for name in large["parts"]) == b"0123456789"
    assert [len(file["parts"]) for file in (large, empty, small)] == [3, 0, 0]
