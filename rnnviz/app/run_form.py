"""The settings, built from RunConfig's own fields: titles, helps, limits and groups stand there."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget
from superqt import QCollapsible

from rnnviz.app.editors import (
    ChoiceEditor,
    Editor,
    FileEditor,
    IntegerEditor,
    NumberEditor,
    OptionalNumberEditor,
    SwitchEditor,
    is_choice,
)
from rnnviz.app.icons import icon
from rnnviz.app.lag_editor import LagEditor
from rnnviz.app.name_editor import NameEditor
from rnnviz.app.relevance import absent, without_effect
from rnnviz.app.wheel import leave_the_wheel
from rnnviz.cells import CELLS
from rnnviz.cells.cell import Cell
from rnnviz.config import RunConfig
from rnnviz.config.run_config import LIVE_FIELDS, sentences
from rnnviz.drawing.theme import Theme
from rnnviz.tasks import TASKS

FLOPS = 2e10  # a cautious guess of what one core does in a second
FILES = {  # title of the dialog, and the kinds of files that it offers
    "file": ("File to learn from", "Text (*.txt *.md *.py *.csv)"),
    "vectors_file": ("File of word vectors", "Text (*.txt *.vec *.glove *.w2v)"),
}
IN_THE_TOOLBAR = {"clip", "threshold"}


class RunForm(QWidget):
    """Live settings are passed on at once; others wait until a new network is asked for, the old run goes on."""

    begin_wished = Signal(object)  # RunConfig
    change_wished = Signal(str, object)  # a live setting and its value

    def __init__(self) -> None:
        super().__init__()
        self._config = RunConfig()
        self._pending: dict[str, Any] = {}
        self._editors: dict[str, Editor] = {}
        self._beside: dict[str, list[QWidget]] = {}  # what stands beside and below an editor
        self._sections: list[QCollapsible] = []
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._build_groups(), 1)
        leave_the_wheel(self)
        outer.addWidget(self._build_notice())
        self._show_pending()

    def set_theme(self, theme: Theme) -> None:
        """Draw the groups' arrows in other colours."""
        for section in self._sections:
            section.setCollapsedIcon(icon("shut", theme))
            section.setExpandedIcon(icon("open", theme))

    @property
    def pending(self) -> dict[str, Any]:
        """Settings that wait for a new network."""
        return dict(self._pending)

    def show_config(self, config: RunConfig) -> None:
        """Show the settings in force; what is pending stays pending."""
        self._config = config
        if self._follows_the_file():
            self._pending.pop("embedding", None)
        self._show_values()
        self._drop_what_is_in_force()
        self._show_relevance()

    def start(self) -> None:
        """Ask for the new network, if there is anything to ask for and it is possible.

        The settings stay pending until the run has begun: one that is refused leaves them to be mended.
        """
        wanted = self._wanted()
        if self._pending and wanted is not None:
            self.begin_wished.emit(wanted)

    def undo(self) -> None:
        """Go back to the settings in force."""
        self._pending = {}
        self.show_config(self._config)
        self._show_pending()

    def edit(self, name: str, value: Any) -> None:
        """Take a value as if the user had put it in."""
        if name in LIVE_FIELDS:
            self.change_wished.emit(name, value)
            return
        self._pending[name] = value
        if name == "task":
            self._pending |= self._with_its_lag(value)
            self._show_values()
        if name in FILES:
            self._pending |= self._choice_for(name)
            self._show_values()
        self._drop_what_is_in_force()
        self._show_relevance()

    def _show_relevance(self) -> None:
        """Grey out what has no effect on the network that is described, and hide what its task does not have."""
        described = {name: self._pending.get(name, getattr(self._config, name)) for name in RunConfig.model_fields}
        reasons, missing = without_effect(described), absent(described)
        dial, lag = TASKS[described["task"]].lag, self._editors["lag"]
        if dial is not None and isinstance(lag, LagEditor):
            lag.offer(dial, described["length"])
        for name, editor in self._editors.items():
            for part in (editor, *self._beside[name]):
                part.setVisible(name not in missing)
            about, reason = RunConfig.model_fields[name].description, reasons.get(name)
            editor.setEnabled(reason is None)
            editor.setToolTip(f"<p>{about}</p>" if reason is None else f"<p><b>{reason}</b></p><p>{about}</p>")

    def _show_values(self) -> None:
        for name, editor in self._editors.items():
            editor.set_value(self._pending.get(name, getattr(self._config, name)))

    def _follows_the_file(self) -> bool:
        """Whether a file of vectors has decided about the embedding, and still should."""
        return self._config.vectors == "file" == self._pending.get("vectors", "file") and self._config.embeds

    def _choice_for(self, name: str) -> dict[str, Any]:
        """What has to be chosen for the file ``name`` to be read."""
        if name != "file":
            return {"vectors": "file"}
        return {**self._with_its_lag(self._task_for_a_file()), "column": None}

    def _with_its_lag(self, task: str) -> dict[str, Any]:
        """What choosing ``task`` sets: a lag belongs to the task for which it was chosen."""
        return {"task": task, "lag": self._config.lag if task == self._config.task else None}

    def _task_for_a_file(self) -> str:
        """The task that is described, if it needs a file, else the one that takes any text."""
        described: str = self._pending.get("task", self._config.task)
        return described if TASKS[described].needs_file else "text"

    def _drop_what_is_in_force(self) -> None:
        self._pending = {name: value for name, value in self._pending.items() if value != getattr(self._config, name)}
        self._show_pending()

    def _wanted(self) -> RunConfig | None:
        try:
            return self._config.changed(**self._pending)
        except ValidationError as error:
            self._notice_text.setText(sentences(error))
            return None

    def _show_pending(self) -> None:
        self._notice.setVisible(bool(self._pending))
        if not self._pending:
            return
        wanted = self._wanted()
        possible = wanted is not None
        if wanted is not None:
            names = ", ".join(_inside(str(RunConfig.model_fields[name].title)) for name in self._pending)
            text = f"Needs a new network: {names}. The present run goes on until you start it."
            self._notice_text.setText(text + _patience(wanted))
        self._start.setEnabled(possible)
        self._notice_text.setProperty("role", "" if possible else "error")
        self._notice_text.style().polish(self._notice_text)

    def _build_notice(self) -> QFrame:
        self._notice = QFrame()
        self._notice.setProperty("role", "notice")
        self._notice_text = QLabel()
        self._notice_text.setWordWrap(True)
        self._start = QPushButton("Start new run")
        self._start.setToolTip("Enter")
        self._start.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._start.clicked.connect(self.start)
        undo = QPushButton("Undo")
        undo.setToolTip("Esc")
        undo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        undo.clicked.connect(self.undo)
        buttons = QHBoxLayout()
        buttons.addWidget(self._start, 1)
        buttons.addWidget(undo)
        inside = QVBoxLayout(self._notice)
        inside.setContentsMargins(8, 6, 8, 8)
        inside.addWidget(self._notice_text)
        inside.addLayout(buttons)
        return self._notice

    def _build_groups(self) -> QScrollArea:
        column = QWidget()
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 6, 0)
        layout.setSpacing(0)
        for group in dict.fromkeys(_extra(field)["group"] for field in RunConfig.model_fields.values()):
            layout.addWidget(self._build_group(group))
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidget(column)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    def _build_group(self, group: str) -> QCollapsible:
        section, inside = QCollapsible(group), QWidget()
        self._sections.append(section)
        section.setDuration(0)
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, 78)
        grid.setColumnStretch(1, 1)
        fields = [(name, field) for name, field in RunConfig.model_fields.items() if _extra(field)["group"] == group]
        for row, (name, field) in enumerate(field for field in fields if field[0] not in IN_THE_TOOLBAR):
            label = QLabel(str(field.title))
            label.setToolTip(f"<p>{field.description}</p>")
            editor = build_editor(name, field)
            editor.setToolTip(f"<p>{field.description}</p>")
            for part in (editor, *editor.findChildren(QWidget)):
                part.setAccessibleName(part.accessibleName() or str(field.title))
            editor.edited.connect(self._editing(name))
            self._editors[name], self._beside[name] = editor, [label]
            grid.addWidget(label, 2 * row, 0)
            grid.addWidget(editor, 2 * row, 1)
            if isinstance(editor, LagEditor):
                self._beside[name].append(editor.below)
                grid.addWidget(editor.below, 2 * row + 1, 0, 1, 2)
                editor.below.installEventFilter(section)
        section.setContent(inside)
        inner = section.layout()
        if inner is not None:
            inner.setSpacing(0)
        section.expand(animate=False)
        return section

    def _editing(self, name: str) -> Callable[[Any], None]:
        return lambda value: self.edit(name, value)


