"""Projects: found from any folder, checked before use, secrets read and never shown."""

from pathlib import Path

import pytest

from labkit.errors import LabError
from labkit.project import find_root, load_project, read_secret, state_home
from labkit.tasks import KINDS

ROOT = Path(__file__).parents[1]
GOOD = 'kind = "choices"\nlabels = ["BUG", "DOCUMENTATION"]\n'


@pytest.fixture
def make(tmp_path):
    """Write a project called `mine` and return its root."""

    def write(settings: str | bytes, **configs: str) -> Path:
        folder = tmp_path / "configs" / "mine"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "project.toml").write_bytes(settings.encode() if isinstance(settings, str) else settings)
        for name, text in configs.items():
            (folder / f"{name}.cfg").write_text(text)
        return tmp_path

    return write


def test_the_root_is_found_from_a_folder_below_it(monkeypatch):
    monkeypatch.chdir(ROOT / "tests" / "tasks")
    assert find_root() == ROOT
    assert load_project("issues").root == ROOT


def test_without_configs_there_is_a_remedy(tmp_path):
    with pytest.raises(LabError, match="no folder configs/"):
        find_root(tmp_path)


def test_an_unknown_project_is_answered_with_those_there_are(make):
    with pytest.raises(LabError, match=r"configs/other/project.toml does not exist\. .*mine"):
        load_project("other", make(GOOD))


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("", "lacks 'kind'"),
        ("kind = ", "is not TOML"),
        (b"\xff\xfe\x00", "is not TOML"),
        (GOOD + "colour = 1", "holds 'colour'"),
        ('kind = "choices"', "lacks 'labels'"),
        ('kind = "choices"\nlabels = "BUG"', "wrong type"),
        ('kind = "choices"\nlabels = [1]', "wrong type"),
        ('kind = 3\nlabels = ["A"]', "wrong type"),
        (GOOD + "definitions = 3", "is a table"),
        (GOOD + "[definitions]\nBUG = 3", "wrong type"),
        ('kind = "haiku"\nlabels = ["A"]', "'haiku' is not known"),
    ],
)
def test_malformed_settings_are_said_in_words(make, settings, problem):
    with pytest.raises(LabError, match=problem):
        load_project("mine", make(settings))


def test_a_configuration_is_filled_from_the_project(make):
    cfg = '[nlp]\nlang = "en"\npipeline = []\n\n[training]\nnames = ${task.labels}\nplace = ${project.folder}\n'
    project = load_project("mine", make(GOOD, cpu=cfg))
    config = project.config("cpu")
    assert config["training"] == {"names": ["BUG", "DOCUMENTATION"], "place": str(project.folder)}
    assert set(config) == {"nlp", "training"}


def test_a_missing_or_broken_configuration_is_said_in_words(make):
    project = load_project("mine", make(GOOD, cpu="[nlp\nlang", loop="[a]\nb = ${nowhere.at_all}\n"))
    with pytest.raises(LabError, match=r"gpu.cfg does not exist\. .*cpu"):
        project.config("gpu")
    for name in ("cpu", "loop"):
        with pytest.raises(LabError, match=f"{name}.cfg in configs/mine can't be read"):
            project.config(name)


def test_secrets_come_from_the_environment_then_from_the_file(make, monkeypatch):
    root = make(GOOD)
    monkeypatch.delenv("SOME_KEY", raising=False)
    assert read_secret("SOME_KEY", root) is None
    (root / ".env").write_text("SOME_KEY=from-file\n")
    assert read_secret("SOME_KEY", root) == "from-file"
    monkeypatch.setenv("SOME_KEY", "from-environment")
    assert read_secret("SOME_KEY", root) == "from-environment"
    monkeypatch.setenv("SOME_KEY", "")
    assert read_secret("SOME_KEY", root) is None


def test_an_unreadable_env_file_is_said_in_words(make):
    root = make(GOOD)
    (root / ".env").write_bytes(b"\xff\xfeA=1")
    with pytest.raises(LabError, match="not written in UTF-8"):
        read_secret("SOME_KEY", root)


def test_state_lives_where_labkit_home_says(monkeypatch, tmp_path):
    monkeypatch.setenv("LABKIT_HOME", str(tmp_path))
    assert state_home(ROOT) == tmp_path
    monkeypatch.delenv("LABKIT_HOME")
    assert state_home(ROOT) == ROOT / ".labkit"


@pytest.mark.parametrize("path", sorted((ROOT / "configs").glob("*/project.toml")), ids=lambda path: path.parent.name)
def test_the_projects_that_ship_are_sound(path):
    project = load_project(path.parent.name, ROOT)
    assert project.task.kind in KINDS
    assert all(file.is_file() for file in (project.replies, project.reference) if file)
    assert all(project.config(file.stem) for file in project.folder.glob("*.cfg"))
