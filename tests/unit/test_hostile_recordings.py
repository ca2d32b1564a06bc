"""Recordings that are truncated, damaged or made to harm end in a BadFileError with a sentence, soon."""

import json
import sqlite3
import time

import numpy as np
import pytest

import rnnviz
from rnnviz.files.errors import BadFileError
from tests.unit.loops import trained

MUTATIONS = 600
PATIENCE_S = 2.0


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bytes of a sound recording."""
    path = tmp_path_factory.mktemp("recording") / "run.rnnviz"
    trained("lstm, batch first, ends", path, updates=3)
    return path.read_bytes()


@pytest.fixture(scope="module")
def bad(whole, tmp_path_factory):
    """A file that is written anew for every mutation."""
    return tmp_path_factory.mktemp("hostile") / "run.rnnviz"


def read_everything(path) -> None:
    with rnnviz.Recording(path) as recording:
        assert len(recording.records()) <= 10_000
        _ = recording.standing, recording.counts
        for update in recording.traces()[:3]:
            recording.rebuilt(update)


def mutated(whole: bytes, random: np.random.Generator) -> bytes:
    """Cut off, with flipped bits, with a stretch of noise or zeros, or with pages swapped."""
    data = bytearray(whole)
    kind = int(random.integers(5))
    if kind == 0:
        return bytes(data[: random.integers(len(data))])
    if kind == 1:
        for place in random.integers(len(data), size=random.integers(1, 20)):
            data[place] ^= 1 << int(random.integers(8))
    elif kind == 2:  # where the database keeps its structure
        for place in random.integers(4096, size=random.integers(1, 8)):
            data[place] ^= 1 << int(random.integers(8))
    elif kind == 3:
        start, length = int(random.integers(len(data))), int(random.integers(1, 2000))
        noise = random.bytes(length) if random.integers(2) else bytes(length)
        data[start : start + length] = noise
    else:
        one, other = (int(page) * 8192 for page in random.integers(len(data) // 8192, size=2))
        data[one : one + 8192], data[other : other + 8192] = data[other : other + 8192], data[one : one + 8192]
    return bytes(data)


@pytest.mark.parametrize("seed", range(6))
def test_damaged_files_are_read_or_refused_with_a_sentence_in_bounded_time(whole, bad, seed):
    random = np.random.default_rng(seed)
    refused = []
    for _ in range(MUTATIONS // 6):
        bad.write_bytes(mutated(whole, random))
        started = time.monotonic()
        try:
            read_everything(bad)
        except BadFileError as error:
            refused.append(str(error))
        assert time.monotonic() - started < PATIENCE_S
    assert len(refused) > MUTATIONS // 6 // 4
    assert all(sentence.startswith(f"{bad}: ") and len(sentence) > len(str(bad)) + 10 for sentence in refused)


@pytest.fixture
def changed(whole, tmp_path):
    """A sound recording in which one statement of SQL has been carried out."""

    def change(statement, *values):
        path = tmp_path / "run.rnnviz"
        path.write_bytes(whole)
        with sqlite3.connect(path) as database:
            database.execute(statement, values)
        database.close()
        return path

    return change


@pytest.mark.parametrize(
    ("statement", "values", "words"),
    [
        ("UPDATE arrays SET shape = '[7, 300]'", (), "bytes, expected [7, 300] × 4"),
        ("UPDATE arrays SET shape = '[1000000000000, 1000000000000]'", (), "expected [1000000000000"),
        ("UPDATE arrays SET shape = '[-7, -3]'", (), "unknown type or shape"),
        ("UPDATE arrays SET shape = '[7.0]'", (), "unknown type or shape"),
        ("UPDATE arrays SET shape = ?", ("[" * 100_000,), "unknown type or shape"),
        ("UPDATE arrays SET dtype = '|O8'", (), "unknown type or shape"),
        (
            "UPDATE arrays SET dtype = '<f8', shape = '[1]', data = zeroblob(8) WHERE name = 'x'",
            (),
            "expected float64 (1, 5)",
        ),
        ("UPDATE arrays SET data = zeroblob(5000000) WHERE name = 'x'", (), "bytes, expected"),
        ("DELETE FROM arrays WHERE name = 'x'", (), "has 0 tokens, expected 1 to"),
        ("DELETE FROM arrays WHERE name = 'weight_hh_l0'", (), "weight_hh_l0 is missing"),
        ("UPDATE arrays SET part = 7", (), "modules that the recording does not name"),
        ("UPDATE arrays SET name = 'h0' WHERE name = 'output'", (), "h0 is float32 (7, 5), expected float32 (1, 5)"),
        ("UPDATE updates SET loss = 'high' WHERE \"update\" = 1", (), "loss of update 1 is damaged"),
        ("UPDATE updates SET grad_norms = zeroblob(9)", (), "grad_norms of update 1 is damaged"),
        ('UPDATE updates SET "update" = -5 WHERE "update" = 2', (), None),
        ("UPDATE traces SET reading = '{]'", (), "texts of the trace of update 1 are damaged"),
        ("UPDATE traces SET reading = '{\"tokens\": 3}'", (), "does not fit together"),
        ('UPDATE traces SET reading = \'{"targets": [], "tokens": []}\'', (), "does not fit together"),
        ("UPDATE about SET value = '[]' WHERE key = 'facts'", (), "its facts cannot be understood"),
        ("UPDATE about SET value = ? WHERE key = 'facts'", ("[" * 200_000,), "its facts cannot be understood"),
        ("DELETE FROM about WHERE key = 'standing'", (), "does not say its standing"),
        ("PRAGMA user_version = 9", (), "its format is version 9, expected 1"),
        ("DROP TABLE traces", (), "its tables are not those of a recording"),
        ("CREATE VIEW sight AS SELECT 1", (), "its tables are not those of a recording"),
        ("CREATE TRIGGER wire AFTER INSERT ON about BEGIN SELECT 1; END", (), "its tables are not those"),
    ],
)
def test_what_does_not_fit_is_named(changed, statement, values, words):
    path = changed(statement, *values)
    if words is None:
        read_everything(path)
        return
    with pytest.raises(BadFileError) as refused:
        read_everything(path)
    assert words in str(refused.value)


def test_a_module_of_absurd_size_is_refused_before_anything_is_allocated(changed, whole):
    path = changed("SELECT 1")
    with rnnviz.Recording(path) as recording:
        facts = json.loads(recording.facts.model_dump_json())
    facts["parts"][0]["hidden"] = 16_000
    with pytest.raises(BadFileError, match=r"expected float32 \(7, 16000\)"):
        read_everything(changed("UPDATE about SET value = ? WHERE key = 'facts'", json.dumps(facts)))
    facts["parts"][0]["hidden"] = 10**9
    with pytest.raises(BadFileError, match=r"its facts cannot be understood \(parts.0.hidden\)"):
        read_everything(changed("UPDATE about SET value = ? WHERE key = 'facts'", json.dumps(facts)))


def test_a_query_that_would_run_for_ever_is_interrupted(whole, tmp_path, monkeypatch):
    monkeypatch.setattr("rnnviz.recording.reader.PATIENCE_S", 0.05)
    path = tmp_path / "run.rnnviz"
    path.write_bytes(whole)
    with rnnviz.Recording(path) as recording:
        forever = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) SELECT sum(k) FROM n"
        with pytest.raises(BadFileError, match="takes too long"), recording._guarded():
            recording._connection.execute(forever).fetchall()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        (b"", "is not a recording"),
        (b"hello", "is not a recording"),
        (b"SQLite format 3\0" * 9, "is not"),
    ],
)
def test_other_files_are_refused(tmp_path, content, words):
    path = tmp_path / "run.rnnviz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadFileError, match=words):
        rnnviz.Recording(path)
    with pytest.raises(BadFileError, match="is a folder"):
        rnnviz.Recording(tmp_path)
