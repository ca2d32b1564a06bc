"""Weights that other programs wrote are found, opened and read by the same formulas."""

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.checkpoints import describe_checkpoint, inspect, open_checkpoint
from rnnviz.checkpoints.layers import build_layers
from rnnviz.files.errors import BadFileError
from rnnviz.tracing.trace import trace_layers
from tests.builders import normal
from tests.unit.foreign import PROGRAMS, plain, safe


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_trace_of_loaded_layers_is_what_torch_computes_with_the_saved_module(program, tmp_path):
    written = program(tmp_path)
    opened = open_checkpoint(written.path)
    stack = inspect(opened).stack(written.stack)
    layers = build_layers(opened, stack)
    x = normal(9, stack.inputs, dtype=layers[0][0].weights.w_hh.dtype)
    trace = trace_layers(layers, x)
    found = np.concatenate([layer.hidden for layer in trace.layers if layer.layer == stack.depth - 1], axis=1)
    wanted = written.hidden(x).numpy()
    assert found.dtype == wanted.dtype
    relative = np.linalg.norm(found - wanted, axis=1) / np.linalg.norm(wanted, axis=1)
    assert relative.max() < (1e-14 if found.dtype == np.float64 else 1e-6)


@pytest.mark.parametrize("program", PROGRAMS)
def test_gradients_of_loaded_layers_are_those_of_autograd(program, tmp_path):
    written = program(tmp_path)
    opened = open_checkpoint(written.path)
    stack = inspect(opened).stack(written.stack)
    layers = build_layers(opened, stack)
    x = normal(6, stack.inputs, dtype=layers[0][0].weights.w_hh.dtype)
    trace = trace_layers(layers, x, lambda top: top.square().sum(-1))
    top = [layer for layer in trace.layers if layer.layer == stack.depth - 1]
    wanted = 2 * written.hidden(x).numpy()
    found = np.concatenate([layer.hidden_grads_direct for layer in top], axis=1)
    np.testing.assert_allclose(found, wanted, rtol=2e-6, atol=1e-7)


def found_in(state, folder):
    path = folder / "some.pt"
    torch.save(state, path)
    return inspect(open_checkpoint(path))


def test_layers_directions_sizes_and_gate_order_are_told(tmp_path):
    told = describe_checkpoint(plain(tmp_path).path)
    (stack,) = told["stacks"]
    assert (stack["made_of"], stack["layers"], stack["directions"]) == ("nn.GRU", 2, 2)
    assert (stack["inputs"], stack["hidden"], stack["bias"]) == (6, [5] * 4, True)
    assert stack["gate_order"] == "r, z, n"
    assert [entry["name"] for entry in stack["embeddings"]] == ["embed.weight"]
    assert stack["readouts"] == [{"name": "head.weight", "shape": [11, 10], "bias": True}]


def test_the_kind_follows_from_rows_over_units(tmp_path):
    modules = {"a": nn.RNN(2, 3, nonlinearity="relu"), "b": nn.GRU(2, 3), "c": nn.LSTM(2, 3), "d": nn.GRUCell(2, 3)}
    stacks = found_in(nn.ModuleDict(modules).state_dict(), tmp_path).stacks
    assert [stack.made_of for stack in stacks] == ["nn.RNN", "nn.GRU", "nn.LSTM", "nn.GRUCell"]
    assert [stack.cells for stack in stacks[:3]] == [("rnn_tanh", "rnn_relu"), ("gru", "gru_textbook"), ("lstm",)]


def test_tanh_or_relu_is_chosen_because_weights_do_not_tell(tmp_path):
    module = nn.RNN(2, 3, nonlinearity="relu")
    path = tmp_path / "relu.pt"
    torch.save(module.state_dict(), path)
    opened = open_checkpoint(path)
    (stack,) = inspect(opened).stacks
    x = normal(5, 2)
    hidden = trace_layers(build_layers(opened, stack, "rnn_relu"), x).layers[0].hidden
    np.testing.assert_array_equal(hidden, module(x)[0].detach().numpy())
    with pytest.raises(ValueError, match="cell is 'lstm', expected one of rnn_tanh, rnn_relu"):
        build_layers(opened, stack, "lstm")


def test_a_module_that_was_saved_by_itself_has_no_name(tmp_path):
    (stack,) = found_in(nn.LSTM(2, 3).state_dict(), tmp_path).stacks
    assert (stack.name, stack.title) == ("", "the module itself")


