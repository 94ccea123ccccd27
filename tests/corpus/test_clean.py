"""The normal form of texts, what it does to labelled ranges, hashes and splits."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections import Counter
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkit.corpus import SPLITS, hash_of, move_span, normalise, normalise_with_offsets, split_of
from labkit.errors import LabError

BLANK = " \t\r\n\u00a0\u2000"
MARKS = "\u0301\u0316\u0323\u0344\u0f71\u0f73\u0dca\u0c56\u200d"
COMPOSE = "aeé\u1100\u1161\u11a8\uac00\u0dd9\u0dcf\u0c46"  # with marks, or as jamo and Indic signs with each other
CHANGE = "\u212b\u0958\U0001d15e"  # their NFC is another character, or longer
TEXTS = st.text(alphabet=BLANK + MARKS + COMPOSE + CHANGE + "b😀", max_size=30) | st.text(max_size=30)

PROPERTY = settings(max_examples=500)


@pytest.mark.parametrize(
    ("raw", "tidy"),
    [
        ("", ""),
        (" \t\r\n \n", ""),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a \t\r\n\r\n b", "a\n\n b"),
        ("\n \n    def f():\n\tpass  \n\n", "    def f():\n\tpass"),
        ("a  b\u00a0\u00a0c\u00a0", "a  b\u00a0\u00a0c\u00a0"),
        ("e\u0301 \u1112\u1161\u11ab", "é 한"),
        ("ﬁ ½ Ⅳ", "ﬁ ½ Ⅳ"),
        ("\u202eabc\u2028\u0085\x0b<b>", "\u202eabc\u2028\u0085\x0b<b>"),
    ],
)
def test_normal_form(raw, tidy):
    assert normalise(raw) == tidy


@given(TEXTS)
@PROPERTY
def test_the_normal_form_is_its_own(text):
    assert normalise(normalise(text)) == normalise(text)
    assert unicodedata.is_normalized("NFC", normalise(text))


@given(TEXTS)
@PROPERTY
def test_every_character_is_followed_to_its_place(text):
    tidy, offsets = normalise_with_offsets(text)
    assert tidy == normalise(text)
    assert len(offsets) == len(text)
    assert {place for start, end in offsets for place in range(start, end)} == set(range(len(tidy)))
    assert offsets == sorted(offsets)
    for (start, end), group in groupby(zip(offsets, text, strict=True), key=lambda pair: pair[0]):
        raw = "".join(character for _, character in group)
        if start == end:
            assert set(raw) <= set(" \t\r\n\u2000\u2002"), "only white space is dropped"
        elif raw[0] not in " \t\r\n":
            assert tidy[start:end] == unicodedata.normalize("NFC", raw)


@given(TEXTS, TEXTS, TEXTS)
@PROPERTY
def test_a_labelled_word_is_found_again(before, word, after):
    word = f"[{word.strip()}]"
    tidy, offsets = normalise_with_offsets(f"{before}x{word}x{after}")
    start, end = move_span(offsets, len(before) + 1, len(before) + 1 + len(word))
    assert tidy[start:end] == normalise(word)


def test_a_range_inside_a_composed_character_takes_the_whole_of_it():
    tidy, offsets = normalise_with_offsets("Cafe\u0301!")
    assert tidy[slice(*move_span(offsets, 0, 4))] == "Café"
    assert tidy[slice(*move_span(offsets, 4, 5))] == "é"


def test_offsets_count_code_points():
    tidy, offsets = normalise_with_offsets("😀\r\n😀 Ankara")
    assert move_span(offsets, 5, 11) == (4, 10)
    assert tidy[4:10] == "Ankara"


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (2, 2), (3, 2), (0, 4)])
def test_a_range_out_of_the_text_is_refused(start, end):
    with pytest.raises(LabError, match="not in a text of 3 characters"):
        move_span(normalise_with_offsets("abc")[1], start, end)


def test_a_long_line_of_blanks_takes_no_long_time():
    assert normalise(" " * 1_000_000 + "x" + "\n" * 1_000_000) == " " * 1_000_000 + "x"


def test_the_hash_is_sha256_of_utf8():
    assert hash_of("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


def test_shares_are_kept():
    counts = Counter(split_of(hash_of(str(number))) for number in range(20_000))
    assert [round(counts[split] / 20_000, 2) for split in SPLITS] == [0.6, 0.2, 0.2]
    assert {split_of(hash_of(str(number)), (0, 0, 1)) for number in range(100)} == {"test"}
    assert split_of("f" * 64, (1, 0, 0)) == "train"


def test_the_split_does_not_hang_on_the_hash_seed_of_python():
    code = "from labkit.corpus import *; print([split_of(hash_of(str(n))) for n in range(50)])"
    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert said == {f"{[split_of(hash_of(str(number))) for number in range(50)]}\n"}


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.5, 0.2, 0.2), (1.2, -0.1, -0.1), ()])
def test_shares_that_are_none_are_refused(shares):
    with pytest.raises(LabError, match="don't split a whole in three"):
        split_of("0" * 64, shares)


def test_what_is_no_hash_is_refused():
    with pytest.raises(LabError, match="'castling' is no hash"):
        split_of("castling")
