"""Reading and writing WAV files: 16-bit PCM, as every recorder can make them."""

import os
import tempfile
import wave
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.errors import BadFileError

EXPECTED = "expected a WAV file of 16-bit PCM"
ENCODINGS = {3: "floating point", 6: "A-law", 7: "µ-law", 17: "ADPCM", 85: "MP3", 65534: "an extensible format"}
FULL = 32768.0


class Sound(NamedTuple):
    """What was recorded."""

    samples: Array  # (N,) float64 in −1 … 1, the mean of the channels
    rate: int  # a second
    channels: int


def read_wav(path: Path, *, least_seconds: float, most_seconds: float, least_rate: int) -> Sound:
    """Read ``path``; channels are mixed down. Raises BadFileError with what was found and what is expected."""
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "does not exist"
            raise BadFileError(path, f"{what}, {EXPECTED}")
        with wave.open(str(path), "rb") as file:
            _refuse_header(path, file, least_seconds, most_seconds, least_rate)
            channels, rate, promised = file.getnchannels(), file.getframerate(), file.getnframes()
            data = file.readframes(promised)
    except EOFError as error:
        raise BadFileError(path, f"the file ends in its header, {EXPECTED}") from error
    except wave.Error as error:
        raise BadFileError(path, f"{_in_words(str(error))}, {EXPECTED}") from error
    except OSError as error:
        raise BadFileError(path, f"cannot be read: {error.strerror or error}") from error
    samples = np.frombuffer(data[: len(data) // (2 * channels) * 2 * channels], "<i2").reshape(-1, channels)
    if len(samples) < promised:
        raise BadFileError(path, f"the file ends after {len(samples)} of {promised} samples, expected a whole one")
    return Sound(samples.mean(axis=1) / FULL, rate, channels)


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
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _refuse_header(path: Path, file: wave.Wave_read, least: float, most: float, least_rate: int) -> None:
    bits, rate = 8 * file.getsampwidth(), file.getframerate()
    if bits != 16:
        raise BadFileError(path, f"{bits} bits a sample, {EXPECTED}; save it with 16 bits")
    if rate < least_rate:
        raise BadFileError(path, f"{rate} samples a second, expected at least {least_rate}")
    seconds = file.getnframes() / rate
    if seconds < least:
        raise BadFileError(path, f"{seconds:.3g} seconds, too short: expected at least {least:g}")
    if seconds > most:
        raise BadFileError(path, f"{seconds:.3g} seconds, too long: expected at most {most:g}; cut the word out")


def _in_words(error: str) -> str:
    """What Python's ``wave`` says, in words: “unknown format: 3” is floating point."""
    number = error.rpartition(":")[2].strip()
    if error.startswith("unknown format") and number.isdigit():
        return f"the samples are {ENCODINGS.get(int(number), f'of format {number}')}, not PCM"
    return f"not a WAV file ({error})"
