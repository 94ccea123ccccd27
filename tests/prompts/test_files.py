"""A new prompt keeps what a person wrote, and overwrites nothing."""

import resource
from concurrent.futures import ThreadPoolExecutor

import pytest
from confection import Config

from labkit.errors import LabError
from labkit.prompts import add_prompt, examples_of, literal, with_section

CONFIG = """# a note
[paths]
folder = "here"

[components]

[components.llm]
factory = "llm"

[components.llm.task]
@llm_tasks = "spacy.TextCat.v3"
label_definitions = {
    "BUG": "old"
    }
# kept
labels = ["BUG"]

[components.llm.task.examples]
path = "old"

[components.llm.task.examples.deeper]
a = 1

[components.llm.model]
name = "x"
"""


def test_a_section_takes_the_place_of_all_that_stood_under_its_name():
    text = with_section(CONFIG, "components.llm.task.examples", {"path": "${paths.folder}/new"}, "drawn")
    task = Config().from_str(text)["components"]["llm"]["task"]
    assert task["examples"] == {"path": "here/new"}
    assert task["label_definitions"] == {"BUG": "old"}
    for line in ("# a note", "# kept", 'name = "x"', "# drawn"):
        assert line in text


def test_a_setting_over_many_lines_goes_whole():
    text = with_section(CONFIG, "components.llm.task.label_definitions", {"BUG": "new"}, "edited")
    config = Config().from_str(text)
    assert config["components"]["llm"]["task"]["label_definitions"] == {"BUG": "new"}
    assert config["components"]["llm"]["task"]["labels"] == ["BUG"]
    assert '"old"' not in text.split("[components.llm.task.examples]")[0]


def test_a_setting_that_is_left_empty_makes_room_for_a_section():
    empty = CONFIG.replace('path = "old"', "").replace("# kept", "examples = null\n# kept")
    text = with_section(empty, "components.llm.task.examples", {"path": "new"}, "drawn")
    assert Config().from_str(text)["components"]["llm"]["task"]["examples"] == {"path": "new"}


def test_doing_it_twice_is_doing_it_once():
    once = with_section(CONFIG, "components.llm.task.examples", {"path": "new"}, "drawn")
    assert with_section(once, "components.llm.task.examples", {"path": "new"}, "drawn") == once


@pytest.mark.parametrize(
    "text", ['"$${paths.folder}" it', 'a "quoted" # word; 5% = x', "naïve 你好 😀", "C:\\new", "$5 {a}"]
)
def test_a_text_stays_as_it_is_but_for_variables(text):
    written = with_section(CONFIG, "components.llm.task.label_definitions", {"BUG": literal(text)}, "n")
    read = Config().from_str(written, interpolate=False).interpolate()  # as labkit.project reads a configuration
    assert read["components"]["llm"]["task"]["label_definitions"]["BUG"] == text.replace("${", "$ {")


def contents(word):
    """Return what a prompt consists of."""
    return lambda name: {f"{name}.jsonl": word, f"{name}.cfg": f"{name} {word}"}


def test_the_same_prompt_keeps_its_name_and_another_one_gets_the_next(tmp_path):
    assert [add_prompt(tmp_path, "p", contents(word)) for word in "aabbac"] == ["p", "p", "p-2", "p-2", "p", "p-3"]
    assert (tmp_path / "p.cfg").read_text() == "p a"
    (tmp_path / "p.cfg").write_text("edited by a person")
    assert add_prompt(tmp_path, "p", contents("a")) == "p-4"
    assert (tmp_path / "p.cfg").read_text() == "edited by a person"


def test_many_at_once_each_get_a_name_that_holds_theirs(tmp_path):
    words = [str(i % 4) * 1000 for i in range(16)]
    with ThreadPoolExecutor(16) as pool:
        names = list(pool.map(lambda word: add_prompt(tmp_path, "p", contents(word)), words))
    assert all((tmp_path / f"{name}.jsonl").read_text() == word for name, word in zip(names, words, strict=True))
    assert all((tmp_path / f"{name}.cfg").read_text() == f"{name} {w}" for name, w in zip(names, words, strict=True))


def test_a_folder_that_is_not_there_or_can_not_be_written_is_said_in_words(tmp_path):
    with pytest.raises(LabError, match=r"p\.jsonl can't be written"):
        add_prompt(tmp_path / "gone", "p", contents("a"))


def test_where_a_file_can_not_be_finished_no_half_of_it_stays(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(LabError, match="File too large"):
            add_prompt(tmp_path, "p", contents("a" * 100))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


def test_examples_are_read_as_spacy_llm_reads_them(tmp_path):
    path = tmp_path / "e.jsonl"
    path.write_text('{"text": "a", "answer": "BUG"}\n')
    task = {"examples": {"@misc": "spacy.FewShotReader.v1", "path": str(path)}}
    assert examples_of({"components": {"llm": {"task": task}}}, "llm") == [{"text": "a", "answer": "BUG"}]
    assert examples_of({"components": {"llm": {"task": {}}}}, "llm") == []
    path.unlink()
    with pytest.raises(LabError, match="examples of a prompt can't be read"):
        examples_of({"components": {"llm": {"task": task}}}, "llm")
