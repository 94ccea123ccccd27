import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.student import score, train
from labkit.tasks import make_task
from labkit.wheels import package

CPU = Path(__file__).parents[1] / "configs" / "issues" / "cpu.cfg"
CRASH, TYPO = ("Zanzibarquux crashes", ["BUG"]), ("a typo in the guide", ["DOCUMENTATION"])
TEXTS = ["it crashes", "the guide has a typo", "anything else"]
META = {
    "description": "Sorts reports.\nSays\tBUG or \x1b[31mDOCUMENTATION.",
    "author": "Anna <b>Öz</b>",
    "labkit": {"digest": "ab12", "labels": ["BUG", "DOCUMENTATION"], "texts": {"train": 2}, "score": 1.0},
}


@pytest.fixture(scope="module")
def task():
    return make_task("choices", ["BUG", "DOCUMENTATION"])


@pytest.fixture(scope="module")
def pipeline(task, tmp_path_factory):
    return train(CPU, task, [CRASH, TYPO] * 8, [CRASH, TYPO], out=tmp_path_factory.mktemp("model")).pipeline


@pytest.fixture(scope="module")
def wheel(pipeline, tmp_path_factory):
    """Make a wheel where no package index can be reached."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PIP_INDEX_URL", "UV_INDEX_URL", "http_proxy", "https_proxy"):
            patch.setenv(name, "http://127.0.0.1:9")
        return package(
            pipeline, name="issues_cpu", version="1.0.0-rc1", meta=META, out=tmp_path_factory.mktemp("a") / "dist"
        )


@pytest.fixture(scope="module")
def contents(wheel):
    """Return the wheel's files."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def fresh(wheel, tmp_path_factory):
    """Return the Python of a new environment with the wheel; spaCy is lent to it from this one."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True)
    python = folder / Path(sys.executable).parent.name / Path(sys.executable).name
    command = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(command, check=True)
    where = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout.strip())
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib"))
    return python


def run(python, code):
    """Run code in an environment, and return what it prints, which is JSON."""
    done = subprocess.run([python, "-c", f"import json\n{code}"], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_it_predicts_in_a_fresh_environment_what_it_predicts_here(pipeline, task, fresh):
    there = run(
        fresh,
        f"""
import spacy, en_issues_cpu
both = spacy.load("en_issues_cpu"), en_issues_cpu.load()
print(json.dumps([[dict(doc.cats) for doc in nlp.pipe({TEXTS!r})] for nlp in both]))
""",
    )
    here = [scores for _, scores in score(pipeline, task, TEXTS)]
    assert there == [here, here]


def test_it_says_what_it_is(fresh):
    said = run(
        fresh,
        """
