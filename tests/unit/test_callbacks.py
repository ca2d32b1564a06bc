"""The callbacks of the README for Lightning and Keras, run as they stand there.

Neither package is installed here: the smallest base classes stand in for them, with the hooks that the packages call,
in the order in which they call them.
"""

import re
import sys
import types
from pathlib import Path

import pytest
import torch
from torch import nn

import rnnviz
from tests.unit.loops import LOOPS, batch

README = Path(__file__).resolve().parents[2] / "README.md"


def example(word: str) -> str:
    """The one Python block of the README that has ``word`` in it."""
    (found,) = [
        block for block in re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL) if word in block
    ]
    return found


@pytest.fixture
def installed(monkeypatch):
    """Let ``import`` find a package that is made of these names."""

    def install(package, **names):
        module = types.ModuleType(package)
        for name, value in names.items():
            setattr(module, name, value)
        monkeypatch.setitem(sys.modules, package, module)

    return install


def read_back(path) -> tuple[int, float]:
    """How many updates there are, and how far the newest trace is from what the training saw."""
    with rnnviz.Recording(path) as recording:
        return recording.counts[0], recording.rebuilt(recording.traces()[-1]).difference


def test_the_lightning_callback_records_every_update(installed, tmp_path, monkeypatch):
    class Callback:
        def on_fit_start(self, trainer, pl_module): ...
        def on_before_backward(self, trainer, pl_module, loss): ...
        def on_after_backward(self, trainer, pl_module): ...
        def on_fit_end(self, trainer, pl_module): ...

    installed("lightning", Callback=Callback)
    monkeypatch.chdir(tmp_path)
    space = {}
    exec(example("import lightning"), space)  # noqa: S102  # the README of this very repository
    callback, module = space["Watch"]("run.rnnviz"), LOOPS["lstm"]()
    steps = torch.optim.SGD(module.parameters(), 0.1)
    callback.on_fit_start(None, module)
    for update in range(5):
        loss = module(batch(update))
        steps.zero_grad()
        callback.on_before_backward(None, module, loss)
        loss.backward()
        callback.on_after_backward(None, module)
        steps.step()
    callback.on_fit_end(None, module)
    count, difference = read_back(tmp_path / "run.rnnviz")
    assert count == 5
    assert difference < 1e-6


def test_the_keras_model_with_torch_as_its_backend_records_every_update(installed, tmp_path, monkeypatch):
    class Optimizer:
        def apply(self, gradients, variables):
            for gradient, variable in zip(gradients, variables, strict=True):
                variable.value.sub_(0.1 * gradient)

    class Variable:
        def __init__(self, parameter):
            self.value = parameter

    class Model(nn.Module):
        """Of Keras with the torch backend: a torch module whose ``train_step`` may be overridden."""

        def __init__(self):
            super().__init__()
            self.inner = LOOPS["gru, no bias"]()
            self.optimizer = Optimizer()

        @property
        def trainable_weights(self):
            return [Variable(parameter) for parameter in self.parameters()]

        def __call__(self, x, *, training):
            return self.inner(x)

        def compute_loss(self, x, y, y_pred):
            return y_pred

    installed("keras", Model=Model)
    monkeypatch.chdir(tmp_path)
    space = {}
    exec(example("import keras"), space)  # noqa: S102  # likewise
    model = space["Watched"]()
    for update in range(5):
        assert model.train_step((batch(update), None))["loss"] > 0
    model.watch.close()
    count, difference = read_back(tmp_path / "run.rnnviz")
    assert count == 5
    assert difference < 1e-6
