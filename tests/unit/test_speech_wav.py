"""Recordings of the user's own: what is read, and in which words it is refused."""

import struct
import wave

import numpy as np
import pytest

from rnnviz.files.errors import BadFileError
from rnnviz.files.recordings import find_recordings, label_of
from rnnviz.files.wav import read_wav, write_wav
from rnnviz.tasks import TASKS, speech, voices
from rnnviz.tasks.speech import frames
from rnnviz.tasks.task import asked, best
from tests.builders import recordings_folder, trainer, wav_file

LIMITS = {"least_seconds": 0.1, "most_seconds": 10.0, "least_rate": 8000}


def opened(path):
    return TASKS["speech_wav"].open(path, 20)


def refusal(path, named=None):
    with pytest.raises(BadFileError) as refused:
        opened(path)
    assert str(refused.value).startswith(f"{path if named is None else named}: ")
    return str(refused.value).partition(": ")[2]


def beside(folder, **changes):
    """A folder of good recordings and one more that is made by ``changes``; its path."""
    recordings_folder(folder)
    return wav_file(folder / "sounds" / "low_odd.wav", **changes)


def header(path, kind, bits):
    """A WAV file of any format that `wave` would not write."""
    block, data = bits // 8, b"\0" * 9600
    inside = struct.pack("<4sIHHIIHH", b"fmt ", 16, kind, 1, 8000, 8000 * block, block, bits)
    inside += struct.pack("<4sI", b"data", len(data)) + data
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<4sI4s", b"RIFF", 4 + len(inside), b"WAVE") + inside)
    return path


# One file.


def test_what_was_written_is_read(tmp_path):
    sound = np.random.default_rng(0).uniform(-1, 1, 4000)
    write_wav(tmp_path / "a.wav", sound, 16000)
    found = read_wav(tmp_path / "a.wav", **LIMITS)
    assert (found.rate, found.channels) == (16000, 1)
    np.testing.assert_allclose(found.samples, sound, atol=1 / 32768)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_samples_that_are_too_loud_are_cut_off(tmp_path):
    write_wav(tmp_path / "a.wav", np.array([2.0, -2.0] * 1000), 8000)
    found = read_wav(tmp_path / "a.wav", **LIMITS).samples
    assert (found.min(), found.max()) == (-1, 32767 / 32768)


def test_a_file_that_cannot_be_written_leaves_nothing_beside_it(tmp_path, monkeypatch):
    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("rnnviz.files.wav.os.fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        write_wav(tmp_path / "a.wav", np.zeros(10), 8000)
    assert list(tmp_path.iterdir()) == []


def test_channels_are_mixed_down(tmp_path):
    left, right = (np.random.default_rng(k).integers(-9000, 9000, 3000).astype("<i2") for k in (0, 1))
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(np.stack([left, right], axis=1).tobytes())
    found = read_wav(tmp_path / "a.wav", **LIMITS)
    assert found.channels == 2
    np.testing.assert_allclose(found.samples, (left.astype(float) + right) / 2 / 32768, rtol=1e-12)


@pytest.mark.parametrize(
    ("kind", "bits", "words"),
    [
        (3, 32, "the samples are floating point, not PCM, expected a WAV file of 16-bit PCM"),
        (6, 8, "the samples are A-law, not PCM, expected a WAV file of 16-bit PCM"),
        (99, 16, "the samples are of format 99, not PCM, expected a WAV file of 16-bit PCM"),
        (1, 24, "24 bits a sample, expected a WAV file of 16-bit PCM; save it with 16 bits"),
        (1, 8, "8 bits a sample, expected a WAV file of 16-bit PCM; save it with 16 bits"),
    ],
)
def test_other_encodings_are_refused_by_name(tmp_path, kind, bits, words):
    recordings_folder(tmp_path)
    path = header(tmp_path / "sounds" / "low_odd.wav", kind, bits)
    assert refusal(tmp_path / "sounds", path) == words


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seconds": 0.05}, "0.05 seconds, too short: expected at least 0.1"),
        ({"seconds": 10.5}, "10.5 seconds, too long: expected at most 10; cut the word out"),
        ({"rate": 4000}, "4000 samples a second, expected at least 8000"),
        ({"hertz": 0.0}, "every sample is 0, expected a sound"),
    ],
)
def test_recordings_that_do_not_fit_are_refused_in_numbers(tmp_path, changes, words):
    path = beside(tmp_path, **changes)
    assert refusal(tmp_path / "sounds", path) == words