import en_issues_cpu
from importlib.metadata import metadata, requires
kept = {key: metadata("en_issues_cpu")[key] for key in ("Name", "Version", "Summary", "Author")}
print(json.dumps([en_issues_cpu.load().meta, kept, requires("en_issues_cpu"), en_issues_cpu.__version__]))
""",
    )
    meta, metadata, requires, version = said
    summary = "Sorts reports. Says BUG or [31mDOCUMENTATION."
    assert metadata == {"Name": "en_issues_cpu", "Version": "1.0.0rc1", "Summary": summary, "Author": META["author"]}
    assert version == meta["version"] == "1.0.0rc1"
    assert (meta["lang"], meta["name"], meta["description"]) == ("en", "issues_cpu", summary)
    assert meta["labkit"] == META["labkit"]
    assert meta["labels"] == {"textcat_multilabel": ["BUG", "DOCUMENTATION"]}
    assert meta["performance"]["cats_macro_f"] == 1
    assert len(requires) == 1
    assert requires[0].startswith("spacy")


def test_it_holds_no_path_and_no_word_of_the_training_texts(wheel, pipeline, contents):
    assert wheel.name == "en_issues_cpu-1.0.0rc1-py3-none-any.whl"
    assert "Zanzibarquux" in (pipeline / "vocab" / "strings.json").read_text()
    everything = b"\n".join(contents.values())
    for secret in ("Zanzibarquux", "zanzibarquux", str(pipeline.parent), str(CPU.parents[2]), str(Path.home())):
        assert secret.encode() not in everything


def test_paths_are_left_behind(pipeline, tmp_path):
    moved = tmp_path / "moved"
    subprocess.run(["cp", "-r", pipeline, moved], check=True)
    config = (moved / "config.cfg").read_text()
    config = config.replace("train = null", 'train = "/secret/train.spacy"', 1)
    config = config.replace("vectors = null", 'vectors = "C:\\\\\\\\secret\\\\\\\\vectors"', 1)
    (moved / "config.cfg").write_text(config)
    assert config.count("secret") == 2
    made = package(moved, name="moved", version="1", meta={}, out=tmp_path)
    with zipfile.ZipFile(made) as archive:
        assert not [name for name in archive.namelist() if b"secret" in archive.read(name)]
    assert (moved / "config.cfg").read_text() == config


def test_a_wheel_of_the_same_name_is_replaced(pipeline, tmp_path):
    first = package(pipeline, name="same", version="1", meta={"labkit": 1}, out=tmp_path)
    again = package(pipeline, name="en_same", version="1.0", meta={"labkit": 2}, out=tmp_path)
    once_more = package(pipeline, name="en_same", version="1", meta={"labkit": 2}, out=tmp_path)
    assert first == once_more
    assert sorted(tmp_path.iterdir()) == sorted({first, again})
    with zipfile.ZipFile(first) as archive:
        assert json.loads(archive.read("en_same/meta.json"))["labkit"] == 2


@pytest.mark.parametrize(
    ("name", "module"), [("docs-issues.Cpu", "en_docs_issues_cpu"), ("EN_news", "en_news"), ("2nd", "en_2nd")]
)
def test_a_name_takes_its_normal_form(pipeline, tmp_path, name, module):
    assert package(pipeline, name=name, version="1", meta={}, out=tmp_path).name == f"{module}-1-py3-none-any.whl"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "'' can't name a package"),
        ({"name": "../up"}, "'../up' can't name a package"),
        ({"name": "bug\n"}, "can't name a package"),
        ({"name": "fehler_ö"}, "can't name a package"),
        ({"name": None}, "None can't name a package"),
        ({"version": "one"}, "'one' is no version"),
        ({"version": 1}, "1 is no version"),
        ({"meta": {"labels": []}}, "holds 'labels'"),
        ({"meta": {"score": float("nan")}}, "is no JSON"),
        ({"meta": {"path": Path()}}, "is no JSON"),
        ({"pipeline": Path("gone")}, "gone is no trained pipeline"),
    ],
)
def test_what_can_not_be_packaged_is_refused(pipeline, tmp_path, changes, said):
    given = {"pipeline": pipeline, "name": "a", "version": "1", "meta": {}, "out": tmp_path} | changes
    with pytest.raises(LabError) as refused:
        package(given.pop("pipeline"), **given)
    assert said in refused.value.problem
    assert not list(tmp_path.iterdir())


def test_a_broken_pipeline_is_refused(pipeline, tmp_path):
    subprocess.run(["cp", "-r", pipeline, tmp_path / "broken"], check=True)
    (tmp_path / "broken" / "textcat_multilabel" / "model").unlink()
    with pytest.raises(LabError, match="can't load or package"):
        package(tmp_path / "broken", name="a", version="1", meta={}, out=tmp_path / "dist")


def test_a_place_that_can_not_be_written_is_named(pipeline, tmp_path):
    (tmp_path / "dist").write_text("a file")
    with pytest.raises(LabError, match=r"can't be written to .*dist"):
        package(pipeline, name="a", version="1", meta={}, out=tmp_path / "dist")


def test_a_setuptools_that_fails_is_said(pipeline, tmp_path, monkeypatch):
    (tmp_path / "setuptools.py").write_text("raise ImportError('no setuptools here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(LabError, match="can't be built") as refused:
        package(pipeline, name="a", version="1", meta={}, out=tmp_path / "dist")
    assert "\n" not in str(refused.value)


def test_nothing_is_printed(pipeline, tmp_path, capfd):
    package(pipeline, name="quiet", version="1", meta=META, out=tmp_path)
    assert capfd.readouterr() == ("", "")
