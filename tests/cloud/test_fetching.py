"""A model comes home in parts, from where it was cut."""

from __future__ import annotations

import json

import pytest

from labkit.cloud import fetching, jobs, manifest
from labkit.cloud.fetching import fetch
from labkit.cloud.following import Job
from labkit.cloud.volume import put, upload
from labkit.errors import LabError
from labkit.progress import silent

WHOLE = b"0123456789abcdef!"


@pytest.fixture
def sent(cloud, tmp_path, monkeypatch):
    """Return a job whose model, of one large file and one small, lies on the volume, and its result."""
    for module in (manifest, fetching):
        monkeypatch.setattr(module, "PART_BYTES", 4)
    model, parts = tmp_path / "model", tmp_path / "parts"
    model.mkdir()
    (model / "weights").write_bytes(WHOLE)
    (model / "meta").write_bytes(b"{}")
    job = Job("train", cloud.settings.volume, cloud.settings.mount, {}, (), 0.0, {})
    result = {"pipeline": "out", "files": manifest.describe_folder(model, parts)}
    put(cloud, {f"{job.path}/out/{path.name}": path.read_bytes() for path in model.iterdir()})
    put(cloud, {f"{job.path}/{jobs.PARTS}/{path.name}": path.read_bytes() for path in parts.iterdir()})
    return job, result


def reads(monkeypatch):
    """Note what is read from the volume."""
    names, usual = [], fetching.read

    def read(cloud, path):
        names.append(path.rpartition("/")[2])
        return usual(cloud, path)

    monkeypatch.setattr(fetching, "read", read)
    return names


@pytest.mark.parametrize(
    ("here", "read"), [(b"", 5), (b"01234567", 3), (b"0123456", 4), (b"0123xxxx89ab", 4), (WHOLE, 0)]
)
def test_a_file_that_was_cut_goes_on_with_the_part_that_it_was_at(cloud, sent, tmp_path, monkeypatch, here, read):
    job, result = sent
    out, told = tmp_path / "home", []
    out.mkdir()
    (out / "weights.part").write_bytes(here)
    (out / "meta").write_bytes(b"{}")
    names = reads(monkeypatch)
    fetch(cloud, job, result, out, told.append)
    assert (out / "weights").read_bytes() == WHOLE
    assert len(names) == read
    assert [path.name for path in sorted(out.iterdir())] == ["meta", "weights"]
    assert (told[-1].done, told[-1].total) == (19, 19)


def test_a_part_that_changed_on_the_way_is_not_taken(server, cloud, sent, tmp_path):
    job, result = sent
    parts = server.volume("labkit") / job.path / jobs.PARTS
    last = result["files"][1]["parts"][2]
    (parts / last).write_bytes(b"xxxx")
    with pytest.raises(LabError, match="checksum"):
        fetch(cloud, job, result, tmp_path / "home", silent)
    assert (tmp_path / "home/weights.part").read_bytes() == WHOLE[:8]
    (parts / last).write_bytes(WHOLE[8:12])
    fetch(cloud, job, result, tmp_path / "home", silent)
    assert (tmp_path / "home/weights").read_bytes() == WHOLE


def test_a_disk_that_can_not_be_written_is_said(cloud, sent, tmp_path):
    job, result = sent
    (tmp_path / "home").write_text("a file in the way")
    with pytest.raises(LabError, match="can't be written"):
        fetch(cloud, job, result, tmp_path / "home", silent)


def test_a_folder_is_sent_once_and_another_content_is_another_folder(server, cloud, tmp_path):
    folder = tmp_path / "vectors"
    folder.mkdir()
    with pytest.raises(LabError, match="empty or missing"):
        upload(cloud, folder)
    (folder / "data").write_text("1")
    first = upload(cloud, folder)
    written = (server.volume("labkit") / first / "data").stat().st_mtime_ns
    assert upload(cloud, folder) == first
    assert (server.volume("labkit") / first / "data").stat().st_mtime_ns == written
    (folder / "data").write_text("2")
    assert upload(cloud, folder) != first
    assert json.loads((server.volume("labkit") / upload(cloud, folder / "data")).read_text()) == 2
