"""Chooses the one setting in which a twin differs from the run."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from rnnviz.app.run_form import build_editor
from rnnviz.cells import CELLS
from rnnviz.config import RunConfig
from rnnviz.config.run_config import FORK_FIELDS

NOTHING = "nothing: an exact twin"


class ForkDialog(QDialog):
    """Proposes what shows most: the other side of clipping."""

    fork_wished = Signal(object)  # {setting: value}, empty for an exact twin

    def __init__(self, config: RunConfig, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Fork: what would have happened otherwise")
        self._config = config
        self._values: dict[str, Any] = {}
        about = QLabel(
            "A twin with the same weights, optimiser state and data order is trained beside this run from now on, and "
            "every plot shows both. It differs in one setting:"
        )
        about.setWordWrap(True)
        self._setting = QComboBox()
        fields = [name for name in FORK_FIELDS if name != "shown"]
        if CELLS[config.cell].forget_gate is None:
            fields.remove("forget_bias")
        for name in fields:
            self._setting.addItem(str(RunConfig.model_fields[name].title), name)
        self._setting.addItem(NOTHING, "")
        self._form = QFormLayout()
        self._form.addRow("Setting", self._setting)
        self._editor: QWidget = QWidget()
        self._form.addRow("In the twin", self._editor)
        buttons = QDialogButtonBox()
        self._go = buttons.addButton("Fork", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(about)
        layout.addLayout(self._form)
        layout.addWidget(buttons)
        self.setMinimumWidth(420)
        self._setting.currentIndexChanged.connect(self._on_setting)
        self._setting.setCurrentIndex(max(self._setting.findData("clip"), 0))
        self._on_setting()

    def _on_setting(self) -> None:
        name = str(self._setting.currentData())
        self._form.removeRow(1)
        self._values = {}
        if not name:
            self._form.insertRow(1, "In the twin", QLabel("the same as in the run"))
            return
        editor = build_editor(name, RunConfig.model_fields[name])
        editor.edited.connect(lambda value: self._values.update({name: value}))
        self._values = {name: proposal(self._config, name)}
        editor.set_value(self._values[name])
        self._form.insertRow(1, "In the twin", editor)

    def _on_accepted(self) -> None:
        self.fork_wished.emit(dict(self._values))
        self.accept()


def proposal(config: RunConfig, name: str) -> Any:
    """A value of the setting that makes a difference worth watching."""
    proposals = {
        "clip": "off" if config.clip != "off" else "norm",
        "rate": min(config.rate * 10, 1000.0),
        "threshold": max(config.threshold / 10, 1e-12),
        "dropout": 0.0 if config.dropout else 0.5,
        "optimizer": "sgd" if config.optimizer != "sgd" else "adam",
        "forget_bias": 5.0 if config.forget_bias != 5.0 else 0.0,  # of science: keeps 99 %, or half
    }
    return proposals.get(name, getattr(config, name))
