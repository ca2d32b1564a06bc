"""Twins and other cells beside a run: forked by key, seen in every plot, switched between, and ended."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from rnnviz.analysis.flow import reach
from rnnviz.app.editors import NumberEditor
from rnnviz.app.fork_dialog import NOTHING, ForkDialog, proposal
from rnnviz.config.run_config import FORK_FIELDS
from rnnviz.lessons import LESSONS
from rnnviz.panels.comparison import MEASURES, ComparisonPanel
from tests.builders import config
from tests.qt.driving import NO_MODIFIER, a_small_run

Key, SHIFT = Qt.Key, Qt.KeyboardModifier.ShiftModifier


def dialogs(driven):
    return [dialog for dialog in driven.window.findChildren(ForkDialog) if dialog.isVisible()]


def open_dialog(driven):
    driven.key(Key.Key_F)
    (dialog,) = dialogs(driven)
    return dialog


def choose(dialog, setting):
    dialog._setting.setCurrentIndex(dialog._setting.findData(setting))


def fork(driven, setting="clip"):
    dialog = open_dialog(driven)
    choose(dialog, setting)
    driven.qtbot.keyClick(dialog, Key.Key_Return)
    driven.until(lambda: driven.session.companions)
    assert not dialogs(driven)


def compare(driven, modifiers=NO_MODIFIER):
    driven.key(Key.Key_B, modifiers)
    driven.until(lambda: len(driven.session.companions) >= 2 and driven.session.trace is not None)
    driven.until(lambda: driven.updates >= 3)


def labels(driven):
    return [companion.facts.label for companion in driven.session.companions]


def panel(driven, name):
    return driven.window.column.panels[name]


def points(driven):
    """How many points of the first companion's loss are drawn."""
    x = panel(driven, "loss")._plot._curves["companion 0 train"].xData
    return 0 if x is None else len(x)


def shown_lane(driven):
    box = driven.window.laboratory.history._lane
    return box.currentText() if box.isVisible() else ""


# The dialog.


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_every_setting_that_can_differ_is_offered_with_a_value_that_differs(qtbot, cell):
    run = config(cell=cell)
    dialog = ForkDialog(run)
    qtbot.addWidget(dialog)
    offered = {dialog._setting.itemData(place) for place in range(dialog._setting.count())}
    assert offered == {*FORK_FIELDS, ""} - {"shown"} - (set() if cell == "lstm" else {"forget_bias"})
    for name in offered - {""}:
        choose(dialog, name)
        assert list(dialog._values) == [name]
        assert run.difference(run.changed(**dialog._values)).keys() == {name}


@pytest.mark.parametrize(
    "unusual",
    [
        {"clip": "off"},
        {"clip": "value"},
        {"rate": 1000.0},
        {"threshold": 1e-12},
        {"forget_bias": None},
        {"forget_bias": 5.0},
        {"optimizer": "sgd"},
    ],
)
def test_the_proposal_differs_from_every_value_that_is_in_force(unusual):
    run = config(**unusual)
    for name in set(FORK_FIELDS) - {"shown"}:
        assert run.changed(**{name: proposal(run, name)}) != run, name


def test_where_nothing_is_clipped_no_threshold_is_offered(qtbot):
    dialog = ForkDialog(config(clip="off"))
    qtbot.addWidget(dialog)
    assert dialog._setting.findData("threshold") == -1
    assert dialog._setting.findData("clip") >= 0


def test_a_value_that_is_typed_is_what_the_twin_gets(driven):
    dialog = open_dialog(driven)
    choose(dialog, "rate")
    assert dialog._present.text() == "0.01"
    editor = dialog.findChild(NumberEditor)
    editor._box.setFocus()
    editor._box.selectAll()
    driven.qtbot.keyClicks(editor._box, "0.25")
    dialog._go.click()
    driven.until(lambda: driven.session.companions)
    assert driven.session.companions[0].facts.config.rate == 0.25


