"""Where a user's recordings lie and what is said in each: a table, or a folder."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from rnnviz.files.errors import BadFileError
from rnnviz.files.labelled import read_labelled

EXPECTED = (
    "expected a CSV table “file,label”, or a folder: with a folder of WAV files for each label, or with files named "
    "label_anything.wav"
)

MOST_ENTRIES = 50_000  # of a folder and those in it: one that has more was not meant


class Recording(NamedTuple):
    """A file and its label."""

    path: Path
    label: str


def find_recordings(path: Path) -> list[Recording]:
    """All recordings that ``path`` means, sorted by label and name; raise BadFileError where it means none.

    path  a CSV table, whose files are looked for beside it; a folder; or any WAV file in such a folder, which is all
          that a file dialog can choose
    """
    if path.is_dir():
        found = _in_folder(path)
    elif path.suffix.lower() == ".wav" and path.is_file():
        found = _around(path)
    else:
        found = [Recording(path.parent / row.text, row.label) for row in read_labelled(path, "file")]
    if not found:
        raise BadFileError(path, f"no WAV file is in this folder, {EXPECTED}")
    return sorted(found, key=lambda recording: (recording.label, recording.path))


def label_of(name: str) -> str:
    """“yes” of “yes_3.wav”, of “yes-anna.wav” and of “yes3.wav”."""
    stem = re.split(r"[_\-. ]", Path(name).stem, maxsplit=1)[0]
    return stem.rstrip("0123456789") or stem


def _in_folder(folder: Path) -> list[Recording]:
    """Of the folders in it, each of them a label; else of its own files."""
    try:
        nested = [Recording(path, path.parent.name) for path in _few(folder, folder.glob("*/*"))]
        return nested or [Recording(path, label_of(path.name)) for path in _few(folder, folder.iterdir())]
    except OSError as error:
        raise BadFileError(folder, f"cannot be read: {error.strerror or error}") from error


def _few(folder: Path, entries: Iterable[Path]) -> list[Path]:
    """The WAV files of ``entries``."""
    first = list(islice(entries, MOST_ENTRIES + 1))
    if len(first) > MOST_ENTRIES:
        raise BadFileError(folder, f"more than {MOST_ENTRIES:,} entries are in it and its folders, {EXPECTED}")
    return [path for path in first if _is_wav(path)]


def _around(path: Path) -> list[Recording]:
    """What lies with ``path``: in its folder, or in the one above where names there are no labels of several files."""
    found = _in_folder(path.parent)
    counts = Counter(recording.label for recording in found)
    if len(counts) > 1 and min(counts.values()) > 1:
        return found
    try:
        return _in_folder(path.parent.parent) or found
    except BadFileError:  # a home or a disk, of which nobody thought
        return found


def _is_wav(path: Path) -> bool:
    return path.suffix.lower() == ".wav" and path.is_file() and not path.name.startswith(".")
