"""Imports point down, and the two halves never meet: each works with the other's library out of reach."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QT = ("PySide6", "pyqtgraph", "superqt", "qtawesome")
VISUAL = ("state", "drawing", "tracks", "panels")
NUMERIC = (
    "domain",
    "cells",
    "files",
    "analysis",
    "tasks",
    "config",
    "lessons",
    "networks",
    "recording",
    "tracing",
    "exchange",
    "training",
    "checkpoints",
)


def run_python(program, *options):
    """Run ``program`` in a fresh interpreter at the root of the project; what it printed when it failed."""
    done = subprocess.run(  # noqa: S603  # the programs are those of this file
        [sys.executable, *options, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def without(*libraries):
    """Lines that put ``libraries`` out of reach of what is imported after them."""
    return f"import sys\nsys.path.insert(0, '.')\nsys.modules.update(dict.fromkeys({libraries!r}))\n"


IMPORT_ROOMS = """
import importlib, pkgutil
for room in {rooms!r}:
    package = importlib.import_module("rnnviz." + room)
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
"""

TRAIN_AND_TRACE = """
from rnnviz import RunConfig, Trainer
for cell in ("rnn_tanh", "rnn_relu", "lstm", "gru"):
    trainer = Trainer(RunConfig(cell=cell, hidden=4, length=5, batch=2))
    records = list(trainer.updates(2))
    assert trainer.self_check().passed
    assert trainer.trace().layers[0].hidden_grads.shape == (5, 4)
"""


def test_imports_point_down():
    program = "from importlinter.cli import lint_imports_command\nlint_imports_command(['--no-cache'])"
    assert run_python("import sys\nsys.path.insert(0, '.')\n" + program) == ""


def test_the_numeric_half_imports_trains_and_traces_without_qt():
    assert run_python(without(*QT) + IMPORT_ROOMS.format(rooms=NUMERIC) + TRAIN_AND_TRACE) == ""


def test_the_visual_half_imports_without_torch():
    assert run_python(without("torch") + IMPORT_ROOMS.format(rooms=VISUAL)) == ""


def test_importing_rnnviz_imports_neither_torch_nor_qt():
    libraries = ("torch", *QT)
    program = f"import rnnviz\nassert not set({libraries!r}) & set(sys.modules)"
    assert run_python("import sys\nsys.path.insert(0, '.')\n" + program) == ""


def test_a_library_out_of_reach_cannot_be_imported():
    """Otherwise the tests above would prove nothing."""
    assert "ModuleNotFoundError" in run_python(without("torch") + "import torch")
    assert "ModuleNotFoundError" in run_python(without("torch") + "import rnnviz.tracing.trace")


def test_every_room_is_on_one_side():
    rooms = {path.parent.name for path in (ROOT / "rnnviz").glob("*/__init__.py")}
    assert rooms == {*VISUAL, *NUMERIC, "app", "commands"}