def test_escape_leaves_the_dialog_without_a_twin(driven):
    dialog = open_dialog(driven)
    driven.qtbot.keyClick(dialog, Key.Key_Escape)
    driven.settle()
    assert driven.session.companions == ()
    assert not dialogs(driven)


def test_an_exact_twin_learns_exactly_the_same(driven):
    driven.train(3)
    fork(driven, "")
    assert labels(driven) == ["twin without a change"]
    assert NOTHING
    driven.train(5)
    ours, theirs = driven.session.history, driven.session.companions[0].history
    driven.until(lambda: len(theirs) == 5)
    assert theirs.column("loss").tolist() == ours.column("loss")[-5:].tolist()


def test_the_window_can_be_closed_with_the_dialog_open(driven):
    open_dialog(driven)
    driven.close()


# Forks.


def test_enter_forks_and_every_plot_says_what_differs(driven):
    driven.train(4)
    fork(driven)
    assert labels(driven) == ["clip norm → off"]
    driven.train(6)
    driven.until(lambda: len(driven.session.companions[0].history) == 6)
    driven.window.show_latest()
    for name in ("loss", "gradient_norm"):
        legend = panel(driven, name)._beside._legend
        assert legend.isVisible()
        assert "this run" in legend.text()
        assert "clip norm → off" in legend.text().replace("&nbsp;", " ")
    curve = panel(driven, "loss")._plot._curves["companion 0 train"]
    assert curve.xData.tolist() == list(range(5, 11))


def test_a_fork_stays_in_the_colours_of_the_theme(driven):
    fork(driven)
    driven.train(3)
    for _ in range(2):
        driven.key(Key.Key_D)
        driven.window.show_latest()
        theme = driven.window._theme
        pen = panel(driven, "loss")._plot._curves["companion 0 train"].opts["pen"]
        assert pen.color().name() == theme.companion(0)
        assert theme.companion(0) in panel(driven, "loss")._beside._legend.text()


def test_t_switches_whose_sequence_is_shown(driven):
    driven.train(3)
    fork(driven, "forget_bias")
    gate = driven.session.trace.layers[0].gates["forget"].mean()
    assert shown_lane(driven) == "this run"
    driven.key(Key.Key_T)
    driven.until(lambda: driven.session.showing.lane == 1)
    driven.until(lambda: driven.session.trace.layers[0].gates["forget"].mean() > gate + 0.05)
    assert shown_lane(driven) == labels(driven)[0]
    driven.key(Key.Key_T)
    driven.until(lambda: driven.session.showing.lane == 0)
    driven.until(lambda: abs(driven.session.trace.layers[0].gates["forget"].mean() - gate) < 1e-6)
    assert shown_lane(driven) == "this run"


def test_t_leaves_a_run_that_is_alone_as_it_is_shown(driven):
    driven.train(3)
    driven.train(3)
    driven.key(Key.Key_BracketLeft)
    driven.until(lambda: driven.session.showing.update is not None)
    driven.key(Key.Key_T)
    driven.settle()
    assert driven.session.showing.update is not None


def test_the_box_chooses_whose_sequence_is_shown(driven):
    fork(driven)
    box = driven.window.laboratory.history._lane
    box.setCurrentIndex(1)
    box.activated.emit(1)
    driven.until(lambda: driven.session.showing.lane == 1)


def test_training_alone_ends_the_twin_and_its_curves(driven):
    fork(driven)
    driven.train(3)
    driven.window.show_latest()
    assert points(driven) > 0
    driven.key(Key.Key_T)
    driven.until(lambda: driven.session.showing.lane == 1)
    driven.window.laboratory.side_by_side.end.trigger()
    driven.until(lambda: driven.session.companions == () and driven.session.showing.lane == 0)
    driven.window.show_latest()
    assert not panel(driven, "loss")._beside._legend.isVisible()
    assert points(driven) == 0
    assert not panel(driven, "comparison")._table.isVisible()
    assert not driven.window.laboratory.side_by_side.end.isEnabled()
    assert shown_lane(driven) == ""


def test_a_run_that_is_alone_cannot_be_parted(driven):
    assert not driven.window.laboratory.side_by_side.end.isEnabled()


