"""A session file gives back the run bit for bit; anything else is refused in a sentence and changes nothing."""

import errno
import io
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnviz.domain.continuation import GoingOn, OwnSequence
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.intervention import ClampGate, ZeroUnit
from rnnviz.domain.notebook import arrays_of
from rnnviz.exchange.control import Control
from rnnviz.exchange.messages import Failed, Opened, Started, Written
from rnnviz.exchange.orders import SaveSession
from rnnviz.exchange.view_state import ViewState
from rnnviz.files import archive
from rnnviz.files.errors import BadFileError
from rnnviz.training.run import Run
from rnnviz.training.runner import Runner
from rnnviz.training.sessions.reading import open_session
from rnnviz.training.sessions.source import fingerprint, found_again, source_of
from rnnviz.training.sessions.writing import session_in_slices
from rnnviz.training.trainer import Trainer
from tests.builders import WatchedMailbox, config, save_session, text_file

VIEW = ViewState(Cursor(3, 0, 2), {"side": "influence"}, np.array([1.0, 2]), np.zeros((2, 8), np.float32), 2)


def a_run(updates=5, **changes):
    run = Run(1, Trainer(config(**changes)))
    for _ in range(updates):
        run.update()
        run.remember(looked_at=True)
    return run


def same_arrays(one, other):
    ours, theirs = arrays_of(one), arrays_of(other)
    assert list(ours) == list(theirs)
    for name, array in ours.items():
        assert array.tobytes() == theirs[name].tobytes(), name


RUNS = {
    "lstm": {},
    "two layers both ways, sgd": {"cell": "gru", "layers": 2, "bidirectional": True, "optimizer": "sgd"},
    "dropout, rmsprop, value": {"cell": "rnn_tanh", "dropout": 0.3, "optimizer": "rmsprop", "clip": "value"},
    "carried": {"task": "python", "carry": True, "length": 9, "shown": "batch"},
    "numbers": {"task": "adding", "cell": "gru_textbook", "embedding": 0},
    "filled up, both ways": {"task": "sentiment", "bidirectional": True, "shown": "batch"},
    "translator": {"task": "reversal", "attention": "additive", "decoder": True},
    "frozen": {"frozen": True, "vectors": "counted"},
    "lag": {"task": "copy", "length": 30, "lag": 4},
}


@pytest.mark.parametrize("name", RUNS)
def test_an_opened_run_shows_and_goes_on_bit_for_bit(tmp_path, name):
    run, path = a_run(**RUNS[name]), tmp_path / "a.rnnviz-session"
    save_session(path, run, VIEW)
    opened = open_session(path, 7).run
    same_arrays(opened.trainer.trace(), run.trainer.trace())
    for _ in range(4):
        assert replace(opened.update(), seconds=0) == replace(run.update(), seconds=0)
    same_arrays(opened.trainer.trace(), run.trainer.trace())
    assert opened.trainer.self_check() == run.trainer.self_check()


def test_where_the_numbers_come_out_otherwise_it_is_said(tmp_path):
    path = tmp_path / "a.rnnviz-session"
    save_session(path, a_run(2))
    assert open_session(path, 2).news.remark == ""
    rewritten(path, lambda document, _: document.update(trace="another"))
    assert "differ in their last digits: it was saved with rnnviz 0.1.0, python 3." in open_session(path, 2).news.remark


def test_a_run_can_be_saved_before_its_first_update(tmp_path):
    run, path = a_run(0), tmp_path / "a.rnnviz-session"
    save_session(path, run)
    opened = open_session(path, 2).run
    same_arrays(opened.trainer.trace(), run.trainer.trace())
    assert opened.update() == run.update()


def test_the_past_the_records_and_the_view_come_back(tmp_path):
    run, path = a_run(6), tmp_path / "a.rnnviz-session"
    run.change({"rate": 0.02})
    run.show_past(3)
    save_session(path, run, VIEW)
    opened, interventions, news = open_session(path, 2)
    assert opened.ring.updates == run.ring.updates
    assert opened.past is not None
    same_arrays(opened.past.trace(), run.past.trace())
    assert opened.changes == [(6, {"rate": 0.02})]
    (ours,), theirs = news.chronicles, run.ledger.chronicle()
    assert ours.table.tobytes() == theirs.table.tobytes()
    assert ours.last == theirs.last
    assert (news.view.cursor, news.view.layout) == (VIEW.cursor, VIEW.layout)
    assert news.view.flow_norms.tobytes() == VIEW.flow_norms.tobytes()
    assert interventions == ()
    branched = [made.branch(9, 2, {}).update() for made in (run, opened)]
    assert branched[0] == branched[1]


