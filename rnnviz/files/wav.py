"""Reading and writing WAV files: 16-bit PCM, as every recorder can make them."""

import os
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.errors import BadFileError
from rnnviz.files.whole import usual_mode

EXPECTED = "expected a WAV file of 16-bit PCM"
ENCODINGS = {3: "floating point", 6: "A-law", 7: "µ-law", 17: "ADPCM", 85: "MP3", 65534: "an extensible format"}
FULL = 32768.0


class Sound(NamedTuple):
    """What was recorded."""

    samples: Array  # (N,) float64 in −1 … 1, the mean of the channels
    rate: int  # a second
    channels: int


class Header(NamedTuple):
    """What a file says of itself."""

    rate: int  # samples a second
    channels: int
    samples: int  # of each channel

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.samples / self.rate


class Limits(NamedTuple):
    """What is taken."""

    least_seconds: float
    most_seconds: float
    least_rate: int  # samples a second


def read_wav(path: Path, *, least_seconds: float, most_seconds: float, least_rate: int) -> Sound:
    """Read ``path``; channels are mixed down. Raises BadFileError with what was found and what is expected."""
    with _opened(path) as (_, file):
        header = _header(path, file, Limits(least_seconds, most_seconds, least_rate))
        data = file.readframes(header.samples)
    _refuse_missing(path, header, len(data))
    samples = np.frombuffer(data, "<i2").reshape(-1, header.channels)
    return Sound(samples.mean(axis=1) / FULL, header.rate, header.channels)


def read_header(path: Path, limits: Limits) -> Header:
    """Read what ``path`` says of itself, look at its size, but at no sample. Raises BadFileError as `read_wav` does."""
    with _opened(path) as (raw, file):
        header = _header(path, file, limits)
        _refuse_missing(path, header, path.stat().st_size - raw.tell())
    return header


def write_wav(path: Path, samples: Array, rate: int) -> None:
    """Write ``samples`` (N,) in −1 … 1 as one channel of 16-bit PCM; the file is whole or not there. Raises OSError."""
    numbers = np.clip(np.round(samples * FULL), -FULL, FULL - 1).astype("<i2")
    handle, name = tempfile.mkstemp(suffix=".wav", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as raw:
            with wave.open(raw, "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(rate)
                file.writeframes(numbers.tobytes())
            raw.flush()
            os.fsync(raw.fileno())
        Path(name).chmod(usual_mode(path))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], wave.Wave_read]]:
    """The file, which stands where its samples begin, and what its header says. Raises BadFileError."""
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "does not exist"
            raise BadFileError(path, f"{what}, {EXPECTED}")
        with path.open("rb") as raw, wave.open(raw, "rb") as file:
            yield raw, file
    except EOFError as error:
        raise BadFileError(path, f"the file ends in its header, {EXPECTED}") from error
    except RuntimeError as error:  # of `wave`, where a part claims to be longer than the whole
        raise BadFileError(path, f"its header is damaged, {EXPECTED}") from error
    except wave.Error as error:
        raise BadFileError(path, f"{_in_words(str(error))}, {EXPECTED}") from error
    except OSError as error:
        raise BadFileError(path, f"cannot be read: {error.strerror or error}") from error


def _header(path: Path, file: wave.Wave_read, limits: Limits) -> Header:
    bits, header = 8 * file.getsampwidth(), Header(file.getframerate(), file.getnchannels(), file.getnframes())
    if bits != 16:
        raise BadFileError(path, f"{bits} bits a sample, {EXPECTED}; save it with 16 bits")
    if header.rate < limits.least_rate:
        raise BadFileError(path, f"{header.rate} samples a second, expected at least {limits.least_rate}")
    found = f"{header.seconds:.3g} seconds"
    if header.seconds < limits.least_seconds:
        raise BadFileError(path, f"{found}, too short: expected at least {limits.least_seconds:g}")
    if header.seconds > limits.most_seconds:
        raise BadFileError(path, f"{found}, too long: expected at most {limits.most_seconds:g}; cut the word out")
    return header


def _refuse_missing(path: Path, header: Header, size: int) -> None:
    """``size``: bytes of samples that are there."""
    there = size // (2 * header.channels)
    if there < header.samples:
        raise BadFileError(path, f"the file ends after {there} of {header.samples} samples, expected a whole one")


def _in_words(error: str) -> str:
    """What Python's ``wave`` says, in words: “unknown format: 3” is floating point."""
    number = error.rpartition(":")[2].strip()
    if error.startswith("unknown format") and number.isdigit():
        return f"the samples are {ENCODINGS.get(int(number), f'of format {number}')}, not PCM"
    return f"not a WAV file ({error})"