def test_curves_of_a_twin_that_ended_while_its_plot_was_hidden_are_gone(driven):
    fork(driven)
    driven.train(3)
    driven.window.show_latest()
    driven.key(Key.Key_F3)
    driven.key(Key.Key_D)
    driven.session.end_companions()
    driven.until(lambda: driven.session.companions == ())
    driven.key(Key.Key_F2)
    driven.window.show_latest()
    assert points(driven) == 0
    assert not panel(driven, "loss")._beside._legend.isVisible()


def test_a_second_fork_takes_the_place_of_the_first(driven):
    fork(driven)
    driven.train(3)
    dialog = open_dialog(driven)
    assert "place of" in dialog.about
    choose(dialog, "rate")
    driven.qtbot.keyClick(dialog, Key.Key_Return)
    driven.until(lambda: labels(driven) == ["rate 0.01 → 0.1"])
    driven.train(2)
    driven.until(lambda: len(driven.session.companions[0].history) == 2)


def test_a_fork_in_the_past_begins_there_in_a_run_of_its_own(driven):
    for _ in range(3):
        driven.train(4)
    losses = driven.session.history.column("loss").tolist()
    driven.session.show_update(8)
    driven.until(lambda: driven.session.showing.update == 8)
    dialog = open_dialog(driven)
    assert "update 8" in dialog.about
    driven.qtbot.keyClick(dialog, Key.Key_Return)
    driven.until(lambda: driven.session.companions)
    assert driven.updates == 8
    driven.train(4)
    assert driven.session.history.column("loss").tolist() == losses
    driven.until(lambda: driven.session.companions[0].history.column("update").tolist() == [9, 10, 11, 12])
    driven.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    driven.until(lambda: driven.updates == 12 and driven.session.companions == ())


def test_a_twin_that_diverges_is_told_and_leaves_cursor_and_run_alone(start):
    driven = start(a_small_run(cell="rnn_relu", optimizer="sgd", rate=0.05, clip="off", init="identity"))
    driven.train(2)
    driven.key(Key.Key_Right)
    cursor = driven.cursor
    driven.session.fork(rate=500.0)
    driven.until(lambda: driven.session.companions)
    driven.key(Key.Key_Space)
    driven.until(driven.window.notice.isVisible)
    assert "The companion “rate 0.05 → 500” stopped, the run goes on." in driven.window.notice.text
    assert not driven.window.notice._lower.isVisible()
    before = driven.updates
    driven.until(lambda: driven.updates > before + 5)
    assert driven.cursor == cursor


# Cells.


@pytest.mark.parametrize(("key", "others"), [("1", ["LSTM", "GRU"]), ("2", ["RNN (tanh)", "LSTM", "GRU"])])
def test_b_trains_the_other_cells_beside_the_present_one(driven, key, others):
    with driven.qtbot.waitSignal(driven.session.run_started, timeout=60_000):
        driven.key(key)
    run = driven.session.config
    compare(driven)
    assert driven.session.config == run
    assert labels(driven) == others
    assert driven.session.running
    assert {companion.facts.config.hidden for companion in driven.session.companions} == {run.hidden}


def test_shift_b_gives_all_cells_the_same_budget(start):
    driven = start(a_small_run(hidden=24))
    compare(driven, SHIFT)
    budget = driven.session.facts.parameters
    for companion in driven.session.companions:
        assert companion.facts.parameters == pytest.approx(budget, rel=0.03)
        assert companion.facts.config.hidden != 24


