"""`rnnviz.watch` in loops of every habit: it changes nothing, and what it records is what happened."""

import math

import numpy as np
import pytest
import torch

import rnnviz
from rnnviz.domain.trace import LayerTrace
from rnnviz.state.history import History
from rnnviz.state.history_table import norms
from tests.builders import relative_errors
from tests.unit.loops import BATCH, LOOPS, OPTIMIZERS, batch, trained

GATES = {"lstm": ("input", "forget", "candidate", "output"), "gru": ("reset", "update", "candidate")}


def bits(model: torch.nn.Module) -> list[bytes]:
    tensors = [*model.parameters(), *(parameter.grad for parameter in model.parameters())]
    return [tensor.detach().numpy().tobytes() for tensor in tensors]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", LOOPS)
def test_weights_gradients_and_losses_are_the_same_bits_with_and_without(tmp_path, name, optimizer):
    alone, losses, _ = trained(name, None, optimizer=optimizer)
    random = torch.random.get_rng_state()
    watched, losses_watched, watch = trained(name, tmp_path / "run.rnnviz", optimizer=optimizer)
    assert bits(watched) == bits(alone)
    assert torch.equal(torch.stack(losses), torch.stack(losses_watched))
    assert torch.equal(torch.random.get_rng_state(), random)
    assert watch.standing.in_words == ""
    assert not any(module._forward_hooks for module in watched.modules())


@pytest.mark.parametrize("name", LOOPS)
def test_every_update_is_recorded_with_its_norms_in_float64(tmp_path, name):
    model, losses, _ = trained(name, tmp_path / "run.rnnviz")
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        records, traces, standing = recording.records(), recording.traces(), recording.standing
    assert [record.update for record in records] == [1, 2, 3, 4]
    assert traces == (1, 2, 3, 4)
    assert standing.ended
    assert [record.loss for record in records] == [float(loss) for loss in losses]
    norms = {name: float(p.grad.double().norm()) for name, p in model.named_parameters()}
    assert records[-1].grad_norms == pytest.approx(norms, rel=1e-12)
    assert records[-1].grad_norm == pytest.approx(math.hypot(*norms.values()), rel=1e-12)
    assert all(record.seconds > 0 for record in records)


def recurrent_gradient(layer: LayerTrace, model: torch.nn.Module) -> np.ndarray:
    """dL/dW_hh (G·H, H) by the textbook's sum over tokens, of a cell whose gates read h_{t−1} as it is."""
    names = GATES.get(layer.cell)
    tokens = range(len(layer.hidden))
    before = np.stack([layer.before(token)[0] for token in tokens])
    if names is None:
        slope = 1 - layer.hidden**2 if layer.cell == "rnn_tanh" else layer.hidden > 0
        return (layer.hidden_grads * slope).T @ before
    gradients = {name: layer.gate_grads[name] for name in names}
    if layer.cell == "gru":  # torch's candidate reads r ⊙ (W_hh h + b_hh)
        gradients["candidate"] = gradients["candidate"] * layer.gates["reset"]
    return np.concatenate([gradients[name] for name in names], axis=1).T @ before


@pytest.mark.parametrize("name", [name for name in LOOPS if "dropout" not in name and "packed" not in name])
def test_the_rebuilt_trace_of_a_batch_of_one_gives_the_weight_gradients_that_training_used(tmp_path, name):
    model, _, _ = trained(name, tmp_path / "run.rnnviz", size=1)
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        found = recording.rebuilt(4)
    single = hasattr(model, "cell")
    module = model.cell if single else model.rnn
    assert found.difference < 1e-6
    assert found.remark == ""
    for layer in found.trace.layers:
        suffix = "" if single else f"_l{layer.layer}" + ("_reverse" if layer.direction == "backward" else "")
        used = getattr(module, f"weight_hh{suffix}").grad.numpy()
        rebuilt = recurrent_gradient(layer, model)
        assert np.abs(rebuilt - used).max() <= 2e-6 * np.abs(used).max()


@pytest.mark.parametrize("name", ["gru, packed", "lstm, packed, both ways, deep"])
def test_of_a_packed_batch_the_first_sequence_is_recorded_without_its_padding(tmp_path, name):
    trained(name, tmp_path / "run.rnnviz")
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        captured, found = recording.captured(4), recording.rebuilt(4)
    assert np.array_equal(captured.of(0)["x"], batch(3)[0, :5].numpy())
    assert found.difference < 1e-6
    assert found.trace.tokens == 5


