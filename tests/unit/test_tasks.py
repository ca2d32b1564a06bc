"""What is promised of every task, and what is particular to each."""

import math
import string
import sysconfig
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from rnnviz.files import text as text_module
from rnnviz.files.errors import BadFileError
from rnnviz.tasks import TASKS
from rnnviz.tasks.task import asked, chance, predicts, reads, refuse_misfit
from tests.builders import LETTERS, file_for, text_file

LENGTH = 20
EVERY = pytest.mark.parametrize("name", TASKS)


def opened(name, folder, length=LENGTH):
    return TASKS[name].open(file_for(name, folder), length)


def read(codes, task):
    return "".join(task.vocabulary[code] for code in codes)


def refusal(folder, text, length=LENGTH):
    path = folder / "story.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadFileError) as refused:
        TASKS["text"].open(path, length)
    assert str(refused.value).startswith(f"{path}: ")
    return str(refused.value).removeprefix(f"{path}: ")


@EVERY
def test_batches_are_what_the_task_says_it_reads_and_predicts(name, tmp_path):
    task = opened(name, tmp_path)
    held_out = task.held_out(LENGTH)
    drawn, shown = task.batch(np.random.default_rng(0), 4, LENGTH), task.displayed(LENGTH)
    for batch, rows in ((drawn, 4), (shown, 1), *([(held_out, len(held_out.inputs))] if held_out else [])):
        refuse_misfit(task, batch)
        assert len(batch.inputs) == rows
        own = TASKS[name].own_length or name == "sentiment_csv"  # whose texts are cut to the length
        assert own or batch.inputs.shape[1] == LENGTH
        assert all(part.flags.c_contiguous for part in batch)
        assert asked(batch.targets).any(axis=1).all()


@pytest.mark.parametrize("name", ["hello", "python", "text"])
def test_targets_are_inputs_shifted_by_one(name, tmp_path):
    task = opened(name, tmp_path)
    for inputs, targets in (task.batch(np.random.default_rng(0), 4, LENGTH), task.displayed(LENGTH)):
        np.testing.assert_array_equal(inputs[:, 1:], targets[:, :-1])


@EVERY
def test_the_same_seed_draws_the_same_batches(name, tmp_path):
    first, second = opened(name, tmp_path), opened(name, tmp_path)
    for one, other in zip(
        first.batch(np.random.default_rng(3), 4, LENGTH), second.batch(np.random.default_rng(3), 4, LENGTH), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert (reads(first), predicts(first)) == (reads(second), predicts(second))
    assert first.note == second.note
    np.testing.assert_array_equal(first.displayed(LENGTH).inputs, second.displayed(LENGTH).inputs)


@pytest.mark.parametrize("name", ["python", "text"])
def test_successive_batches_differ(name, tmp_path):
    task, random = opened(name, tmp_path), np.random.default_rng(0)
    assert not np.array_equal(task.batch(random, 4, LENGTH).inputs, task.batch(random, 4, LENGTH).inputs)


@EVERY
def test_a_note_is_a_sentence(name, tmp_path):
    assert opened(name, tmp_path).note.endswith(".")


@pytest.mark.parametrize("length", [1, 2, 11, 12, 20, 200])
def test_hello_is_one_sequence_with_a_space_between_repetitions(length):
    task = TASKS["hello"].open(None, length)
    inputs, targets = task.batch(np.random.default_rng(0), 3, length)
    endless = "hello world " * 20
    assert [read(row, task) for row in inputs] == [endless[:length]] * 3
    assert [read(row, task) for row in targets] == [endless[1 : length + 1]] * 3
    np.testing.assert_array_equal(task.displayed(length).inputs, inputs[:1])
    assert task.held_out(length) is None


def test_hello_needs_a_memory_to_get_below_its_bigram_floor():
    """The best guess of a reader who sees the current character alone, over “hello world” read once."""
    task = TASKS["hello"].open(None, 10)
    inputs, targets = (read(codes[0], task) for codes in task.displayed(10))
    assert (inputs, targets) == ("hello worl", "ello world")
    followers = defaultdict(Counter)
    for current, following in zip(inputs, targets, strict=True):
        followers[current][following] += 1
    chances = [
        followers[current][following] / followers[current].total()
        for current, following in zip(inputs, targets, strict=True)
    ]
    floor = -sum(math.log(chance) for chance in chances) / 10
    assert floor == pytest.approx((3 * math.log(3) + 2 * math.log(2)) / 10)
    assert round(floor, 4) == 0.4682
    assert task.best.loss == pytest.approx(floor, rel=1e-12)
    assert len(task.vocabulary) == 8


def test_the_python_library_holds_out_whole_files(tmp_path, monkeypatch):
    for index in range(25):
        (tmp_path / f"m{index:02}.py").write_text(f"# {chr(ord('a') + index) * 30}\n", "ascii")
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path))
    task = TASKS["python"].open(None, LENGTH)
    seen = {read(row, task)[5] for row in task.batch(np.random.default_rng(0), 2000, LENGTH).inputs}
    held_out = {character for row in task.held_out(LENGTH).inputs for character in read(row, task)}
    assert held_out & set("abcdefghijklmnopqrstuvwxy") == {"j", "t"}
    assert not {"j", "t"} & seen
    assert "23 files to train on" in task.note
    assert "2 other files held out" in task.note