def test_the_table_shows_what_was_measured(driven):
    compare(driven)
    driven.until(lambda: driven.session.history.reach is not None)
    driven.until(lambda: all(companion.history.reach is not None for companion in driven.session.companions))
    driven.session.pause()
    driven.settle()
    driven.window.show_latest()
    table = panel(driven, "comparison")._table
    assert table.isVisible()
    heads = [" ".join(table.horizontalHeaderItem(column).text().split()) for column in range(table.columnCount())]
    assert heads == ["this run: LSTM", "RNN (tanh)", "GRU"]
    histories = [driven.session.history, *(companion.history for companion in driven.session.companions)]
    sizes = [driven.session.facts.parameters, *(beside.facts.parameters for beside in driven.session.companions)]
    for column, (history, size) in enumerate(zip(histories, sizes, strict=True)):
        words = [table.item(row, column).text() for row in range(len(MEASURES))]
        assert words[0] == f"{size:,}"
        assert float(words[1]) == pytest.approx(history.column("seconds")[-50:].mean() * 1e3, rel=0.01)
        assert float(words[2]) == pytest.approx(history.column("loss")[-50:].mean(), rel=0.01)
        assert words[-1] == f"{history.reach[0]}/7"


def test_the_cursor_and_the_rows_follow_the_cell_that_is_shown(driven):
    compare(driven)
    driven.session.pause()
    driven.key(Key.Key_Down)
    for cell in ("rnn_tanh", "gru", "lstm"):
        driven.key(Key.Key_T)
        driven.until(lambda cell=cell: driven.session.trace.layers[0].cell == cell)
        driven.window.grab()
        rows = {row.track.name for row in driven.window.score._rows}
        assert ("gates" in rows) == (cell != "rnn_tanh")
        assert ("cell_state" in rows) == (cell == "lstm")


def test_r_begins_all_of_them_anew(driven):
    compare(driven)
    driven.session.pause()
    driven.settle()
    with driven.qtbot.waitSignal(driven.session.run_started, timeout=60_000):
        driven.key(Key.Key_R)
    driven.until(lambda: labels(driven) == ["RNN (tanh)", "GRU"])
    assert driven.updates == 0
    driven.train(2)
    driven.until(lambda: [len(companion.history) for companion in driven.session.companions] == [2, 2])


