"""Every panel with hand-made data: it shows, resizes, changes its theme, and says the right numbers."""

import math

import numpy as np
import pytest

from rnnviz.cells import CELLS
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.intervention import ZeroUnit
from rnnviz.domain.trace import Trace
from rnnviz.drawing.theme import DARK, LIGHT
from rnnviz.panels import PANELS
from rnnviz.panels.cell import CellPanel
from rnnviz.panels.gradient_norm import GradientNormPanel, in_words
from rnnviz.panels.loss import LossPanel
from rnnviz.panels.next_token import NextTokenPanel
from rnnviz.state.history import History
from tests.builders import VOCABULARY, config, facts, full_layer, full_trace, reading, record, trainer


def history(*records):
    made = History()
    for entry in records:
        made.append(entry)
    return made


HISTORIES = {
    "empty": history(),
    "one": history(record()),
    "many": history(
        *(
            record(update=n, loss=2 / n, grad_norm=3 / n, validation_loss=1.0 if n % 50 == 0 else None)
            for n in range(1, 400)
        )
    ),
    "broken": history(
        *(
            record(update=n, loss=value, grad_norm=value, grad_norm_clipped=value)
            for n, value in enumerate((math.nan, math.inf, 0.0, 1e-40, 1e38, 1.0), start=1)
        )
    ),
    "all nan": history(record(loss=math.nan, grad_norm=math.nan, grad_norm_clipped=math.nan)),
    "all zero": history(
        record(loss=0.0, grad_norm=0.0, grad_norm_clipped=0.0), record(update=2, loss=0.0, grad_norm=0.0)
    ),
}


@pytest.fixture
def show(qtbot):
    """Build a panel and show it."""

    def show(kind, theme=DARK):
        panel = kind(theme)
        qtbot.addWidget(panel)
        panel.resize(300, 260)
        panel.show()
        panel.start_run(facts())
        panel.show_config(config())
        return panel

    return show


