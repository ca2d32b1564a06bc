"""Reading a text file that a user chose."""

import re
from pathlib import Path
from typing import NamedTuple

from rnnviz.files.errors import BadFileError

LARGEST_BYTES = 20_000_000
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
LOOKED_AT = 100_000  # bytes


class Decoded(NamedTuple):
    """A text, and in which encoding it was written."""

    text: str
    encoding: str  # “UTF-8”, “UTF-8 with a mark”, “UTF-16”, “Windows-1252”
    guessed: bool = False  # nothing in the file says so; it is only possible


def read_text(path: Path) -> str:
    """Return the text in ``path``, its lines ending in a line feed; raise BadFileError when there is none.

    UTF-8, UTF-16 with its byte order mark, and what is neither but can be Windows-1252 (latin-1 with quotation marks):
    who reads the last tells so with `encoding_note`.
    """
    return read_decoded(path).text


def read_decoded(path: Path) -> Decoded:
    """The same with the encoding."""
    data = _read_bytes(path)
    if not data:
        raise BadFileError(path, "the file is empty, expected UTF-8 text")
    found = _decoded(path, data)
    text = found.text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise BadFileError(path, "the file has only white space, expected text")
    return found._replace(text=text)


def encoding_note(path: Path) -> str:
    """A sentence about an encoding that is not UTF-8, to put behind what is told of the file; else empty."""
    found = read_decoded(path)
    if found.guessed:
        return (
            f" It is not UTF-8 and was read as {found.encoding}, which is a guess: save it as UTF-8 if letters are odd."
        )
    return "" if found.encoding.startswith("UTF-8") else f" It was read as {found.encoding}."


def _decoded(path: Path, data: bytes) -> Decoded:
    if data[:2] in UTF_16_MARKS:
        try:
            return Decoded(data.decode("utf-16"), "UTF-16")
        except UnicodeDecodeError as error:
            found = f"it begins like UTF-16, but byte {error.start} is not"
            raise BadFileError(path, f"{found}, expected UTF-8 text; save the file as UTF-8") from error
    if b"\0" in data:
        raise BadFileError(path, f"byte {data.index(0)} is zero, so this is a binary file, expected UTF-8 text")
    try:
        marked = data.startswith(b"\xef\xbb\xbf")
        return Decoded(data.decode("utf-8-sig"), "UTF-8 with a mark" if marked else "UTF-8")
    except UnicodeDecodeError as error:
        byte = len(data) - len(error.object) + error.start  # the codec counts from behind a byte order mark
        guess = None if marked else _western(data)
        if guess is None:
            found = f"byte {byte} (0x{data[byte]:02x}) is not UTF-8"
            raise BadFileError(path, f"{found}, expected UTF-8 text; save the file as UTF-8") from error
        return guess


def _western(data: bytes) -> Decoded | None:
    """Read ``data`` as Windows-1252; None where it has what no text has in it, or mostly what is not ASCII."""
    if CONTROLS.search(data) or sum(byte > 127 for byte in data[:LOOKED_AT]) * 2 > len(data[:LOOKED_AT]):
        return None
    try:
        return Decoded(data.decode("cp1252"), "Windows-1252", guessed=True)
    except UnicodeDecodeError:
        return None


def _read_bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            # Opening a pipe or a device could block for ever.
            what = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "does not exist"
            raise BadFileError(path, f"{what}, expected a UTF-8 text file")
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise BadFileError(path, f"cannot be read: {error.strerror or error}") from error
    if len(data) > LARGEST_BYTES:
        raise BadFileError(path, f"larger than {LARGEST_BYTES // 1_000_000} MB, expected at most that; cut a part out")
    return data
