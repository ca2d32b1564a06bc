"""How weights begin, and how many there are."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from rnnviz.cells import CELLS
from rnnviz.networks import build_network
from rnnviz.networks.scan import ScanLayer
from tests.builders import TORCH_CELLS, config, trainer

VOCABULARY = 7
EVERY = pytest.mark.parametrize("cell", CELLS)


def layers(**changes):
    """The parameters of each recurrent layer, as arrays by their name without the ending."""
    network = build_network(config(**changes), VOCABULARY)
    return [
        {name.removesuffix("_l0"): parameter.detach().numpy() for name, parameter in layer.named_parameters()}
        for layer in network.layers
    ]


def gate_blocks(array, cell):
    return np.split(array, CELLS[cell].blocks)


@EVERY
@pytest.mark.parametrize("gain", [0.5, 1.0, 1.7])
def test_orthogonal_makes_every_gate_a_rotation_times_the_gain(cell, gain):
    for layer in layers(cell=cell, init="orthogonal", gain=gain, layers=2, hidden=10):
        blocks = gate_blocks(layer["weight_hh"], cell)
        assert {block.shape for block in blocks} == {(10, 10)}
        for block in blocks:
            np.testing.assert_allclose(np.linalg.svd(block, compute_uv=False), gain, rtol=1e-5)


@EVERY
def test_identity_makes_every_gate_the_identity_times_the_gain(cell):
    for layer in layers(cell=cell, init="identity", gain=1.5, layers=2):
        for block in gate_blocks(layer["weight_hh"], cell):
            np.testing.assert_array_equal(block, 1.5 * np.eye(6))


@EVERY
def test_gaussian_has_the_gain_over_the_root_of_the_units_as_its_deviation(cell):
    for block in gate_blocks(layers(cell=cell, init="gaussian", gain=1.5, hidden=200)[0]["weight_hh"], cell):
        # 40 000 draws: the deviation is within 1/√80 000 = 0.35 % of itself, four of these are allowed.
        assert block.std() == pytest.approx(1.5 / math.sqrt(200), rel=0.015)
        assert abs(block.mean()) < 4 * 1.5 / math.sqrt(200) / 200
        assert np.abs(block).max() > 3 * 1.5 / math.sqrt(200)  # a uniform draw ends at 1.7


@EVERY
def test_pascanu_makes_all_weights_normal_and_all_biases_zero(cell):
    network = build_network(config(cell=cell, init="pascanu", gain=2.0, forget_bias=None, hidden=200), VOCABULARY)
    for name, parameter in network.named_parameters():
        if "bias" in name:
            assert not parameter.any()
        elif not name.startswith("embedding"):
            # At least 1400 draws: the deviation is within 1/√2800 = 1.9 % of itself, four of these are allowed.
            assert float(parameter.detach().std()) == pytest.approx(0.2, rel=0.08)


def test_pascanu_leaves_the_forget_bias_to_its_setting():
    (found,) = layers(init="pascanu", forget_bias=2.0)
    np.testing.assert_array_equal(found["bias_ih"].reshape(4, 6)[1], 2.0)
    np.testing.assert_array_equal(found["bias_ih"].reshape(4, 6)[[0, 2, 3]], 0.0)


@EVERY
def test_without_an_embedding_tokens_are_read_as_a_one_among_zeros(cell):
    network = build_network(config(cell=cell, embedding=0), VOCABULARY, 3)
    assert not [name for name, _ in network.named_parameters() if name.startswith("embedding")]
    assert network.layers[0].get_parameter("weight_ih_l0").shape == (CELLS[cell].blocks * 6, VOCABULARY)
    tokens = torch.tensor([[2, 0, 6]])
    torch.testing.assert_close(network.embedding(tokens)[0], torch.eye(VOCABULARY)[[2, 0, 6]], rtol=0, atol=0)
    assert network(tokens).logits.shape == (1, 3, 3)


@pytest.mark.parametrize("cell", TORCH_CELLS)
def test_default_is_torchs_own_beginning(cell):
    found = layers(cell=cell, forget_bias=None, gain=3.0, seed=4, layers=2)
    torch_cell = CELLS[cell]
    kind = getattr(nn, torch_cell.torch_module)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        nn.Embedding(VOCABULARY, 5)
        expected = [kind(size, 6, **torch_cell.torch_options).state_dict() for size in (5, 6)]
    for ours, theirs in zip(found, expected, strict=True):
        assert set(ours) == {name.removesuffix("_l0") for name in theirs}
        for name, array in ours.items():
            np.testing.assert_array_equal(array, theirs[f"{name}_l0"].numpy())


@pytest.mark.parametrize("init", ["orthogonal", "gaussian", "identity"])
def test_only_the_recurrent_weights_depend_on_the_choice(init):
    (plain,), (chosen,) = layers(forget_bias=None), layers(forget_bias=None, init=init)
    for name in ("weight_ih", "bias_ih", "bias_hh"):
        np.testing.assert_array_equal(plain[name], chosen[name])
    assert not np.array_equal(plain["weight_hh"], chosen["weight_hh"])


@pytest.mark.parametrize("value", [-2.0, 0.0, 5.0])
def test_the_forget_bias_is_carried_by_one_of_torchs_two_biases(value):
    plain, biased = layers(forget_bias=None, layers=2), layers(forget_bias=value, layers=2)
    for before, after in zip(plain, biased, strict=True):
        forget = slice(6, 12)
        np.testing.assert_array_equal(after["bias_ih"][forget], value)
        np.testing.assert_array_equal(after["bias_hh"][forget], 0.0)
        for name in before:
            rest = np.ones(len(before[name]), bool)
            rest[forget] = name not in {"bias_ih", "bias_hh"}
            np.testing.assert_array_equal(after[name][rest], before[name][rest])


def test_a_cell_without_a_forget_gate_ignores_the_forget_bias():
    (plain,), (biased,) = (layers(cell="gru", forget_bias=value) for value in (None, 5.0))
    for name, array in plain.items():
        np.testing.assert_array_equal(array, biased[name])


def test_the_seed_alone_decides_the_weights():
    first, again, other = (layers(seed=seed)[0]["weight_ih"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_building_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    build_network(config(init="gaussian"), VOCABULARY)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("cell", "hidden", "inputs", "count"),
    [("rnn_tanh", 32, 32, 2112), ("rnn_relu", 32, 32, 2112), ("lstm", 50, 10, 12_400), ("gru", 50, 10, 9300)],
)
def test_a_layer_has_the_known_number_of_parameters(cell, hidden, inputs, count):
    """blocks · (H·D + H·H + 2·H): torch's two biases, so 32 and 200 more than one-biased libraries have."""
    network = build_network(config(cell=cell, hidden=hidden, embedding=inputs), VOCABULARY)
    assert sum(parameter.numel() for parameter in network.layers[0].parameters()) == count
    assert sum(parameter.numel() for parameter in ScanLayer(CELLS[cell], inputs, hidden).parameters()) == count


def test_a_run_counts_its_embedding_and_readout_too():
    facts = trainer(cell="gru", hidden=50, embedding=10, layers=2).facts
    assert facts.parameters == 8 * 10 + 9300 + 3 * (50 * 50 * 2 + 2 * 50) + 50 * 8 + 8
    assert facts.chance.loss == pytest.approx(math.log(8))
    assert facts.vocabulary == tuple(" dehlorw")
