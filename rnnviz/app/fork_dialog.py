"""Chooses the one setting in which a twin differs from the run."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from rnnviz.app.run_form import build_editor
from rnnviz.cells import CELLS
from rnnviz.config import RunConfig
from rnnviz.config.run_config import FORK_FIELDS, in_words

NOTHING = "nothing: an exact twin"
EDITOR_ROW = 2


class ForkDialog(QDialog):
    """Proposes what shows most: the other side of clipping."""

    fork_wished = Signal(object)  # {setting: value}, empty for an exact twin

    def __init__(
        self, config: RunConfig, parent: QWidget | None = None, *, past: int | None = None, replaces: bool = False
    ) -> None:
        """``past``: the update of the past that is shown; ``replaces``: something is trained beside the run now."""
        super().__init__(parent)
        self.setWindowTitle("Fork: what would have happened otherwise")
        self._config = config
        self._values: dict[str, Any] = {}
        self.about = _about(past, replaces=replaces and past is None)
        about = QLabel(self.about)
        about.setWordWrap(True)
        self._setting = QComboBox()
        for name in _settings(config):
            self._setting.addItem(str(RunConfig.model_fields[name].title), name)
        self._setting.addItem(NOTHING, "")
        self._form = QFormLayout()
        self._form.addRow("Setting", self._setting)
        self._present = QLabel()
        self._form.addRow("In the run", self._present)
        self._form.addRow("In the twin", QWidget())
        buttons = QDialogButtonBox()
        self._go = buttons.addButton("Fork", QDialogButtonBox.ButtonRole.AcceptRole)
        self._go.setProperty("role", "primary")
        self._go.setDefault(True)
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
        self._form.removeRow(EDITOR_ROW)
        self._values = {}
        if not name:
            self._present.setText("every setting as it is")
            self._form.insertRow(EDITOR_ROW, "In the twin", QLabel("the same"))
            return
        self._present.setText(in_words(getattr(self._config, name)))
        editor = build_editor(name, RunConfig.model_fields[name])
        editor.edited.connect(lambda value: self._values.update({name: value}))
        self._values = {name: proposal(self._config, name)}
        editor.set_value(self._values[name])
        self._form.insertRow(EDITOR_ROW, "In the twin", editor)

    def _on_accepted(self) -> None:
        for box in self.findChildren(QAbstractSpinBox):
            box.interpretText()  # what was typed counts, wherever the focus is
        self.fork_wished.emit(dict(self._values))
        self.accept()


def _about(past: int | None, *, replaces: bool) -> str:
    where = "from now on" if past is None else f"from update {past:,} on, in a new run that Ctrl+Z leaves again"
    instead = " It takes the place of what is trained beside the run now." if replaces else ""
    return (
        f"A twin with the same weights, optimiser state and data order is trained beside this run {where}, and every "
        f"plot shows both.{instead} It differs in one setting:"
    )


def _settings(config: RunConfig) -> list[str]:
    """What makes a difference to the training of ``config``."""
    useless = {"shown"}
    if CELLS[config.cell].forget_gate is None:
        useless.add("forget_bias")
    if config.clip == "off":
        useless.add("threshold")
    return [name for name in FORK_FIELDS if name not in useless]


def proposal(config: RunConfig, name: str) -> Any:
    """A value of the setting that makes a difference worth watching."""
    proposals = {
        "clip": "off" if config.clip != "off" else "norm",
        "rate": config.rate * 10 if config.rate <= 100 else config.rate / 10,
        "threshold": config.threshold / 10 if config.threshold >= 1e-11 else config.threshold * 10,
        "dropout": 0.0 if config.dropout else 0.5,
        "optimizer": "sgd" if config.optimizer != "sgd" else "adam",
        "forget_bias": 5.0 if config.forget_bias != 5.0 else 0.0,  # of science: keeps 99 %, or half
    }
    return proposals.get(name, getattr(config, name))