def test_gates_and_total_gradients_are_those_that_rnnviz_trace_finds(tmp_path):
    model, _, _ = trained("lstm, batch first, ends", None, updates=1)
    model.ends = False
    model.zero_grad()
    with rnnviz.watch(model, tmp_path / "run.rnnviz") as watch:
        loss = model(batch(0))
        loss.backward()
        watch.update(loss)
    expected = rnnviz.trace(model.rnn, batch(0)[0], lambda top: model.readout(top).square().sum(1) / (2 * 7 * BATCH))
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        layer = recording.trace(1).top
    top = expected.top
    assert relative_errors(layer.hidden_grads, top.hidden_grads).max() < 1e-5
    assert relative_errors(layer.hidden_grads_direct, top.hidden_grads_direct).max() < 1e-5
    assert relative_errors(layer.hidden_grads_last, top.hidden_grads_last).max() < 1e-5
    assert relative_errors(layer.cell_grads, top.cell_grads).max() < 1e-5
    for gate, values in top.gates.items():
        assert relative_errors(layer.gates[gate], values).max() < 1e-5


def test_where_only_the_last_token_is_asked_single_steps_have_no_direct_gradient_before(tmp_path):
    trained("gru cell, last", tmp_path / "run.rnnviz")
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        layer = recording.trace(4).top
    assert not layer.hidden_grads_direct[:-1].any()
    assert layer.hidden_grads_direct[-1].all()
    assert relative_errors(layer.hidden_grads_last, layer.hidden_grads).max() < 1e-5


def test_a_loss_that_asks_every_cell_state_of_single_steps_gives_the_total_gradients_of_autograd(tmp_path):
    cell = torch.nn.LSTMCell(3, 5).double()
    with rnnviz.watch(cell, tmp_path / "run.rnnviz") as watch:
        states, state = [], None
        for x in batch(0, 1).double().unbind(1):
            state = cell(x, state)
            states.append(state)
            for part in state:
                part.retain_grad()
        loss = sum(h.sum() + (token + 1) * (c**3).sum() for token, (h, c) in enumerate(states))
        loss.backward()
        watch.update(loss)
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        layer, subject = recording.trace(1).top, recording.rebuilt(1).subject
    assert relative_errors(layer.hidden_grads, torch.cat([h.grad for h, _ in states])).max() < 1e-13
    assert relative_errors(layer.cell_grads, torch.cat([c.grad for _, c in states])).max() < 1e-13
    assert np.abs(layer.hidden_grads_direct - 1).max() < 1e-13
    assert subject is None  # no study knows of losses of c


@pytest.mark.parametrize("kind", [torch.nn.RNNCell, torch.nn.LSTMCell, torch.nn.GRUCell])
def test_single_steps_end_where_their_state_is_taken_off_the_graph(tmp_path, kind):
    cell = kind(3, 5).double()
    with rnnviz.watch(cell, tmp_path / "run.rnnviz") as watch:
        states, state = [], None
        for token, x in enumerate(batch(0, 1).double().unbind(1)):
            state = cell(x, state)
            states.append(state[0] if isinstance(state, tuple) else state)
            states[-1].retain_grad()
            if token == 2:
                state = tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()
        loss = torch.cat(states).sum()
        loss.backward()
        watch.update(loss)
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        layer = recording.trace(1).top
    assert relative_errors(layer.hidden_grads, torch.cat([h.grad for h in states[:3]])).max() < 1e-13
    assert np.abs(layer.hidden_grads_direct - 1).max() < 1e-13


def test_dropout_between_layers_is_said_to_be_left_out(tmp_path):
    trained("lstm, dropout", tmp_path / "run.rnnviz")
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert "dropout between layers is left out here" in recording.rebuilt(4).remark


def test_influence_and_spectrum_can_be_made_of_a_recorded_update(tmp_path):
    from rnnviz.tracing.influence import InfluenceStudy  # noqa: PLC0415

    trained("gru, no bias", tmp_path / "run.rnnviz")
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        found = recording.rebuilt(4)
    influence = InfluenceStudy(found.subject).finish()
    own = np.diag(10.0 ** influence.log10_norms[0])
    assert own == pytest.approx(np.linalg.norm(found.trace.top.hidden_grads_direct, axis=1), rel=1e-5)
    assert influence.residuals[0] < 1e-5


