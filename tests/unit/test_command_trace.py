"""rnnviz trace: what is inside a model of the user's own, as arrays in a file."""

import json

import numpy as np
import pytest

from rnnviz.cli import main
from rnnviz.domain.checkpoint import ModelChoice
from rnnviz.training.fixed import FixedModel
from tests.builders import normal
from tests.unit.foreign import parallel, plain, safe


@pytest.fixture
def text_and_vocabulary(tmp_path):
    (tmp_path / "v.txt").write_text("\n".join("abcdefghij ") + "\n")
    (tmp_path / "t.txt").write_text("a bad head faced a big cab")
    return ["--data", str(tmp_path / "t.txt"), "--vocabulary", str(tmp_path / "v.txt")]


def test_states_gates_and_gradients_are_written(tmp_path, text_and_vocabulary, capsys):
    path, out = plain(tmp_path).path, tmp_path / "trace.npz"
    assert main(["trace", str(path), *text_and_vocabulary, "--length", "9", "--out", str(out)]) == 0
    assert "the loss of predicting the next token" in capsys.readouterr().out
    ends = {"embedding": "embed.weight", "readout": "head.weight", "scalar": "next"}
    files = {"data": tmp_path / "t.txt", "vocabulary": tmp_path / "v.txt"}
    wanted = FixedModel(ModelChoice(path, "rnn", length=9, **ends, **files)).trace()
    with np.load(out, allow_pickle=False) as found:
        np.testing.assert_array_equal(found["losses"], wanted.losses)
        assert "".join(found["reading.tokens"]) == "a bad hea"
        for place, layer in enumerate(wanted.layers):
            np.testing.assert_array_equal(found[f"layers.{place}.hidden"], layer.hidden)
            np.testing.assert_array_equal(found[f"layers.{place}.hidden_grads"], layer.hidden_grads)
            np.testing.assert_array_equal(found[f"layers.{place}.gates.update"], layer.gates["update"])
            assert str(found[f"layers.{place}.direction"]) == layer.direction


def test_layer_and_scalar_are_chosen_by_name(tmp_path, capsys):
    out = tmp_path / "trace.npz"
    given = [str(parallel(tmp_path).path), "--layer", "cells.1", "--scalar", "unit", "--place", "2", "--json"]
    assert main(["trace", *given, "--out", str(out)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["layers"] == [{"cell": "lstm", "layer": 0, "direction": "forward"}]
    with np.load(out) as found:
        assert told["loss"] == pytest.approx(found["layers.0.hidden"][-1, 2])


def test_rows_of_numbers_come_from_an_array(tmp_path):
    written, rows = safe(tmp_path), normal(7, 3).double()
    np.save(tmp_path / "rows.npy", rows.numpy())
    out = tmp_path / "trace.npz"
    assert main(["trace", str(written.path), "--data", str(tmp_path / "rows.npy"), "--out", str(out)]) == 0
    with np.load(out) as found:
        both = np.concatenate([found["layers.0.hidden"], found["layers.1.hidden"]], axis=1)
    np.testing.assert_allclose(both, written.hidden(rows).numpy(), rtol=1e-13)


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--layer", "lstm"], 2, "layer is 'lstm', expected one of 'rnn'"),
        (["--data", "t.txt"], 2, "vocabulary is not set"),
        (["--reads", "fc"], 2, "embedding is 'fc', expected what fits rnn: 'embed.weight'"),
        (["--data", "none.npy"], 3, "none.npy: does not exist"),
        (["--out", "t.txt/folder.npz"], 4, "cannot be written"),
    ],
)
def test_what_does_not_fit_is_told(options, code, sentence, tmp_path, capsys, monkeypatch):  # noqa: PLR0917
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.txt").write_text("abc")
    assert main(["trace", str(plain(tmp_path).path), "--out", "o.npz", *options]) == code
    assert sentence in capsys.readouterr().err