def _patience(config: RunConfig) -> str:
    """Warn of a network whose updates take long; nothing is forbidden."""
    products = config.batch * config.length * CELLS[config.cell].blocks * config.hidden
    directions = 1 + config.bidirectional
    products *= (config.embedding + config.hidden) + (config.layers - 1) * (1 + directions) * config.hidden
    products *= directions
    seconds = 6 * products / FLOPS
    return f" Each update may take about {seconds:.0f} s." if seconds >= 1 else ""


def about_cell(cell: Cell) -> str:
    """Its equations, and in what it differs from others of its name."""
    return "\n".join((*cell.equations, *textwrap.wrap(cell.note, 80)))


def build_editor(name: str, field: FieldInfo) -> Editor:
    """Choose the input widget for a field by its type."""
    if name == "cell":
        cells = CELLS.values()
        return ChoiceEditor({cell.name: cell.title for cell in cells}, {cell.name: about_cell(cell) for cell in cells})
    if name == "task":
        kinds = TASKS.values()
        return ChoiceEditor(
            {kind.name: kind.title for kind in kinds}, {kind.name: f"{kind.shape}: {kind.about}" for kind in kinds}
        )
    if name == "lag":
        low, high = _limits(field)
        return LagEditor((int(low), int(high)))
    if is_choice(field.annotation):
        return ChoiceEditor({choice: choice for choice in get_args(field.annotation)})
    if Path in (field.annotation, *get_args(field.annotation)):
        return FileEditor(*FILES[name])
    return SwitchEditor() if field.annotation is bool else _free_editor(field)


def _free_editor(field: FieldInfo) -> Editor:
    return NameEditor("the usual") if str in get_args(field.annotation) else _number_editor(field)


def _number_editor(field: FieldInfo) -> Editor:
    low, high = _limits(field)
    if field.annotation is int:
        slider = _extra(field)["slider"] or (low, high)
        return IntegerEditor((int(slider[0]), int(slider[1])), (int(low), int(high)))
    return OptionalNumberEditor(low, high) if type(None) in get_args(field.annotation) else NumberEditor(low, high)


def _limits(field: FieldInfo) -> tuple[float, float]:
    found = {key: getattr(limit, key) for limit in field.metadata for key in ("ge", "gt", "le") if hasattr(limit, key)}
    low = found["ge"] if "ge" in found else found.get("gt", 0) + 1e-12
    return float(low), float(found["le"])


def _extra(field: FieldInfo) -> dict[str, Any]:
    extra = field.json_schema_extra
    return extra if isinstance(extra, dict) else {}


def _inside(title: str) -> str:
    """A title inside a sentence: “hidden units”, “length T”, “W_ih, biases”."""
    return title if title[1:2] == "_" else title[:1].lower() + title[1:]