def test_half_precision_is_widened(tmp_path):
    module = nn.LSTM(2, 3).to(torch.bfloat16)
    path = tmp_path / "half.pt"
    torch.save(module.state_dict(), path)
    opened = open_checkpoint(path)
    layers = build_layers(opened, inspect(opened).stacks[0])
    assert layers[0][0].weights.w_hh.dtype == torch.float32
    assert torch.equal(layers[0][0].weights.w_hh, module.weight_hh_l0.detach().float())


def test_the_form_from_before_torch_1_6_opens_too(tmp_path):
    path = tmp_path / "old.pt"
    torch.save(nn.GRU(2, 3).state_dict(), path, _use_new_zipfile_serialization=False)
    assert inspect(open_checkpoint(path)).stacks[0].made_of == "nn.GRU"


def test_a_projection_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(BadFileError, match=r"layer 1 has weight_hr: an LSTM with proj_size, .* without a projection"):
        found_in(nn.LSTM(4, 6, proj_size=3).state_dict(), tmp_path)


def test_what_cannot_be_opened_is_told_beside_what_can(tmp_path):
    facts = found_in(nn.ModuleDict({"good": nn.GRU(2, 3), "bad": nn.LSTM(4, 6, proj_size=3)}).state_dict(), tmp_path)
    assert [stack.name for stack in facts.stacks] == ["good"]
    assert facts.refused[0].startswith("bad: layer 1 has weight_hr")


LSTM = {name: tuple(tensor.shape) for name, tensor in nn.LSTM(2, 3, 2, bidirectional=True).state_dict().items()}

CONTRADICTIONS = [
    ({"weight_hh_l0": None}, "layer 1 has no weight_hh, expected"),
    ({"bias_hh_l0": None}, "layer 1 has no bias_hh, expected weight_ih and weight_hh, and both biases or none"),
    ({"bias_ih_l1": (11,)}, r"layer 2: bias_ih is \(11,\), expected \(12,\)"),
    ({"weight_ih_l0": (9, 2)}, r"layer 1: weight_ih is \(9, 2\), expected 12 rows"),
    ({"weight_hh_l0": (12, 5)}, r"weight_hh is \(12, 5\), expected H rows \(RNN\), 3·H \(GRU\) or 4·H \(LSTM\)"),
    ({"weight_hh_l0": (6, 3)}, r"weight_hh is \(6, 3\), expected H rows"),
    ({"weight_hh_l0": (12, 3, 1)}, r"weight_hh is \(12, 3, 1\), expected rows and columns"),
    ({"weight_hh_l0": (0, 0)}, r"weight_hh is \(0, 0\), expected rows and columns"),
    ({"weight_ih_l1": (12, 7)}, "layer 2 has 3 units and reads 7 numbers, expected 3 and 6"),
    ({name: None for name in LSTM if name.endswith("l1_reverse")}, "some layers read from both ends"),
    ({name: None for name in LSTM if "l0" in name}, "it has layers 1, expected them to be counted from 0"),
]


@pytest.mark.parametrize(("change", "sentence"), CONTRADICTIONS)
def test_missing_and_contradicting_shapes_are_told(change, sentence, tmp_path):
    shapes = {name: shape for name, shape in {**LSTM, **change}.items() if shape is not None}
    with pytest.raises(BadFileError, match=sentence):
        found_in({name: torch.zeros(shape) for name, shape in shapes.items()}, tmp_path)


def test_a_file_without_recurrent_layers_says_what_is_in_it(tmp_path):
    with pytest.raises(BadFileError, match=r"none of its 2 tensors \('weight', 'bias', …\) is named like a recurrent"):
        found_in(nn.Linear(2, 3).state_dict(), tmp_path)


def test_weights_that_are_not_finite_are_refused(tmp_path):
    module = nn.LSTM(2, 3)
    module.weight_hh_l0.data[0, 0] = torch.nan
    path = tmp_path / "nan.pt"
    torch.save(module.state_dict(), path)
    opened = open_checkpoint(path)
    with pytest.raises(BadFileError, match="'weight_hh_l0' has 1 numbers that are not finite"):
        build_layers(opened, inspect(opened).stacks[0])


def test_safetensors_are_read_one_by_one(tmp_path):
    written = safe(tmp_path)
    opened = open_checkpoint(written.path)
    assert opened.form == "safetensors"
    assert torch.equal(opened.tensor("lstm.weight_hh_l0"), written.module.weight_hh_l0)
