"""Files that mean harm, or took it: nothing in them runs, and what comes is a sentence."""

import io
import json
import os
import pickle
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.checkpoints import inspect, open_checkpoint
from rnnviz.checkpoints.layers import build_layers
from rnnviz.files.errors import BadFileError
from tests.unit.foreign import safe

MUTATIONS = 500


class Bomb:
    """Unpickled without care it would make a folder."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_the_bomb_would_go_off_elsewhere(tmp_path):
    """Otherwise the tests below would prove nothing."""
    pickle.loads(pickle.dumps(Bomb(tmp_path / "harm")))  # noqa: S301  # it is meant to
    assert (tmp_path / "harm").is_dir()


@pytest.mark.parametrize("new_form", [True, False])
@pytest.mark.parametrize("protocol", [2, 4])
def test_a_malicious_file_executes_nothing(tmp_path, new_form, protocol):
    path = tmp_path / "malicious.pt"
    state = {**nn.LSTM(2, 3).state_dict(), "bomb": Bomb(tmp_path / "harm")}
    torch.save(state, path, pickle_protocol=protocol, _use_new_zipfile_serialization=new_form)
    with pytest.raises(BadFileError, match="nothing was executed"):
        open_checkpoint(path)
    assert not (tmp_path / "harm").exists()


def test_a_bare_pickle_executes_nothing(tmp_path):
    path = tmp_path / "bare.pt"
    path.write_bytes(pickle.dumps(Bomb(tmp_path / "harm")))
    with pytest.raises(BadFileError, match=r"neither a file of torch\.save nor of safetensors"):
        open_checkpoint(path)
    assert not (tmp_path / "harm").exists()


def test_a_pickle_that_only_takes_memory_is_refused(tmp_path):
    path = tmp_path / "memory.pt"
    torch.save({"big": bytearray(8)}, path)
    with pytest.raises(BadFileError, match=r"it asks for '.*bytearray', which is more than weights"):
        open_checkpoint(path)


def test_a_whole_program_is_refused(tmp_path):
    path = tmp_path / "whole.pt"
    torch.save(nn.LSTM(2, 3), path)
    with pytest.raises(BadFileError, match=r"'torch\.nn\.modules\.rnn\.LSTM', which is more than weights"):
        open_checkpoint(path)


def archive(path, entries, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = archive(tmp_path / "bomb.pt", {"a/data.pkl": b"\0" * 50_000_000}, zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    with pytest.raises(BadFileError, match=r"is compressed to .* of 50,000,000 bytes, expected nothing compressed"):
        open_checkpoint(path)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_a_torchscript_program_is_refused(tmp_path):
    path = archive(tmp_path / "script.pt", {"a/data.pkl": b"", "a/code/x.py": b"", "a/constants.pkl": b""})
    with pytest.raises(BadFileError, match="it is a TorchScript program"):
        open_checkpoint(path)


def test_an_ordinary_archive_is_refused(tmp_path):
    path = archive(tmp_path / "photos.pt", {"a.jpg": b"x"})
    with pytest.raises(BadFileError, match=r"the archive has 0 entries data\.pkl"):
        open_checkpoint(path)


def test_a_view_that_claims_more_numbers_than_it_has_is_passed_over(tmp_path):
    path = tmp_path / "view.pt"
    torch.save({"weight_hh_l0": torch.zeros(1).expand(40_000_000, 10_000_000), "w": torch.zeros(2)}, path)
    assert list(open_checkpoint(path).shapes) == ["w"]


def test_dictionaries_that_hold_themselves_end(tmp_path):
    state = dict(nn.GRU(2, 3).state_dict())
    for key in "abcdefgh":
        state[key] = state
    path = tmp_path / "loop.pt"
    torch.save(state, path)
    assert inspect(open_checkpoint(path)).stacks[0].made_of == "nn.GRU"


@pytest.mark.parametrize("claimed", [10**12, 2**63, 1000])
def test_a_safetensors_header_longer_than_the_file_is_refused(tmp_path, claimed):
    path = tmp_path / "header.safetensors"
    path.write_bytes(struct.pack("<Q", claimed) + b"{}" + b" " * 100)
    with pytest.raises(BadFileError, match=rf"its header claims {claimed:,} bytes, but the file has 110"):
        open_checkpoint(path)


def test_a_safetensors_tensor_longer_than_the_file_is_refused(tmp_path):
    header = json.dumps({"a": {"dtype": "F32", "shape": [10**9, 10**3], "data_offsets": [0, 4 * 10**12]}}).encode()
    path = tmp_path / "long.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(BadFileError, match="cannot be opened: "):
        open_checkpoint(path)


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04", b"\x80\x02}q\0."])
@pytest.mark.parametrize("name", ["a.pt", "a.pth", "a.safetensors"])
def test_stumps_are_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadFileError, match="expected"):
        open_checkpoint(path)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(BadFileError, match="is a folder, expected a file of weights"):
        open_checkpoint(tmp_path)
    with pytest.raises(BadFileError, match="does not exist"):
        open_checkpoint(tmp_path / "none.pt")


def saved(form):
    module, file = nn.LSTM(2, 3), io.BytesIO()
    torch.save(module.state_dict(), file, _use_new_zipfile_serialization=form)
    return file.getvalue()


def whole_file(kind, folder):
    if kind == "safetensors":
        return safe(folder).path.read_bytes()
    return saved(kind == "archive")


def open_and_build(path):
    """Whether it opens; a BadFileError with a sentence is the only other end."""
    sentence = ""
    try:
        opened = open_checkpoint(path)
        build_layers(opened, inspect(opened).stacks[0])
    except BadFileError as error:
        sentence = str(error)
    assert not sentence or (sentence.startswith(f"{path}: ") and "expected" in sentence)
    return not sentence


KINDS = pytest.mark.parametrize("kind", ["archive", "old form", "safetensors"])
SUFFIX = {"safetensors": "a.safetensors"}


@KINDS
def test_files_with_flipped_bits_open_or_end_in_a_sentence(kind, tmp_path):
    whole, random = whole_file(kind, tmp_path), np.random.default_rng(1)
    path, refused = tmp_path / SUFFIX.get(kind, "a.pt"), 0
    for _ in range(MUTATIONS):
        content = bytearray(whole)
        for place in random.integers(0, len(whole), random.integers(1, 4)):
            content[place] ^= 1 << int(random.integers(8))
        path.write_bytes(content)
        refused += not open_and_build(path)
    assert refused > MUTATIONS // 5


@KINDS
def test_truncated_files_end_in_a_sentence(kind, tmp_path):
    whole, path = whole_file(kind, tmp_path), tmp_path / SUFFIX.get(kind, "a.pt")
    for length in np.linspace(0, len(whole) - 1, MUTATIONS).astype(int):
        path.write_bytes(whole[:length])
        assert not open_and_build(path)
