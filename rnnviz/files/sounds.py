"""What recordings of a user's are, before they are used: from their names and headers, no sample is read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from os.path import commonpath
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnviz.files.errors import BadFileError
from rnnviz.files.preview import LETTERS, ROWS, Preview
from rnnviz.files.recordings import MOST_ENTRIES, Recording, find_recordings
from rnnviz.files.wav import Header, Limits, read_header

LOOKED_AT = 400  # headers: a window must not wait for more
NAMED = 8  # labels
HEADER = ("File", "Label", "Seconds", "Samples a second", "Channels", "Wrong")
TABLES = (".csv", ".tsv")
HEAD = 4096  # bytes of a table in which a name of a recording is looked for
MARKS = ",;\t|"


class Looked(NamedTuple):
    """A recording and what its header says, or why it cannot be used."""

    recording: Recording
    header: Header | None
    error: BadFileError | None


@dataclass(frozen=True)
class Sounds:
    """What ``path``, a table, a folder or one recording, means."""

    path: Path
    recordings: tuple[Recording, ...]
    looked: tuple[Looked, ...]  # of many recordings some, spread over all

    @property
    def wrong(self) -> tuple[BadFileError, ...]:
        """Why some of them cannot be used."""
        return tuple(look.error for look in self.looked if look.error is not None)


def is_sound(path: Path) -> bool:
    """Whether ``path`` is a recording by its name, a folder that holds some, or a table that names some."""
    if path.is_dir():
        return _holds_recordings(path)
    return path.suffix.lower() == ".wav" or (path.suffix.lower() in TABLES and _names_recordings(path))


def _holds_recordings(folder: Path) -> bool:
    """Whether a WAV file is among the first entries of it and of the folders in it."""
    try:
        entries = islice(chain(folder.iterdir(), folder.glob("*/*")), MOST_ENTRIES)
        return any(entry.suffix.lower() == ".wav" for entry in entries)
    except OSError:
        return False


def _names_recordings(path: Path) -> bool:
    """Whether a cell of the first two lines is the name of a WAV file."""
    try:
        if not path.is_file():  # opening a pipe could block for ever
            return False
        with path.open("rb") as file:
            lines = file.read(HEAD).decode("utf-8", errors="replace").lower().splitlines()[:2]
    except OSError:
        return False
    cells = "\n".join(lines).translate(dict.fromkeys(map(ord, MARKS), "\n")).split("\n")
    return any(cell.strip(' "').endswith(".wav") for cell in cells)


def look_at_recordings(path: Path, limits: Limits) -> Sounds:
    """Find them and read their headers, of many those of some. Raises BadFileError where there are none."""
    found = find_recordings(path)
    places = np.unique(np.linspace(0, len(found) - 1, min(len(found), LOOKED_AT)).round().astype(int))
    return Sounds(path, tuple(found), tuple(_look(found[place], limits) for place in places.tolist()))


def _look(recording: Recording, limits: Limits) -> Looked:
    try:
        return Looked(recording, read_header(recording.path, limits), None)
    except BadFileError as error:
        return Looked(recording, None, error)


def preview_of(sounds: Sounds) -> Preview:
    """Its rows begin with what is wrong."""
    folder = _common_folder(sounds)
    order = sorted(sounds.looked, key=lambda look: look.error is None)
    rows = tuple(_row(look, folder) for look in order[:ROWS])
    return Preview(sounds.path, _facts(sounds, folder), HEADER, rows, ("speech_wav",))


def _common_folder(sounds: Sounds) -> Path:
    try:
        return Path(commonpath([recording.path.absolute().parent for recording in sounds.recordings]))
    except ValueError:  # they lie on several drives
        return sounds.path.absolute().parent


def _facts(sounds: Sounds, folder: Path) -> tuple[tuple[str, str], ...]:
    looked, every = len(sounds.looked), len(sounds.recordings)
    headers = [look.header for look in sounds.looked if look.header is not None]
    wrong = f"{len(sounds.wrong)} of {looked:,}" if sounds.wrong else "nothing, as far as headers tell"
    known = [("Folder", str(folder)), ("Recordings", f"{every:,} of {_labels(sounds.recordings)}")]
    if looked < every:
        known.append(("Looked at", f"the headers of {looked} of {every:,}; the others are read when the run starts"))
    return (*known, *(_of_headers(headers, every) if headers else ()), ("Wrong", wrong))


def _of_headers(headers: Sequence[Header], every: int) -> tuple[tuple[str, str], ...]:
    rates, seconds = [header.rate for header in headers], [header.seconds for header in headers]
    total = f", {sum(seconds):.3g} in all" if len(headers) > 1 and len(headers) == every else ""
    return (
        ("Sample rate", f"{_range(f'{min(rates):,}', f'{max(rates):,}')} a second"),
        ("Channels", _channels(headers)),
        ("Seconds", f"{_range(f'{min(seconds):.3g}', f'{max(seconds):.3g}')} each{total}"),
    )


def _labels(recordings: Sequence[Recording]) -> str:
    counts = Counter(recording.label for recording in recordings).most_common()
    named = ", ".join(f"{label[:LETTERS]} {count:,}" for label, count in counts[:NAMED])
    more = f" and {len(counts) - NAMED:,} more labels" if len(counts) > NAMED else ""
    return f"{len(counts):,} label{'s' * (len(counts) != 1)}: {named}{more}"


def _channels(headers: Sequence[Header]) -> str:
    counts = sorted(Counter(header.channels for header in headers).items())
    each = str(counts[0][0]) if len(counts) == 1 else ", ".join(f"{number} in {count:,}" for number, count in counts)
    return each if counts[-1][0] == 1 else f"{each}; they are mixed down to one"


def _range(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _row(look: Looked, folder: Path) -> tuple[str, ...]:
    path, label = look.recording
    whole = path.absolute()
    name = str(whole.relative_to(folder) if whole.is_relative_to(folder) else whole)[-LETTERS:]
    if look.header is None:
        return name, label[:LETTERS], "", "", "", str(look.error).removeprefix(f"{path}: ")
    header = look.header
    return name, label[:LETTERS], f"{header.seconds:.3g}", f"{header.rate:,}", str(header.channels), ""