def test_control_z_finds_the_cells_and_their_curves_again(driven):
    compare(driven)
    driven.session.pause()
    driven.settle()
    seen = [companion.history.column("loss").tolist() for companion in driven.session.companions]
    with driven.qtbot.waitSignal(driven.session.run_started, timeout=60_000):
        driven.key(Key.Key_4)
    assert labels(driven) == []
    driven.key(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    driven.until(lambda: labels(driven) == ["RNN (tanh)", "GRU"])
    again = [companion.history.column("loss").tolist() for companion in driven.session.companions]
    assert [losses[: len(before)] for losses, before in zip(again, seen, strict=True)] == seen


def test_changing_cell_theme_and_size_while_three_cells_train_breaks_nothing(driven):
    compare(driven)
    for size in ((1060, 600), (1500, 900), (1100, 700)):
        driven.window.resize(*size)
        driven.key(Key.Key_D)
        driven.key(Key.Key_T)
        driven.until(lambda: driven.session.trace is not None)
        driven.window.grab()
    driven.key(Key.Key_3)
    driven.until(lambda: driven.session.config.cell == "lstm" and driven.session.companions == ())
    driven.window.grab()


def test_closing_while_three_cells_train_leaves_nothing(driven):
    driven.key(Key.Key_B)
    driven.until(lambda: driven.updates >= 2)
    driven.close()


# The table in a narrow column.


@pytest.fixture
def table(qtbot):
    from rnnviz.drawing.theme import DARK  # noqa: PLC0415
    from rnnviz.exchange.messages import LaneFacts  # noqa: PLC0415
    from rnnviz.state.companion import Companion  # noqa: PLC0415
    from rnnviz.state.history import History  # noqa: PLC0415
    from tests.builders import facts, record  # noqa: PLC0415

    def table(width, beside):
        shown = ComparisonPanel(DARK)
        shown.setStyleSheet(DARK.style_sheet())
        qtbot.addWidget(shown)
        shown.setFixedWidth(width)
        shown.start_run(facts(parameters=28_768))
        shown.show_config(config())
        shown.show()
        history = History()
        history.append(record(loss=123456.0, grad_norm=0.00001234, seconds=0.01234, validation_loss=2.456))
        history.reach = 12, 49
        companions = [Companion(LaneFacts(label, config(), 28_659), history) for label in beside]
        shown.show_history(history, companions)
        made.append(shown)
        return shown._table

    made = []
    yield table
    QApplication.processEvents()


@pytest.mark.parametrize(
    "beside",
    [
        ["clip norm → off"],
        ["RNN (tanh)", "GRU"],
        ["RNN (tanh)", "LSTM", "GRU"],
        ["twin without a change"],
        ["optimizer rmsprop → sgd"],
    ],
    ids=" | ".join,
)
@pytest.mark.parametrize("width", [230, 300, 430])
def test_nothing_in_the_table_is_cut_off(table, width, beside):
    shown = table(width, beside)
    assert shown.isVisible()
    header = shown.horizontalHeader()
    room = shown.viewport().width()
    assert sum(header.sectionSize(column) for column in range(shown.columnCount())) <= room + 1
    for column in range(shown.columnCount()):
        words = shown.horizontalHeaderItem(column).text()
        metrics = header.fontMetrics()
        assert max(metrics.horizontalAdvance(line) for line in words.split("\n")) <= header.sectionSize(column), words
        assert metrics.lineSpacing() * len(words.split("\n")) <= header.height(), words
        for row in range(shown.rowCount()):
            word = shown.item(row, column).text()
            assert shown.fontMetrics().horizontalAdvance(word) + 6 <= header.sectionSize(column), word
    assert shown.height() >= header.height() + sum(shown.rowHeight(row) for row in range(shown.rowCount()))


def cut_off(driven):
    """Names of panels of which a part does not lie inside or is lower than it may be."""
    found = []
    for name in ("loss", "gradient_norm", "comparison"):
        shown = panel(driven, name)
        inside = [shown.body.itemAt(place).widget() for place in range(shown.body.count())]
        parts = [part for part in inside if part is not None and part.isVisible()]
        if any(part.geometry().bottom() >= shown.height() or part.height() < part.minimumHeight() for part in parts):
            found.append(name)
    return found


@pytest.mark.parametrize("height", [600, 700, 1000])
def test_a_legend_takes_its_room_from_no_plot(driven, height):
    driven.window.resize(1100, height)
    driven.key("2")
    driven.until(lambda: driven.session.config.cell == "rnn_relu")
    compare(driven)
    driven.session.pause()
    for side in (Key.Key_F2, Key.Key_F5, Key.Key_F6):
        driven.key(side)
        driven.window.show_latest()
        driven.until(lambda: cut_off(driven) == [])  # the layout has settled


def test_a_paused_table_compares_how_far_all_networks_reach_at_one_update(driven):
    compare(driven)
    driven.until(lambda: driven.updates > 60)
    driven.session.pause()
    driven.settle()
    run = driven.worker.runner._present
    assert driven.session.history.last.update == run.trainer.newest
    lanes = [(driven.session.history, run.trainer)]
    lanes += [
        (companion.history, lane.trainer)
        for companion, lane in zip(driven.session.companions, run.companions, strict=True)
    ]
    for history, trainer in lanes:
        assert history.reach == (reach(trainer.trace().top), 7)


def test_the_table_that_is_taken_away_names_unit_and_mean(driven):
    compare(driven)
    driven.until(lambda: driven.updates > 2)
    driven.session.pause()
    driven.settle()
    driven.window.show_latest()
    names = [column.heading for column in panel(driven, "comparison").numbers().columns]
    assert names[2:6] == [
        "time of an update, mean of the last 50 updates [s]",
        "loss of the batch, mean of the last 50 updates [nats]",
        "newest held-out loss [nats]",
        "‖gradient‖₂ before clipping, mean of the last 50 updates [1]",
    ]


def test_a_lesson_after_another_has_a_range_of_gradients_of_its_own(driven):
    window, open_lesson = driven.window, driven.window.laboratory.side_by_side.open_lesson
    for name, low in (("keeping", -31), ("decay", -5)):
        open_lesson(LESSONS[name])
        driven.until(lambda name=name: driven.session.config == LESSONS[name].configs[0] and driven.session.trace)
        assert window.score.picture.decades.low == low
