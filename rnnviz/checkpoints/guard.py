"""Looks at a file before torch does: sizes, checksums, and the names that its pickle would have looked up.

``torch.load(weights_only=True)`` runs nothing that it does not know. This adds what it leaves open: archives that
claim more than they hold, damaged weights, and objects of its own that take memory only.
"""

import pickletools
import re
import zipfile
from pathlib import Path
from typing import IO

from rnnviz.files.errors import BadFileError

LARGEST_BYTES = 8_000_000_000
LARGEST_PICKLE = 32_000_000  # bytes of names and shapes; large models have less than one million
MOST_ENTRIES = 100_000
LEGACY_PICKLES = 4  # magic number, protocol, system, the object; storages follow
LEGACY_MAGIC = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19"  # of files from before torch 1.6, behind the two bytes of a protocol
KNOWN = re.compile(
    r"collections OrderedDict|collections defaultdict|torch\._utils _rebuild_(tensor|tensor_v2|parameter)"
    r"|torch [A-Za-z0-9]*Storage|torch\.storage (Untyped|Typed)Storage|torch Size|torch device|torch Tensor"
    r"|torch\.nn\.parameter Parameter|_codecs encode|__builtin__ set|builtins set"
    r"|torch (float|double|half|bfloat|int|uint|long|short|bool|complex)[0-9a-z]*"
)


def refuse_size(path: Path) -> int:
    """Return the length of the file; raise BadFileError for none, for what is no file and for more than is sensible."""
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "does not exist"
            raise BadFileError(path, f"{what}, expected a file of weights")
        size = path.stat().st_size
    except OSError as error:
        raise BadFileError(path, f"cannot be read: {error.strerror or error}") from error
    if size > LARGEST_BYTES:
        found = f"{size / 1e9:.1f} GB"
        raise BadFileError(path, f"{found}, expected at most {LARGEST_BYTES / 1e9:.0f} GB; save the recurrent part")
    if not size:
        raise BadFileError(path, "the file is empty, expected weights")
    return size


def refuse_archive(path: Path, size: int) -> None:
    """Raise BadFileError unless ``path`` is an archive as torch.save makes them: whole, nothing compressed."""
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        _refuse_entries(path, entries, size)
        pickles = [entry for entry in entries if entry.filename.endswith("data.pkl")]
        if len(pickles) != 1:
            raise BadFileError(
                path, f"the archive has {len(pickles)} entries data.pkl, expected one, as torch.save makes"
            )
        if pickles[0].file_size > LARGEST_PICKLE:
            found = f"data.pkl has {pickles[0].file_size:,} bytes"
            raise BadFileError(path, f"{found}, expected names and shapes in at most {LARGEST_PICKLE:,}")
        damaged = archive.testzip()
        if damaged is not None:
            raise BadFileError(path, f"{damaged!r} in it is damaged (its checksum is wrong), expected a whole file")
        with archive.open(pickles[0]) as file:
            refuse_names(path, file)


def refuse_old_form(path: Path) -> None:
    """The same for the form from before torch 1.6: pickles one after the other."""
    with path.open("rb") as file:
        if LEGACY_MAGIC not in file.read(32):
            raise BadFileError(path, "neither a file of torch.save nor of safetensors, expected one of these")
        file.seek(0)
        for _ in range(LEGACY_PICKLES):
            refuse_names(path, file)


def refuse_names(path: Path, file: IO[bytes]) -> None:
    """Raise BadFileError for a pickle that asks for anything but tensors and plain containers."""
    for opcode, argument, _ in pickletools.genops(file):
        if opcode.name in {"STACK_GLOBAL", "INST", "OBJ", "NEWOBJ_EX", "EXT1", "EXT2", "EXT4"}:
            raise BadFileError(path, f"its pickle uses {opcode.name}, expected weights alone; nothing was executed")
        if opcode.name == "GLOBAL" and not KNOWN.fullmatch(str(argument)):
            wanted = str(argument).replace(" ", ".")[:80]
            raise BadFileError(
                path,
                f"it asks for {wanted!r}, which is more than weights (nothing was executed), "
                "expected a state_dict: torch.save(model.state_dict(), file)",
            )


def _refuse_entries(path: Path, entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise BadFileError(path, f"the archive has {len(entries):,} entries, expected at most {MOST_ENTRIES:,}")
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
            found = (
                f"{entry.filename[:80]!r} in it is compressed to {entry.compress_size:,} of {entry.file_size:,} bytes"
            )
            raise BadFileError(path, f"{found}, expected nothing compressed, as torch.save leaves it")
        if "/code/" in entry.filename or entry.filename.endswith("constants.pkl"):
            raise BadFileError(path, "it is a TorchScript program, expected a state_dict: weights alone")
    claimed = sum(entry.file_size for entry in entries)
    if claimed > size:
        raise BadFileError(path, f"its entries claim {claimed:,} bytes, but the file has {size:,}, expected no more")
