"""rnnviz verify: the equations against torch, and a sign when they disagree."""

import json

import pytest
import torch

from rnnviz.cells import CELLS
from rnnviz.checkpoints.verify import compare, verify_cells
from rnnviz.cli import main
from rnnviz.tracing.layer import Layer
from tests.builders import module
from tests.unit.foreign import plain, safe


def test_every_cell_agrees_with_torch_in_both_precisions():
    found = list(verify_cells())
    assert {entry.cell for entry in found} == {cell.title for cell in CELLS.values()}
    assert {entry.precision for entry in found} == {"float32", "float64"}
    for entry in found:
        largest = max(entry.values, entry.gates, entry.inputs, entry.recurrent)
        assert largest < (1e-13 if entry.precision == "float64" else 1e-5)


def test_another_cell_than_the_module_is_found_out():
    """Otherwise the test above would prove nothing."""
    gru = module("gru")
    wrong = compare("wrong", Layer(CELLS["gru_textbook"], gru))
    assert not wrong.passed
    assert wrong.values > 0.01


def test_all_cells_are_printed_with_their_errors(capsys):
    assert main(["verify"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["layer", "cell", "precision", "h", "gates,", "c", "∂L/∂x", "∂L/∂W_hh"]
    assert len(printed) == 2 + 2 * len(CELLS)
    assert printed[-1].startswith("All agree with torch")


def test_the_layers_of_a_model_are_verified_with_its_own_weights(tmp_path, capsys):
    assert main(["verify", str(safe(tmp_path).path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["passed"]
    assert told["torch"] == torch.__version__
    assert [entry["what"] for entry in told["layers"]] == ["lstm, layer 1", "lstm, layer 1 ←"]
    assert max(entry["values"] for entry in told["layers"]) < 1e-14


def test_disagreement_has_an_exit_code_of_its_own(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("rnnviz.checkpoints.verify.TOLERANCES", {torch.float32: 0.0, torch.float64: 0.0})
    assert main(["verify", str(plain(tmp_path).path)]) == 1
    assert "8 of 8 disagree with torch" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["none.pt", "bad.pt"])
def test_a_bad_file_is_told(tmp_path, capsys, name):
    (tmp_path / "bad.pt").write_bytes(b"x")
    assert main(["verify", str(tmp_path / name)]) == 3
    assert f"{name}: " in capsys.readouterr().err