def test_companions_come_back_and_stay_in_lockstep(tmp_path):
    run, path = a_run(3), tmp_path / "a.rnnviz-session"
    run.fork({"clip": "off"})
    run.lane = 1
    for _ in range(2):
        run.update()
        run.companions[0].update(0)
    save_session(path, run)
    opened = open_session(path, 2).run
    ours, theirs = run.companions[0], opened.companions[0]
    assert (theirs.label, theirs.own, theirs.since, opened.lane) == (ours.label, ours.own, ours.since, 1)
    assert theirs.update(0) == ours.update(0)
    assert theirs.ledger.chronicle().table[:, :4].tobytes() == ours.ledger.chronicle().table[:, :4].tobytes()


def test_a_written_sequence_that_is_displayed_comes_back_in_every_lane(tmp_path):
    run = a_run(task="python", carry=True, length=9, shown="batch")
    run.accompany((config(task="python", carry=True, length=9, shown="batch", cell="gru"),))
    written = run.trainer.sampling(GoingOn(after=3)).finish()
    run.display(OwnSequence(written.labels, 4, written.initial))
    save_session(tmp_path / "a.rnnviz-session", run)
    opened = open_session(tmp_path / "a.rnnviz-session", 2)
    assert opened.news.remark == ""
    assert opened.run.trainer.trace().written == 4
    same_arrays(opened.run.trainer.trace(), run.trainer.trace())
    same_arrays(opened.run.companions[0].trainer.trace(), run.companions[0].trainer.trace())


def test_interventions_come_back(tmp_path):
    path, given = tmp_path / "a.rnnviz-session", (ClampGate("forget", 1.0, token=3), ZeroUnit(2))
    for _ in session_in_slices(a_run(), given, SaveSession(path, VIEW)):
        pass
    assert open_session(path, 2).interventions == given


def test_a_run_saved_in_slices_is_the_one_of_when_it_was_begun(tmp_path):
    run, path = a_run(4), tmp_path / "a.rnnviz-session"
    expected = run.trainer.snapshot().weights
    slices = session_in_slices(run, (), SaveSession(path, VIEW, quietly=True))
    for _ in slices:
        run.update()
    assert run.trainer.newest > 10
    assert open_session(path, 2).run.trainer.snapshot().weights.tobytes() == expected.tobytes()


@pytest.mark.parametrize("after", [0, 1, 7])
def test_a_save_that_is_interrupted_leaves_the_old_file_whole(tmp_path, monkeypatch, after):
    path = tmp_path / "a.rnnviz-session"
    save_session(path, a_run(2))
    before, calls, real = path.read_bytes(), [], zipfile.ZipFile.writestr

    def full(self, *arguments):
        calls.append(arguments)
        if len(calls) > after:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, *arguments)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(OSError, match="No space left"):
        save_session(path, a_run(3))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_save_that_is_given_up_leaves_the_old_file_whole(tmp_path):
    path = tmp_path / "a.rnnviz-session"
    save_session(path, a_run(2))
    before = path.read_bytes()
    slices = session_in_slices(a_run(3), (), SaveSession(path, VIEW))
    for _ in range(4):
        next(slices)
    slices.close()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_travels_with_the_session(tmp_path):
    folder = tmp_path / "there"
    folder.mkdir()
    text = text_file(folder)
    run, path = a_run(task="text", file=text), tmp_path / "a.rnnviz-session"
    save_session(path, run)
    assert open_session(path, 2).run.trainer.config.file == text
    text.unlink()
    source = source_of(run.trainer.config, run.trainer.task, embed=False).part
    with pytest.raises(BadFileError, match="is not there, expected it as it was"):
        found_again(path, source, None)
    with zipfile.ZipFile(path) as opened:
        content, part = opened.read("data"), source.model_copy(update={"sha256": None})
    assert content.decode().startswith("the cat sat")
    with pytest.raises(BadFileError, match="do not have their checksum"):
        found_again(path, part, content, tmp_path / "cache")


