"""Where a run that left the numbers began to do so: each kind is provoked, and found where it was put."""

import math

import numpy as np
import pytest
import torch

from rnnviz.cells import CELLS
from rnnviz.domain.post_mortem import PostMortem
from rnnviz.training.trainer import DivergedError
from tests.builders import text_file, trainer


@pytest.fixture
def story(tmp_path):
    return {"task": "text", "file": text_file(tmp_path)}


def diverged(run, updates=1):
    with pytest.raises(DivergedError) as caught:
        list(run.updates(updates))
    return caught.value


def poisoned(run, name, index, value):
    """Put ``value`` into one entry of a weight."""
    with torch.no_grad():
        run.network.get_parameter(name)[index] = value


def by_hand(run, inputs):
    """States (T, B, H) of a one-layer ReLU network, token by token in float32."""
    layer = run.network.layers[0]
    w_ih, w_hh, b_ih, b_hh = (
        layer.get_parameter(f"{name}_l0") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    with torch.no_grad():
        x, h = run.network.embedding(inputs), torch.zeros(len(inputs), len(w_hh))
        states = []
        for token in range(inputs.shape[1]):
            h = (x[:, token] @ w_ih.T + b_ih + h @ w_hh.T + b_hh).relu()
            states.append(h)
    return torch.stack(states).numpy()


def test_a_relu_network_with_a_huge_rate_overflows_at_the_token_that_is_told(story):
    run = trainer(cell="rnn_relu", clip="off", optimizer="sgd", rate=1000.0, length=40, **story)
    error = diverged(run, 50)
    found = error.post_mortem
    assert (found.pass_, found.layer, found.gate) == ("forward", 0, "hidden")
    twin = trainer(length=40, **story)  # draws the same batches; the refused one is the last
    inputs = [twin._data.draw()[0] for _ in range(found.update)][-1]
    bad = ~np.isfinite(by_hand(run, inputs)).all(axis=2)  # (T, B)
    assert found.token == bad.any(axis=1).argmax()
    assert found.sequence == bad[found.token].argmax()
    assert str(error).startswith(
        f"Update {found.update}: the hidden state of layer 1 overflowed at token {found.token} "
        f"(sequence {found.sequence + 1} of the batch); the loss has a"
    )
    assert str(error).endswith(
        f"The weights are still those of update {found.update - 1}; lower the rate or clip the gradient, then go on."
    )


def test_a_state_that_doubles_at_every_token_overflows_where_arithmetic_says():
    """With h_1 = 1 and h_t = 2 h_{t-1}, the 129th state is 2^128, the first beyond float32."""
    run = trainer(cell="rnn_relu", hidden=2, init="identity", gain=2.0, length=140, layers=2)
    for depth in range(2):
        for name in ("bias_ih_l0", "bias_hh_l0", "weight_ih_l0"):
            run.network.layers[depth].get_parameter(name).data.zero_()
    # In the second layer alone: the first one stays at zero.
    poisoned(run, "layers.1.bias_ih_l0", 0, 1e-3)
    found = diverged(run).post_mortem
    # h_t = 1e-3 (2^t − 1) with t from 1: beyond 2^128 first at t = 138.
    assert (found.pass_, found.layer, found.gate, found.token, found.sequence) == ("forward", 1, "hidden", 137, 0)
    assert found.found == "an infinite value"


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_a_weight_that_is_no_number_is_felt_where_its_column_is_first_used(cell, value, story):
    """W_hh of layer 2 is multiplied by h = 0 at the first token, and infinity times 0 is not a number."""
    run = trainer(cell=cell, layers=2, **story)
    list(run.updates(2))
    poisoned(run, "layers.1.weight_hh_l0", (0, 0), value)
    found = diverged(run).post_mortem
    first = CELLS[cell].gates[0].name if CELLS[cell].gates else "hidden"
    assert found == PostMortem(3, "the loss", "a NaN", "forward", 1, first, 0, 0, "a NaN")


def test_an_embedding_that_overflowed_names_the_letter_and_the_sequence(story):
    run = trainer(batch=5, **story)
    inputs = trainer(batch=5, **story)._data.draw()[0]
    counts = {code: int((inputs == code).sum()) for code in inputs.flatten().tolist()}
    rare = min(counts, key=counts.get)
    poisoned(run, "embedding.weight", (rare, 0), math.inf)
    found = diverged(run).post_mortem
    token = int((inputs == rare).any(0).int().argmax())
    assert (found.pass_, found.layer, found.gate, found.token) == ("forward", None, "embedding", token)
    assert found.sequence == int((inputs[:, token] == rare).int().argmax())


@pytest.mark.parametrize(("value", "verb"), [(math.inf, "overflowed"), (math.nan, "became a NaN")])
def test_a_readout_that_is_no_number_shows_in_the_logits(value, verb):
    run = trainer()
    poisoned(run, "readout.bias", 0, value)
    error = diverged(run)
    assert error.post_mortem.gate == "logits"
    assert str(error).startswith(
        f"Update 1: the logits {verb} at token 0 (sequence 1 of the batch); the loss has a NaN. The weights are"
    )


def test_a_gradient_that_overflows_on_the_way_back_is_found_nearest_the_end():
    """States of zero forward, a factor of 16 at every token backward: only the gradient leaves float32."""
    run = trainer(cell="rnn_tanh", hidden=2, init="identity", gain=16.0, length=40, batch=2, task="temporal_order")
    for name in ("bias_ih_l0", "bias_hh_l0", "weight_ih_l0"):
        run.network.layers[0].get_parameter(name).data.zero_()
    found = diverged(run).post_mortem
    # The gradient at the last token, of about 0.1, times 16^k is beyond 2^128 for k of about 33.
    with torch.no_grad():
        logits = run.network.readout(torch.zeros(2, 2)).softmax(-1)
        targets = trainer(length=40, batch=2, task="temporal_order")._data.draw()[1][:, -1]
        wrong = (logits - torch.nn.functional.one_hot(targets, 4)) / 2
        last = (wrong @ run.network.readout.weight).abs().max(1).values.double().numpy()
    steps = np.ceil((128 - np.log2(last)) / 4)
    assert (found.pass_, found.layer, found.gate) == ("backward", 0, "hidden")
    assert found.token == 39 - steps.min()
    assert found.sequence == steps.argmin()
    assert (
        "the gradient of the hidden state of layer 1 overflowed, on the way back through time, at token"
        in found.sentence
    )


def test_a_gradient_that_only_its_sum_or_a_hook_spoils_names_the_tensor_alone():
    run = trainer()
    run.network.get_parameter("readout.bias").register_hook(lambda gradient: gradient * math.nan)
    found = diverged(run).post_mortem
    assert found == PostMortem(1, "the gradient of readout.bias", "a NaN")
    assert found.sentence == "Update 1: the gradient of readout.bias has a NaN."


def test_a_step_that_overflows_names_the_tensor_alone():
    run = trainer(clip="off", optimizer="sgd", rate=1000.0)
    run.network.get_parameter("layers.0.weight_hh_l0").register_hook(lambda gradient: 1e38 * gradient)
    found = diverged(run).post_mortem
    assert found == PostMortem(1, "the step of layers.0.weight_hh_l0", "an infinite value")


def test_an_optimiser_that_would_be_poisoned_names_the_tensor_alone():
    run = trainer(clip="off", optimizer="adam")
    run.network.get_parameter("readout.weight").register_hook(lambda gradient: 1e30 * gradient)
    found = diverged(run).post_mortem
    assert found == PostMortem(1, "the gradient of readout.weight", "entries whose squares leave float32")


def test_after_a_post_mortem_a_run_can_go_back_to_before(story):
    run, alone = trainer(**story), trainer(**story)
    list(run.updates(2))
    list(alone.updates(2))
    good = run.snapshot()
    poisoned(run, "layers.0.weight_hh_l0", (0, 0), math.inf)
    diverged(run)
    run.restore(good)
    assert list(run.updates(3)) == list(alone.updates(3))
