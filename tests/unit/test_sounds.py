"""What a user's recordings are, from their names and headers alone."""

import os
from pathlib import Path

import numpy as np
import pytest

from rnnviz.files import recordings
from rnnviz.files.errors import BadFileError
from rnnviz.files.sounds import LOOKED_AT, is_sound, look_at_recordings, preview_of
from rnnviz.files.wav import Header, read_header, read_wav
from rnnviz.tasks.speech_wav import LIMITS
from tests.builders import recordings_folder, wav_file


def looked(path):
    return look_at_recordings(path, LIMITS)


def facts(path):
    return dict(preview_of(looked(path)).facts)


def test_folder_labels_rates_channels_and_seconds_are_told(tmp_path):
    folder = recordings_folder(tmp_path)
    wav_file(folder / "low_odd.wav", 0.5, rate=16000, channels=2)
    assert facts(folder / "high_2.wav") == {
        "Folder": str(folder),
        "Recordings": "13 of 2 labels: low 7, high 6",
        "Sample rate": "8,000 to 16,000 a second",
        "Channels": "1 in 12, 2 in 1; they are mixed down to one",
        "Seconds": "0.2 to 0.5 each, 3.5 in all",
        "Wrong": "nothing, as far as headers tell",
    }


def test_the_first_recordings_are_shown_with_their_labels(tmp_path):
    found = preview_of(looked(recordings_folder(tmp_path)))
    assert found.header == ("File", "Label", "Seconds", "Samples a second", "Channels", "Wrong")
    assert found.rows[1] == ("high_1.wav", "high", "0.22", "8,000", "1", "")
    assert len(found.rows) == 8


def test_what_is_wrong_with_a_file_is_told_first(tmp_path):
    folder = recordings_folder(tmp_path)
    (folder / "low_odd.wav").write_bytes(b"RIFF no sound")
    wav_file(folder / "zoo_1.wav", 0.01)
    found = looked(folder)
    assert dict(preview_of(found).facts)["Wrong"] == "2 of 14"
    assert preview_of(found).rows[0][0] == "low_odd.wav"
    assert "too short: expected at least 0.1" in preview_of(found).rows[1][-1]
    assert str(found.wrong[0]).startswith(f"{folder / 'low_odd.wav'}: ")


def test_a_recording_that_ends_too_early_is_found_by_its_header(tmp_path):
    path = wav_file(tmp_path / "a.wav")
    path.write_bytes(path.read_bytes()[:-1000])
    for read in (lambda: read_header(path, LIMITS), lambda: read_wav(path, **LIMITS._asdict())):
        with pytest.raises(BadFileError, match="the file ends after 1900 of 2400 samples, expected a whole one"):
            read()


@pytest.mark.parametrize("channels", [1, 2])
def test_the_header_says_what_reading_finds(tmp_path, channels):
    path = wav_file(tmp_path / "a.wav", 0.25, rate=11025, channels=channels)
    sound, header = read_wav(path, **LIMITS._asdict()), read_header(path, LIMITS)
    assert (header.rate, header.channels, header.samples) == (sound.rate, sound.channels, len(sound.samples))
    assert header.seconds == pytest.approx(0.25, abs=1e-4)


def test_of_many_recordings_some_headers_are_read_from_all_over_them(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr("rnnviz.files.sounds.read_header", lambda path, _: read.append(path) or Header(8000, 1, 8000))
    many = [recordings.Recording(tmp_path / f"{k:05}.wav", f"label {k % 30}") for k in range(2500)]
    monkeypatch.setattr("rnnviz.files.sounds.find_recordings", lambda _: many)
    found = facts(tmp_path)
    assert len(read) == LOOKED_AT
    assert (read[0], read[-1]) == (many[0].path, many[-1].path)
    assert found["Looked at"] == f"the headers of {LOOKED_AT} of 2,500; the others are read when the run starts"
    assert found["Recordings"].endswith("label 7 84 and 22 more labels")
    assert found["Seconds"] == "1 each"


def test_a_folder_with_very_many_entries_is_refused_before_all_are_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "MOST_ENTRIES", 5)
    folder = recordings_folder(tmp_path)
    with pytest.raises(BadFileError, match="more than 5 entries are in it and its folders, expected a CSV table"):
        looked(folder)


def test_any_bytes_have_a_header_or_end_in_a_sentence(tmp_path):
    random, path, read = np.random.default_rng(2), wav_file(tmp_path / "a.wav"), 0
    whole = path.read_bytes()
    for number in range(300):
        content = bytearray(whole[: int(random.integers(1, len(whole)))] if number % 3 == 0 else whole)
        content[int(random.integers(0, min(48, len(content))))] ^= 1 << int(random.integers(8))
        path.write_bytes(content)
        try:
            read += read_header(path, LIMITS).samples > 0
        except BadFileError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017  # either outcome is right
    assert read > 10


def test_folders_files_and_tables_that_are_sounds_are_known(tmp_path):
    folder = recordings_folder(tmp_path)
    loud = wav_file(tmp_path / "more" / "LOUD.WAV")
    table, other = tmp_path / "labels.csv", tmp_path / "other.csv"
    table.write_text('file;label\n"sounds/low_1.wav";low\n')
    other.write_text("text,label\nI heard a .wav file today,no\n")
    assert [is_sound(path) for path in (folder, tmp_path, loud, loud.parent, table, other)] == [True] * 5 + [False]
    assert not is_sound(tmp_path / "missing.csv")


def test_a_pipe_is_no_table_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    assert not is_sound(tmp_path / "pipe.csv")


def test_recordings_named_in_every_way_are_shown(tmp_path, monkeypatch):
    folder = recordings_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    rows = [f"{folder / 'low_1.wav'},low", "sounds/low_2.wav,low", "../elsewhere.wav,high", "sounds/high_1.wav,high"]
    Path("labels.csv").write_text("\n".join(rows))
    found = preview_of(looked(Path("labels.csv")))
    assert len(found.rows) == 4
    assert found.rows[0][-1].startswith("does not exist")