def test_labels_of_the_tokens_are_shown(tmp_path):
    model, _, _ = trained("gru, no bias", None, updates=1)
    with rnnviz.watch(model, tmp_path / "run.rnnviz") as watch:
        loss = model(batch(0))
        loss.backward()
        watch.update(loss, tokens="letters")
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert recording.trace(1).reading.tokens == tuple("letters")


def test_hooks_are_there_only_when_a_trace_is_due(tmp_path):
    model, _, _ = trained("lstm", None, updates=1)
    with rnnviz.watch(model, tmp_path / "run.rnnviz", every=3600) as watch:
        assert len(model.rnn._forward_hooks) == 1
        for update in range(3):
            loss = model(batch(update))
            loss.backward()
            watch.update(loss)
            assert not model.rnn._forward_hooks
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert recording.traces() == (1,)
        assert recording.counts == (3, 3)


def test_a_forward_pass_without_a_graph_is_not_what_is_traced(tmp_path):
    model, _, _ = trained("lstm", None, updates=1)
    with rnnviz.watch(model, tmp_path / "run.rnnviz") as watch:
        with torch.no_grad():
            model(batch(50))  # a validation between two updates
        loss = model(batch(0))
        loss.backward()
        watch.update(loss)
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert np.array_equal(recording.captured(1).of(0)["x"], batch(0)[0].numpy())


def test_layers_choose_what_is_traced_and_wrong_names_are_refused(tmp_path):
    pair = torch.nn.ModuleDict({"encoder": torch.nn.GRU(3, 4), "decoder": torch.nn.LSTM(3, 4)})
    with rnnviz.watch(pair, tmp_path / "run.rnnviz", layers=["decoder"]):
        pass
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert [part.in_words for part in recording.facts.parts] == ["decoder: LSTM 3 → 4"]
    with pytest.raises(
        ValueError, match="layers has 'head', expected names of recurrent modules: 'encoder', 'decoder'"
    ):
        rnnviz.watch(pair, tmp_path / "other.rnnviz", layers=["head"])
    with pytest.raises(TypeError, match=r"model is int, expected a torch\.nn\.Module"):
        rnnviz.watch(3, tmp_path / "other.rnnviz")
    assert not (tmp_path / "other.rnnviz").exists()


def test_of_sequences_of_two_lengths_those_not_shown_are_named(tmp_path):
    encoder, decoder = torch.nn.GRU(3, 4), torch.nn.GRU(3, 4)
    pair = torch.nn.ModuleDict({"encoder": encoder, "decoder": decoder})
    with rnnviz.watch(pair, tmp_path / "run.rnnviz") as watch:
        _, h = encoder(batch(0))
        out, _ = decoder(batch(1)[:2], h)
        loss = out.sum()
        loss.backward()
        watch.update(loss)
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        found = recording.rebuilt(1)
    assert found.trace.tokens == 4
    assert "decoder (2 tokens)" in found.remark
    assert found.trace.top.hidden_grads[-1].any()  # through the state that the decoder began with


def test_a_projected_lstm_is_left_out_with_a_sentence(tmp_path):
    model = torch.nn.LSTM(3, 4, proj_size=2)
    with rnnviz.watch(model, tmp_path / "run.rnnviz"):
        pass
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        assert recording.facts.left_out == ("the model: a projected LSTM (proj_size) cannot be traced",)


def test_an_existing_file_is_never_overwritten(tmp_path, caplog):
    path = tmp_path / "run.rnnviz"
    path.write_text("mine")
    trained("rnn", path, updates=1)
    assert path.read_text() == "mine"
    assert (tmp_path / "run-2.rnnviz").exists()
    assert "is there already" in caplog.text


def test_what_is_clipped_after_the_record_is_not_known(tmp_path):
    trained("rnn", tmp_path / "run.rnnviz", updates=1)
    with rnnviz.Recording(tmp_path / "run.rnnviz") as recording:
        (record,) = recording.records()
    unknown = record.grad_norm_clipped, record.clip_coefficient, record.clip_cosine, record.share_clipped
    assert np.isnan(unknown).all()
    history = History()
    history.append(record)
    assert [column.name for column in norms("", history, ()).columns] == ["update", "‖gradient‖₂"]