@pytest.mark.parametrize("kind", PANELS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("name", HISTORIES)
def test_every_history_can_be_shown_in_both_themes_and_every_size(show, kind, name):
    panel = show(kind)
    for theme in (DARK, LIGHT):
        panel.set_theme(theme)
        for size in ((250, 90), (300, 260), (600, 500)):
            panel.resize(*size)
            panel.show_history(HISTORIES[name])
            assert not panel.grab().isNull()


@pytest.mark.parametrize("kind", PANELS, ids=lambda kind: kind.name)
def test_every_trace_can_be_shown_one_after_the_other(show, kind):
    panel = show(kind)
    broken = np.full((2, 6), np.nan)
    traces = [full_trace(cell, tokens, layers) for cell in CELLS for tokens in (2, 200) for layers in (1, 3)]
    traces += [full_trace(tokens=2, hidden=broken, cell_state=broken * np.inf), Trace((full_layer(),))]
    traces.append(Trace((full_layer(),), None, reading(8, probabilities=np.full((8, len(VOCABULARY)), np.nan))))
    for trace in traces:
        for theme in (DARK, LIGHT):
            panel.show_trace(trace, Cursor(trace.tokens - 1, len(trace.layers) - 1, 5))
            panel.set_theme(theme)
            panel.resize(250 + 50 * (theme is DARK), 260)
            panel.grab()


def written(panel):
    """All letters in a panel's picture."""
    return [item.text() for item in panel._canvas.scene().items() if hasattr(item, "text")]


@pytest.mark.parametrize("cell", CELLS)
def test_the_cell_shows_the_numbers_of_its_unit_at_its_token(show, cell):
    trace, panel = full_trace(cell), show(CellPanel)
    panel.show_trace(trace, Cursor(3, 0, 2))
    shown = written(panel)
    layer = trace.layers[0]
    assert f"{layer.hidden[3, 2]:+.2f}".replace("-", "−") in shown
    for gate in CELLS[cell].gates:
        value = layer.gates[gate.name][3, 2]
        assert (f"{value:+.2f}" if gate.signed else f"{value:.2f}").replace("-", "−") in shown
    assert panel._subtitle.toolTip() == f"3 l · unit 2 · layer 1 · {CELLS[cell].title}"


@pytest.mark.parametrize("cell", CELLS)
def test_a_unit_that_is_held_at_zero_has_no_equation_that_says_otherwise(show, cell):
    trained, panel = trainer(cell=cell), show(CellPanel)
    unit = int(np.abs(trained.trace().layers[0].hidden[3]).argmax())  # not one that is 0 by itself
    trace = trained.trace((ZeroUnit(unit),))
    panel.show_trace(trace, Cursor(3, 0, unit))
    assert panel._formula[len(CELLS[cell].equations)].text() == "held at 0, whatever the cell computes"
    panel.show_trace(trace, Cursor(3, 0, (unit + 1) % trained.config.hidden))
    assert "held" not in panel._formula[len(CELLS[cell].equations)].text()


@pytest.mark.parametrize("kind", [LossPanel, GradientNormPanel])
def test_of_a_model_that_is_not_trained_no_update_is_waited_for(show, kind):
    panel = show(kind)
    panel.show_history(History())
    assert panel._subtitle.toolTip() == "no update yet"
    for given, said in (
        ({"fixed": "It came without data."}, "not trained here"),
        ({"fixed": "It is recorded.", "recording": True}, "no update yet"),
    ):
        panel.start_run(facts(**given))
        panel.show_history(History())
        assert panel._subtitle.toolTip() == said


def test_the_next_token_is_shown_with_its_rank(show):
    odds = np.full((8, len(VOCABULARY)), 0.02)
    odds[4, VOCABULARY.index("w")] = 1 - 0.02 * (len(VOCABULARY) - 1)
    panel = show(NextTokenPanel)
    panel.show_trace(Trace((full_layer(),), None, reading(8, probabilities=odds)), Cursor(4, 0, 0))
    assert panel._subtitle.toolTip() == "after o came ␣: rank 2 of 8"
    assert "86.0%" in written(panel)
    assert "2.0% ✓" in written(panel)


def test_a_target_that_is_hardly_expected_stands_in_the_last_row(show):
    odds = np.tile(np.linspace(0.01, 0.24, len(VOCABULARY)), (8, 1))
    panel = show(NextTokenPanel)
    panel.show_trace(Trace((full_layer(),), None, reading(8, probabilities=odds)), Cursor(4, 0, 0))
    assert panel._subtitle.toolTip().endswith("rank 8 of 8")
    assert panel._labels[-1].text() == "␣"


def test_where_nothing_is_asked_the_guesses_stand_without_an_answer(show):
    panel = show(NextTokenPanel)
    targets = (None,) * 7 + ("d",)
    panel.show_trace(Trace((full_layer(),), None, reading(8, targets=targets)), Cursor(4, 0, 0))
    assert panel._subtitle.toolTip() == "after o there is nothing to predict"
    assert panel._target_bar.path().isEmpty()
    assert not panel._bars.path().isEmpty()
    assert "✓" not in "".join(written(panel))
    panel.show_trace(Trace((full_layer(),), None, reading(8, targets=targets)), Cursor(7, 0, 0))
    assert panel._subtitle.toolTip().startswith("after o came d: rank ")


def test_the_loss_is_told_with_that_of_text_never_trained_on(show):
    panel = show(LossPanel)
    panel.show_history(history(record(loss=2.5, validation_loss=1.25)))
    assert panel._subtitle.toolTip() == "2.5 nats · held out 1.25 · 25% right"


def test_norms_before_and_after_are_both_drawn(show):
    panel = show(GradientNormPanel)
    panel.show_history(history(*(record(update=n, grad_norm=4.0, grad_norm_clipped=1.0) for n in (1, 2))))
    for name, value in (("before", 4.0), ("after", 1.0)):
        np.testing.assert_allclose(panel._plot._curves[name].getOriginalDataset()[1], [value, value])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"clip": "off", "grad_norm": 0.5}, "0.5 · clipping off"),
        (
            {"grad_norm": 2.0, "grad_norm_clipped": 1.0, "clip_coefficient": 0.5, "share_clipped": 0.31},
            "2 → 1 · 31% clipped · ×0.5",
        ),
        ({"clip": "value", "clip_cosine": 0.5}, "turned 60°"),
        ({"clip": "value", "clip_cosine": 1.0000001}, "turned 0°"),
    ],
)
def test_clipping_is_told_in_words(changes, words):
    assert words in in_words(record(**changes))


def test_a_dragged_line_is_a_threshold(show):
    panel, wishes = show(GradientNormPanel), []
    panel.setting_chosen.connect(lambda name, value: wishes.append((name, value)))
    panel._line.setValue(math.log10(0.5))
    panel._on_dragged()
    assert wishes == [("threshold", 0.5)]


def test_a_threshold_that_is_shown_is_not_a_wish(show):
    panel, wishes = show(GradientNormPanel), []
    panel.setting_chosen.connect(lambda *wish: wishes.append(wish))
    panel.show_config(config(threshold=0.25))
    assert 10 ** panel._line.value() == pytest.approx(0.25)
    assert wishes == []


@pytest.mark.parametrize("kind", PANELS, ids=lambda kind: kind.name)
def test_a_panel_that_becomes_visible_asks_to_be_told_everything(qtbot, kind):
    panel = kind(DARK)
    qtbot.addWidget(panel)
    with qtbot.waitSignal(panel.shown, timeout=60_000):
        panel.show()


def test_losses_below_zero_are_in_the_picture(show):
    panel = show(LossPanel)
    panel.show_history(history(*(record(update=n, loss=float(-n)) for n in range(1, 6))))
    low, _ = panel._plot.getPlotItem().getViewBox().viewRange()[1]
    assert low <= -5