def test_what_is_no_sound_at_all_is_refused(tmp_path):
    path = beside(tmp_path)
    whole = path.read_bytes()
    for content, words in (
        (b"just words that are no sound", "not a WAV file (file does not start with RIFF id)"),
        (b"", "the file ends in its header"),
        (whole[:30], "the file ends in its header"),
        (whole[:-400], "the file ends after 2200 of 2400 samples, expected a whole one"),
    ):
        path.write_bytes(content)
        assert refusal(tmp_path / "sounds", path).startswith(words)


# Many files.


@pytest.mark.parametrize(
    ("name", "label"),
    [("yes_3.wav", "yes"), ("yes-anna.wav", "yes"), ("yes3.wav", "yes"), ("7_jackson_32.wav", "7"), ("42.wav", "42")],
)
def test_labels_are_the_beginnings_of_names(name, label):
    assert label_of(name) == label


def test_a_folder_for_each_label(tmp_path):
    for label in ("yes", "no"):
        for k in range(2):
            wav_file(tmp_path / label / f"{k}.WAV")
    found = find_recordings(tmp_path)
    assert [recording.label for recording in found] == ["no", "no", "yes", "yes"]
    assert find_recordings(tmp_path / "yes" / "1.WAV") == found


def test_any_file_of_a_folder_means_the_folder(tmp_path):
    folder = recordings_folder(tmp_path)
    assert find_recordings(folder / "low_3.wav") == find_recordings(folder)
    assert len(find_recordings(folder)) == 12


@pytest.mark.parametrize("head", ["", "file,label\n", "Path;Label\n"])
def test_a_table_names_files_beside_it(tmp_path, head):
    folder = recordings_folder(tmp_path)
    mark = ";" if ";" in head else ","
    rows = [f"sounds/{kind}_{k}.wav{mark}{kind.upper()}" for kind in ("low", "high") for k in range(3)]
    table = tmp_path / "table.csv"
    table.write_text(head + "\n".join(rows), "utf-8")
    found = find_recordings(table)
    assert [recording.label for recording in found] == ["HIGH"] * 3 + ["LOW"] * 3
    assert found[0].path == folder / "high_0.wav"
    assert opened(table).predicts.labels == ("HIGH", "LOW")