def test_the_python_library_skips_files_that_are_not_ascii(tmp_path, monkeypatch):
    for index in range(25):
        (tmp_path / f"m{index:02}.py").write_text("name = 'é'\n" if index % 2 else "pass\n" * 9, "utf-8")
    (tmp_path / "a_first.py").write_text("\tx\f\n", "ascii")
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path))
    assert set(TASKS["python"].open(None, LENGTH).vocabulary) == set("pass\n x")


@pytest.mark.parametrize("nothing", ["", "   ", " \n"])
def test_the_python_library_does_not_count_files_without_text(nothing, tmp_path, monkeypatch):
    for index in range(30):
        (tmp_path / f"m{index:02}.py").write_text("pass\n" * 9 if index % 3 else nothing, "ascii")
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path))
    note = TASKS["python"].open(None, LENGTH).note
    assert "18 files to train on" in note
    assert "2 other files held out" in note


def test_a_library_without_sources_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path))
    with pytest.raises(BadFileError, match="holds too few Python source files, expected the standard library's"):
        TASKS["python"].open(None, LENGTH)


def test_the_python_library_is_plain_source_code():
    task = TASKS["python"].open(None, LENGTH)
    assert set(string.ascii_letters + string.digits + "\n ") <= set(task.vocabulary)
    assert all(ord(character) < 128 for character in task.vocabulary)
    assert not {"\t", "\f"} & set(task.vocabulary)
    assert read(task.displayed(LENGTH).inputs[0], task)[0].strip()


def test_an_own_text_holds_its_last_tenth_out(tmp_path):
    text = LETTERS * 4 + "X" * (len(LETTERS) * 4 // 9)
    task = TASKS["text"].open(text_file(tmp_path, text), LENGTH)
    assert {read(row, task) for row in task.held_out(LENGTH).inputs} == {"X" * LENGTH}
    assert task.note.startswith("story.txt: ")


def test_an_own_text_too_short_to_hold_any_out_is_trained_on_whole(tmp_path):
    text = "".join(chr(0x4E00 + k) for k in range(60))
    task = TASKS["text"].open(text_file(tmp_path, text), LENGTH)
    assert task.held_out(LENGTH) is None
    assert task.note == "story.txt: 60 characters to train on; too short to hold any out."
    windows = task.batch(np.random.default_rng(0), 500, LENGTH)
    assert text[-1] in "".join(read(row, task) for row in windows.targets)


def test_an_own_text_with_too_many_characters_says_so(tmp_path):
    text = "".join(chr(0x4E00 + k) for k in range(300))
    task = TASKS["text"].open(text_file(tmp_path, text), LENGTH)
    assert len(task.vocabulary) == 256
    assert task.note.endswith(" Characters beyond the 255 commonest are read as \N{REPLACEMENT CHARACTER}.")


def test_a_byte_order_mark_and_windows_line_ends_are_no_characters_of_an_own_text(tmp_path):
    path = tmp_path / "story.txt"
    path.write_bytes(b"\xef\xbb\xbf" + b"ab\r\n" * 30)
    assert TASKS["text"].open(path, LENGTH).vocabulary == ("\n", "a", "b")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "the file is empty, expected UTF-8 text"),
        (b" \n ", "the file has only white space, expected text"),
        (b"a\0b", "byte 1 is zero, so this is a binary file, expected UTF-8 text"),
        (b"abc\xff\x01", "byte 3 (0xff) is not UTF-8, expected UTF-8 text; save the file as UTF-8"),
        ("ab" * 10, "length is 20, but the text has 20 characters to train on; expected a length below 20"),
        ("a" * 99, "the text has only the character 'a', expected at least two different ones"),
        ("a", "the text has only the character 'a', expected at least two different ones"),
    ],
    ids=["empty", "blank", "binary", "not utf-8", "too short", "one letter", "one token"],
)
def test_an_own_text_that_cannot_be_used_is_refused_with_a_sentence(tmp_path, text, sentence):
    assert refusal(tmp_path, text) == sentence


def test_an_own_text_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(text_module, "LARGEST_BYTES", 1_000_000)
    assert refusal(tmp_path, "ab" * 500_001).startswith("larger than 1 MB")


def test_an_own_text_needs_a_file():
    with pytest.raises(ValueError, match="file is not set, expected the path of a UTF-8 text for the task 'text'"):
        TASKS["text"].open(None, LENGTH)


def test_an_own_text_that_does_not_exist_is_refused():
    with pytest.raises(BadFileError, match="does not exist"):
        TASKS["text"].open(Path("no such folder") / "story.txt", LENGTH)


@pytest.mark.parametrize("task", ["words", "trigrams", "copy"])
def test_a_guess_by_frequency_is_not_called_chance(task):
    made = TASKS[task].open(None, 30)
    line = chance(made, 30)
    assert line.name == "frequencies alone"
    assert line.loss < math.log(predicts(made).size) - 0.5