def test_a_text_that_is_gone_is_read_from_the_session(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    text = text_file(tmp_path)
    run, path = a_run(task="text", file=text), tmp_path / "a.rnnviz-session"
    save_session(path, run)
    text.unlink()
    opened = open_session(path, 2).run
    assert opened.trainer.config.file.name == text.name
    assert opened.trainer.config.file != text
    assert opened.update() == run.update()
    assert opened.branch(3, 4, {}).update().update == 5


def test_other_data_have_another_fingerprint(tmp_path):
    one, other = a_run(0, task="reber").trainer, a_run(0, task="parity").trainer
    assert fingerprint(one.config, one.task) == fingerprint(one.config, a_run(0, task="reber").trainer.task)
    assert fingerprint(one.config, one.task) != fingerprint(one.config, other.task)


def damaged(data, count, seed):
    """Bits flipped, ends cut off, parts overwritten, doubled and taken out."""
    draw = random.Random(seed)  # noqa: S311  # damage need not be secret
    for _ in range(count):
        made, kind = bytearray(data), draw.randrange(6)
        place = draw.randrange(len(made))
        if kind == 0:
            made[place] ^= 1 << draw.randrange(8)
        elif kind == 1:
            del made[place:]
        elif kind == 2:
            made[place : place + 8] = draw.randbytes(8)
        elif kind == 3:
            del made[place : place + draw.randrange(1, 50)]
        elif kind == 4:
            made[place:place] = made[max(place - 30, 0) : place]
        else:  # where a zip says how large everything is
            end = len(made) - draw.randrange(1, 400)
            made[end] = draw.randrange(256)
        yield bytes(made)


def test_six_hundred_damaged_files_are_refused_in_a_sentence_or_hold_the_same(tmp_path):
    whole, path = tmp_path / "whole.rnnviz-session", tmp_path / "a.rnnviz-session"
    save_session(whole, a_run(1, hidden=2, embedding=2, length=4, batch=2))
    read = open_session(whole, 1).run.trainer
    refused, sentences = 0, set()
    for data in damaged(whole.read_bytes(), 600, seed=3):
        path.write_bytes(data)
        try:
            found = open_session(path, 1).run.trainer
        except BadFileError as error:
            sentences.add(str(error))
            refused += 1
        else:
            same_arrays(found.trace(), read.trace())
            assert found.snapshot().random == read.snapshot().random
    assert refused > 450
    assert all(sentence.startswith(f"{path}: ") and "expected" in sentence for sentence in sentences)


def rewritten(path, change):
    """The same file with another document, whose checksums are right."""
    found = archive.read_archive(path)
    document, arrays = found.document, dict(found.arrays)
    change(document, arrays)
    for _ in archive.archive_in_slices(path, archive.Archive(document, arrays, found.blobs)):
        pass


def set_in(document, place, value):
    *outer, last = place
    for key in outer:
        document = document[key]
    document[last] = value


PRESENT = ("lanes", 0, "present")
WRONG = {
    "another version": (("version",), 2, "version is 2"),
    "another format": (("format",), "zip", "format is 'zip'"),
    "a cell that does not exist": ((*PRESENT, "config", "cell"), "mamba", "mamba"),
    "a larger network": ((*PRESENT, "config", "hidden"), 7, r"weights is \(\d+,\), expected"),
    "no lane": (("lanes",), [], "lanes"),
    "a lane that is not there": (("lane",), 4, "lane is 4, expected 0 to 0"),
    "random state out of range": ((*PRESENT, "random", "state", "inc"), -1, "inc is -1"),
    "an array that is not there": ((*PRESENT, "weights"), {"$array": "nowhere"}, "the array 'nowhere' is missing"),
    "a number for an array": ((*PRESENT, "weights"), 3, "weights is 3"),
    "an unknown entry": (("more",), 1, "more"),
    "an intervention of no kind": (("interventions",), [["Open", {}]], "'Open' is no intervention"),
    "an intervention that does not fit": (("interventions",), [["ZeroUnit", {"unit": 99}]], "unit"),
    "another fingerprint": (("data", "fingerprint"), "0", "are others here"),
    "a file that is not there": (("data", "file"), "/nowhere/x.txt", "is not there"),
    "too deep": (("view", "layout"), {"a": None}, None),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_whole_file_with_something_wrong_in_it_is_refused(tmp_path, name):
    path, (place, value, words) = tmp_path / "a.rnnviz-session", WRONG[name]
    save_session(path, a_run(1))
    rewritten(path, lambda document, _: set_in(document, place, value))
    if words is None:  # what is no harm
        open_session(path, 2)
        return
    with pytest.raises(BadFileError, match=words):
        open_session(path, 2)


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("newest.inputs", lambda a: a + 1000, "inputs has the index"),
        ("newest.inputs", lambda a: a.astype(np.int32), "int32"),
        ("newest.gradient", lambda a: a[:1], r"gradient is \(1,\)"),
        ("weights", lambda a: a.astype(np.float64), "float64"),
        ("before", lambda a: a[:1], r"before is \(1,\)"),
        ("optimizer.exp_avg", lambda a: a[:1], r"exp_avg is \(1,\)"),
    ],
)
def test_an_array_that_does_not_fit_is_refused(tmp_path, name, make, words):
    path = tmp_path / "a.rnnviz-session"
    save_session(path, a_run(1))
    key = f"lanes.0.present.{name}"
    rewritten(path, lambda _, arrays: arrays.update({key: make(arrays[key])}))
    with pytest.raises(BadFileError, match=words):
        open_session(path, 2)