def test_a_table_that_names_no_file_is_refused(tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("file,label\nnowhere.wav,a\nnowhere.wav,b\nnowhere.wav,a\nnowhere.wav,b\n", "utf-8")
    assert refusal(table, tmp_path / "nowhere.wav") == "does not exist, expected a WAV file of 16-bit PCM"
    table.write_text("nothing\n", "utf-8")
    assert refusal(table).startswith("line 1 has 1 column, expected two columns, a file and its label")


def test_one_label_only_is_refused(tmp_path):
    for k in range(4):
        wav_file(tmp_path / f"yes_{k}.wav")
    assert refusal(tmp_path).startswith("every label is 'yes', expected at least two different ones; expected a CSV")


def test_a_label_with_a_single_recording_is_refused(tmp_path):
    folder = recordings_folder(tmp_path)
    wav_file(folder / "odd_1.wav")
    words = "the label 'odd' has 1 recording, expected at least 2: one of them is held out"
    assert refusal(folder) == words


def test_a_folder_without_recordings_is_refused(tmp_path):
    assert refusal(tmp_path).startswith("no WAV file is in this folder, expected a CSV table “file,label”, or a folder")
    assert "does not exist" in refusal(tmp_path / "nowhere")


def test_too_many_labels_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("rnnviz.tasks.speech_wav.MOST_LABELS", 1)
    found = refusal(recordings_folder(tmp_path))
    assert found == "12 recordings of 2 labels, expected at most 3000 of 1"


# The task.


def test_every_fifth_recording_of_a_label_is_held_out(tmp_path):
    task = opened(recordings_folder(tmp_path, each=11))
    targets = task.held_out(20).targets
    assert np.bincount(targets[asked(targets)]).tolist() == [3, 3]
    assert len(task._training) == 16
    assert "16 recordings of 2 labels to train on, 6 others held out" in task.note
    trained_on = {rows.tobytes() for rows, _ in task._training}
    assert not trained_on & {rows.tobytes() for rows, _ in task._held_out}


def test_tokens_are_log_mel_frames_standardised_by_the_training_part(tmp_path):
    task = opened(recordings_folder(tmp_path))
    rows = np.concatenate([rows for rows, _ in task._training])
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(rows.std(axis=0), 1, atol=1e-4)
    first = find_recordings(tmp_path / "sounds")[0]
    sound = read_wav(first.path, **LIMITS)
    own = frames(sound.samples) - frames(read_wav(find_recordings(tmp_path / "sounds")[1].path, **LIMITS).samples)[:1]
    assert task.displayed(20).inputs.shape[1:] == own.shape


def test_the_answer_is_asked_for_after_the_last_frame_of_each(tmp_path):
    task = opened(recordings_folder(tmp_path))
    inputs, targets = task.batch(np.random.default_rng(0), 6, 20)
    for rows, wanted in zip(inputs, targets, strict=True):
        (place,) = np.flatnonzero(asked(wanted[None])[0])
        assert not rows[place + 1 :].any()
        assert rows[place].any()


def test_several_channels_are_told(tmp_path):
    folder = recordings_folder(tmp_path)
    assert "channels" not in opened(folder).note
    wav_file(folder / "low_8.wav", channels=2)
    assert opened(folder).note.endswith("1 recordings with several channels were mixed down to one.")


def test_the_same_sound_at_another_rate_has_nearly_the_same_frames():
    """As many, one every 16 ms, with their power in the same bands."""
    at = {rate: np.arange(round(0.5 * rate)) / rate for rate in (8000, 16000, 44100)}
    wave_ = {rate: np.sin(2 * np.pi * 700 * t) + 0.5 * np.sin(2 * np.pi * 2100 * t) for rate, t in at.items()}
    slow = frames(wave_[8000], 8000)
    for rate in (16000, 44100):
        found = frames(wave_[rate], rate)
        assert abs(len(found) - len(slow)) <= 1
        assert found[5].argsort()[-2:].tolist() == slow[5].argsort()[-2:].tolist()
    np.testing.assert_array_equal(slow, frames(wave_[8000]))


def test_the_rule_needs_enough_recordings_and_is_that_of_the_synthetic_voice(tmp_path):
    assert best(opened(recordings_folder(tmp_path))) is None
    folder = tmp_path / "voices"
    folder.mkdir()
    for seed, word in enumerate(("so", "os", "a")):
        for k, sound in enumerate(voices.spoken(np.random.default_rng(seed), [word] * 30, 0.24)):
            write_wav(folder / f"{word}_{k}.wav", sound / np.abs(sound).max(), voices.RATE)
    task = opened(folder)
    line = best(task)
    assert line.name == "mean spectrum alone"
    assert line.loss == pytest.approx(speech.mean_spectrum_loss(task._training, task._held_out, 3), rel=1e-12)
    assert 0 < line.loss < task.chance


def test_a_blind_guess_knows_how_often_each_label_comes(tmp_path):
    folder = recordings_folder(tmp_path)
    for k in range(5):
        wav_file(folder / f"high_more{k}.wav", hertz=900 + k)
    task = opened(folder)
    shares = np.bincount([answer for _, answer in task._training]) / len(task._training)
    assert task.chance == pytest.approx(-(shares * np.log(shares)).sum(), rel=1e-12)


def test_hums_of_two_pitches_are_learned(tmp_path):
    made = trainer(task="speech_wav", file=recordings_folder(tmp_path), rate=0.03, batch=8)
    losses = [record.loss for record in made.updates(60)]
    assert losses[0] > 0.4
    assert np.mean(losses[-5:]) < 0.1
