"""Reading a text file that a user chose."""

from pathlib import Path

from rnnviz.files.errors import BadFileError

LARGEST_BYTES = 20_000_000


def read_text(path: Path) -> str:
    """Return the UTF-8 text in ``path``, its lines ending in a line feed; raise BadFileError when there is none."""
    data = _read_bytes(path)
    if not data:
        raise BadFileError(path, "the file is empty, expected UTF-8 text")
    if b"\0" in data:
        raise BadFileError(path, f"byte {data.index(0)} is zero, so this is a binary file, expected UTF-8 text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = len(data) - len(error.object) + error.start  # the codec counts from behind a byte order mark
        found = f"byte {byte} (0x{data[byte]:02x}) is not UTF-8"
        raise BadFileError(path, f"{found}, expected UTF-8 text; save the file as UTF-8") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise BadFileError(path, "the file has only white space, expected text")
    return text


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