def zipped(path, entries, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w") as made:
        for name, data, *own in entries:
            made.writestr(name, data, own[0] if own else method)


def npy_header(shape, dtype="<f4"):
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": dtype, "fortran_order": False, "shape": shape})
    return head.getvalue()


DEFLATED = zipfile.ZIP_DEFLATED
HOSTILE = {
    "an array that claims a terabyte": [("session.json", "{}", DEFLATED), ("a.npy", npy_header((2**38,)))],
    "a zip bomb": [("session.json", "{}", DEFLATED), ("a.npy", bytes(10_000_000), DEFLATED)],
    "a pickle": [("session.json", "{}", DEFLATED), ("a.npy", npy_header((1,), "|O") + b"cos\nsystem\n(S'x'\ntR.")],
    "a negative shape": [("session.json", "{}", DEFLATED), ("a.npy", npy_header((-1,)))],
    "no document": [("a.npy", npy_header((0,)))],
    "a list": [("session.json", "[]", DEFLATED)],
    "deep brackets": [("session.json", "[" * 100_000, DEFLATED)],
    "another array format": [("session.json", "{}", DEFLATED), ("a.npy", b"\x93NUMPY\x07\x00" + bytes(90))],
    "an empty object": [("session.json", "{}", DEFLATED)],
    "a path": [("session.json", "{}", DEFLATED), ("../../x", b"x")],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused(tmp_path, name):
    path = tmp_path / "a.rnnviz-session"
    zipped(path, HOSTILE[name])
    with pytest.raises(BadFileError, match=r"expected|not a session"):
        open_session(path, 2)
    assert not (tmp_path.parent.parent / "x").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all" * 100])
def test_what_is_no_zip_is_refused(tmp_path, content):
    path = tmp_path / "a.rnnviz-session"
    path.write_bytes(content)
    with pytest.raises(BadFileError, match="not a session"):
        open_session(path, 2)


def test_a_file_that_is_not_there_is_refused():
    with pytest.raises(BadFileError, match="No such file"):
        open_session(Path("/nowhere/a.rnnviz-session"), 2)


@pytest.fixture
def worker():
    control, mailbox = Control(), WatchedMailbox()
    runner = Runner(control, mailbox)
    runner.start()
    yield control, mailbox
    runner.close()


def begun(control, mailbox):
    control.begin(config())
    control.run(4)
    mailbox.wait_for(lambda: any(getattr(entry, "update", 0) == 4 for entry in mailbox.log))


def test_the_worker_saves_opens_and_refuses(worker, tmp_path):
    control, mailbox = worker
    begun(control, mailbox)
    path, bad = tmp_path / "a.rnnviz-session", tmp_path / "b.rnnviz-session"
    control.keep(SaveSession(path, VIEW))
    control.begin(config(hidden=4))  # what is to be written is written before
    mailbox.wait_for(lambda: mailbox.of(Written) and len(mailbox.of(Started)) == 2)
    control.open_session(path)
    mailbox.wait_for(lambda: mailbox.of(Opened))
    assert mailbox.of(Opened)[0].chronicles[0].last.update == 4
    assert mailbox.of(Started)[-1].config == config()
    bad.write_bytes(path.read_bytes()[:-100])
    control.open_session(bad)
    mailbox.wait_for(lambda: mailbox.of(Failed))
    assert mailbox.of(Failed)[0].sentence.startswith(str(bad))
    control.run(1)
    mailbox.wait_for(lambda: any(getattr(entry, "update", 0) == 5 for entry in mailbox.log))
    assert len(mailbox.of(Started)) == 3


def test_the_worker_saves_quietly_while_nothing_is_to_do(worker, tmp_path):
    control, mailbox = worker
    begun(control, mailbox)
    path = tmp_path / "folder" / "a.rnnviz-session"
    control.keep(SaveSession(path, VIEW, quietly=True))
    mailbox.wait_for(lambda: mailbox.of(Written))
    assert mailbox.of(Written)[0].what == "autosave"
    assert open_session(path, 2).run.trainer.newest == 4


def test_a_place_that_cannot_be_written_is_told(worker, tmp_path):
    control, mailbox = worker
    begun(control, mailbox)
    control.keep(SaveSession(tmp_path, VIEW))
    mailbox.wait_for(lambda: mailbox.of(Failed))
    assert "cannot be written" in mailbox.of(Failed)[0].sentence
