"""A corpus is cut in the same way each time, and what repeats is left out."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit.corpus import Row, hash_of
from labkit.predict import cut
from labkit.predict.seen import Seen
from labkit.predict.shards import CHARACTERS


def rows(texts):
    """Return texts as the corpus has them; each is its own key."""
    return [Row(text, text, hash_of(text), f"texts.jsonl:{n}", {}, None) for n, text in enumerate(texts, 1)]


@given(st.lists(st.text(max_size=3)), st.integers(1, 4))
def test_every_text_is_in_one_shard_in_its_order(texts, size):
    shards = list(cut(rows(texts), "model", size))
    assert [text for shard in shards for text in shard.texts] == list(dict.fromkeys(texts))
    assert [len(shard) for shard in shards[:-1]] == [size] * len(shards[:-1])
    assert [shard.number for shard in shards] == list(range(len(shards)))


def test_a_shard_is_known_by_its_model_its_keys_and_its_texts():
    (shard,) = cut(rows("ab"), "model")
    same, others = cut(rows("ab"), "model"), (cut(rows("ba"), "model"), cut(rows("ab"), "other"))
    assert next(same).digest == shard.digest
    renamed = [row._replace(key="c" + row.key) for row in rows("ab")]
    assert shard.digest not in {next(each).digest for each in (*others, cut(renamed, "model"))}


def test_what_was_added_at_the_end_leaves_full_shards_as_they_are():
    before, after = (list(cut(rows("abcdefg"[:count]), "model", 2)) for count in (5, 7))
    assert [shard.digest for shard in before[:2]] == [shard.digest for shard in after[:2]]
    assert before[2].digest != after[2].digest


def test_long_texts_end_a_shard_before_it_has_all_its_texts():
    texts = [letter * (CHARACTERS // 2) for letter in "abcde"]
    assert [len(shard) for shard in cut(rows(texts), "model")] == [2, 2, 1]


@given(st.lists(st.integers(0, 50)), st.integers(1, 7))
def test_a_string_is_new_once(numbers, recent):
    seen, known = Seen(recent), set()
    for number in numbers:
        assert seen.add(str(number)) == (number not in known)
        known.add(number)


def test_what_went_by_takes_little_memory():
    tracemalloc.start()
    seen = Seen(1 << 10)
    assert all(seen.add(str(number)) for number in range(100_000))
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 100_000 * 8 * 1.5
    assert not any(seen.add(str(number)) for number in range(0, 100_000, 97))


@pytest.mark.parametrize("texts", [[], ["a"]])
def test_nothing_and_one(texts):
    assert [shard.texts for shard in cut(rows(texts), "model")] == [tuple(texts)] * len(texts)
