"""A file of weights, opened: names, shapes and tensors, whatever its form. Nothing in it is ever executed."""

import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor

from rnnviz.checkpoints.guard import refuse_archive, refuse_old_form, refuse_size
from rnnviz.files.errors import BadFileError

MAPPED_BYTES = 256_000_000  # larger files are not read whole
LARGEST_HEADER = 20_000_000  # bytes of a safetensors header
DEEPEST = 8  # dictionaries in dictionaries
MOST_NAMES = 200_000
KEY_LETTERS = 300
FLOATS = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}  # of safetensors


@dataclass(frozen=True)
class Opened:
    """Floating-point tensors by name. ``tensor`` reads one; it may share memory with the file."""

    path: Path
    form: str
    shapes: Mapping[str, tuple[int, ...]]
    tensor: Callable[[str], Tensor]


def open_checkpoint(path: Path) -> Opened:
    """Open a state_dict in a `.pt`, `.pth` or `.safetensors` file, or whatever dictionary has one in it.

    Names of dictionaries in dictionaries are joined by points. Raises BadFileError with a sentence for everything
    else, whatever is in the file, before much memory is taken.
    """
    size = refuse_size(path)
    try:
        return _opened(path, size)
    except BadFileError:
        raise
    except Exception as error:  # whatever it is that such a file makes of a library
        raise BadFileError(path, f"cannot be opened: {_first_line(error)}; expected a state_dict") from error


def _opened(path: Path, size: int) -> Opened:
    if path.suffix.lower() == ".safetensors":
        return _safetensors(path, size)
    archive = zipfile.is_zipfile(path)
    if archive:
        refuse_archive(path, size)
    else:
        refuse_old_form(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch, about its own storages
        mapped = archive and size > MAPPED_BYTES
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    tensors = dict(_tensors(content))
    if not tensors:
        found = type(content).__name__
        raise BadFileError(path, f"it holds a {found} without weights by name, expected a state_dict")
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    return Opened(path, "PyTorch", shapes, tensors.__getitem__)


def _safetensors(path: Path, size: int) -> Opened:
    with path.open("rb") as file:
        header = int.from_bytes(file.read(8), "little")
    if header > min(size - 8, LARGEST_HEADER):
        found = f"its header claims {header:,} bytes, but the file has {size:,}"
        raise BadFileError(path, f"{found}, expected a header of at most {LARGEST_HEADER:,} and no more than the file")
    shapes: dict[str, tuple[int, ...]] = {}
    with safe_open(path, "pt") as file:
        for name in file.keys():  # noqa: SIM118  # it is no mapping
            part = file.get_slice(name)
            if part.get_dtype() in FLOATS:
                shapes[name] = tuple(part.get_shape())
    if not shapes:
        raise BadFileError(path, "it holds no floating-point numbers, expected a state_dict")

    def tensor(name: str) -> Tensor:
        with safe_open(path, "pt") as again:
            found: Tensor = again.get_tensor(name)
            return found

    return Opened(path, "safetensors", shapes, tensor)


def _tensors(content: Any) -> Iterator[tuple[str, Tensor]]:
    """Every floating-point tensor in nested dictionaries, each of which is entered once."""
    seen: set[int] = set()
    waiting: list[tuple[str, Any, int]] = [("", content, 0)]
    names = 0
    while waiting:
        prefix, found, depth = waiting.pop()
        if not isinstance(found, Mapping) or id(found) in seen or depth > DEEPEST:
            continue
        seen.add(id(found))
        for key, value in found.items():
            names += 1
            if names > MOST_NAMES:
                raise ValueError(f"it has more than {MOST_NAMES:,} names")
            if not isinstance(key, str) or len(key) > KEY_LETTERS:
                continue
            if isinstance(value, Tensor):
                if _is_plain(value):
                    yield prefix + key, value.detach()
            else:
                waiting.append((f"{prefix}{key}.", value, depth + 1))


def _is_plain(tensor: Tensor) -> bool:
    """Whether these are numbers that are all there: a view may claim more of them than its memory holds."""
    if tensor.layout != torch.strided or not tensor.is_floating_point() or tensor.device.type != "cpu":
        return False
    return tensor.numel() * tensor.element_size() <= tensor.untyped_storage().nbytes()


def _first_line(error: Exception) -> str:
    words = str(error).strip().split("\n", 1)[0][:200]
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
