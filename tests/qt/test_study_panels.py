"""The panels of the gradient laboratory with hand-made studies: what is shown and told is what is in them."""

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from rnnviz.cells import CELLS
from rnnviz.domain.cursor import Cursor
from rnnviz.domain.studies import Studies
from rnnviz.drawing.colour_map import CLEAR, NONFINITE, ZERO
from rnnviz.drawing.heat_map import HeatMap
from rnnviz.drawing.theme import DARK, LIGHT
from rnnviz.panels import PANELS
from rnnviz.panels.anatomy import AnatomyPanel, readable
from rnnviz.panels.eigenvalues import EigenvaluesPanel
from rnnviz.panels.influence import InfluencePanel
from rnnviz.panels.memory import MemoryPanel
from rnnviz.panels.saturation import SaturationPanel
from rnnviz.panels.spectrum import SpectrumPanel
from tests.builders import anatomy, embedding_map, forecast, influence, sampled, spectrum

STUDY_PANELS = [kind for kind in PANELS if kind.wants]
each_panel = pytest.mark.parametrize("kind", STUDY_PANELS, ids=lambda kind: kind.name)
SPECTRAL = pytest.mark.parametrize("kind", [SpectrumPanel, EigenvaluesPanel, SaturationPanel], ids=lambda k: k.name)
NONE = -np.inf


def studies(cell="lstm", tokens=8, layers=1):
    steps = min(tokens, 24)
    return Studies(
        influence(tokens, layers),
        spectrum(cell, tokens, layers),
        anatomy(cell, layers),
        embedding_map(tokens),
        sampled(),
        forecast(tokens, steps),
    )


@pytest.fixture
def show(qtbot):
    """Build a panel, show it and tell it studies."""

    def show(kind, told=None, cursor=Cursor(3, 0, 0), width=300):  # noqa: B008  # frozen
        panel = kind(DARK)
        qtbot.addWidget(panel)
        panel.resize(width, 420)
        panel.show()
        panel.show_studies(Studies() if told is None else told, cursor)
        return panel

    return show


def items(panel):
    """Everything that can be seen in a panel's picture."""
    return [item for item in panel._figure.scene().items() if item.isVisible()]


def written(panel):
    """All words in a panel's picture."""
    return [item.text() for item in items(panel) if hasattr(item, "text")]


def subtitle(panel):
    return panel._subtitle.toolTip()


def told_at(panel, x, y):
    return panel._figure.words_at(QPointF(x, y))


@pytest.fixture
def draws(monkeypatch):
    """The panels that draw, each time one does."""
    drawn = []
    for kind in STUDY_PANELS:

        def counted(panel, draw=kind._draw):
            drawn.append(panel)
            draw(panel)

        monkeypatch.setattr(kind, "_draw", counted)
    return drawn


# All of them.


def test_there_is_a_panel_for_every_study():
    assert {name for kind in STUDY_PANELS for name in kind.wants} == {
        "influence",
        "spectrum",
        "anatomy",
        "embedding",
        "sampling",
        "forecast",
    }


@each_panel
def test_without_a_study_the_panel_says_so(show, kind):
    panel = show(kind)
    assert written(panel) == ["nothing yet: computed about\ntwice a second while shown"]
    assert told_at(panel, 100, 60) == ""


@each_panel
@pytest.mark.parametrize("cell", CELLS)
def test_every_study_can_be_shown_in_both_themes_and_every_width(show, kind, cell):
    panel = show(kind)
    for tokens, layers in ((1, 1), (2, 3), (200, 2)):
        panel.show_studies(studies(cell, tokens, layers), Cursor(tokens - 1, layers - 1, 5))
        for theme, width in ((DARK, 255), (LIGHT, 430)):
            panel.set_theme(theme)
            panel.resize(width, 420)
            assert not panel.grab().isNull()
    panel.show_studies(Studies(), Cursor())
    assert len(written(panel)) == 1


@each_panel
def test_a_cursor_that_is_beyond_the_study_can_be_shown(show, kind):
    show(kind, studies(), Cursor(99, 2, 0)).grab()


@each_panel
def test_nothing_is_drawn_while_the_panel_is_hidden(show, kind, draws):
    panel = show(kind, studies())
    panel.hide()
    draws.clear()
    panel.show_studies(studies(), Cursor())
    panel.set_theme(LIGHT)
    assert draws == []
    panel.show()
    assert draws == [panel]


@each_panel
def test_the_same_study_is_drawn_once(show, kind, draws):
    told = studies()
    panel = show(kind, told)
    draws.clear()
    panel.show_studies(told, Cursor(3, 0, 5))
    panel.show_studies(dataclasses.replace(told), Cursor(3, 0, 5))
    assert draws == []
    panel.show_studies(studies(), Cursor(3, 0, 5))
    assert draws == [panel]


@each_panel
def test_a_picture_drawn_anew_uses_its_items_again_in_the_colours_of_the_theme(show, kind):
    panel = show(kind, studies())
    made = panel._figure.scene().items()
    before = written(panel)
    panel.set_theme(LIGHT)
    panel.show_studies(studies(), Cursor(3, 0, 0))
    assert len(panel._figure.scene().items()) == len(made)
    assert sorted("".join(written(panel))) == sorted("".join(before))  # letters on other colours are written apart
    colours = {item.brush().color().name() for item in items(panel) if hasattr(item, "text")}
    assert colours & {LIGHT.text, LIGHT.muted}
    assert not colours & {DARK.text, DARK.muted}


@each_panel
@pytest.mark.parametrize("width", [255, 300, 430])
def test_no_words_leave_the_picture_or_lie_on_each_other(show, kind, width):
    for told in (studies("lstm", 50, 3), studies("gru", 200), Studies(influence(50, 1, 4), spectrum(gain=1.4))):
        panel = show(kind, told, Cursor(7, 0, 0), width)
        panel.resize(width, panel.heightForWidth(width))
        QCoreApplication.processEvents()  # lays the panel out anew
        boxes = [(item.text(), item.sceneBoundingRect()) for item in items(panel) if hasattr(item, "text")]
        picture = panel._figure.viewport().rect().toRectF()
        assert [text for text, box in boxes if not picture.adjusted(-1, -1, 1, 1).contains(box)] == []
        overlapping = [
            (one, other)
            for place, (one, box) in enumerate(boxes)
            for other, another in boxes[:place]
            if box.adjusted(1, 3, -1, -3).intersects(another.adjusted(1, 3, -1, -3))
        ]
        assert overlapping == []


@each_panel
def test_a_panel_is_as_high_as_its_picture_needs_in_a_column_of_any_height(qtbot, kind):
    column, inside = QScrollArea(), QWidget()
    qtbot.addWidget(column)
    panel = kind(DARK)
    QVBoxLayout(inside).addWidget(panel)
    column.setWidget(inside)
    column.setWidgetResizable(True)
    column.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    column.resize(300, 200)
    column.show()
    panel.show_studies(studies(layers=2), Cursor())
    for height in range(200, 700, 25):
        column.resize(300, height)
        qtbot.wait(1)
        figure = panel._figure
        assert figure.height() >= figure.heightForWidth(figure.width())


# Who teaches whom.


def cells(panel):
    heat_map = next(item for item in items(panel) if isinstance(item, HeatMap))
    return heat_map._cells


def middle_of(panel, row, token):
    """The place of a cell of the influence matrix."""
    place, made = panel._place(), panel._influence
    return (
        place.left() + (token + 0.5) * place.width() / made.tokens,
        place.top() + (row + 0.5) * place.height() / len(made.loss_tokens),
    )


def test_the_triangle_is_told_cell_by_cell(show):
    panel = show(InfluencePanel, studies())
    assert told_at(panel, *middle_of(panel, 6, 2)) == "loss of token 6 → state at token 2: 0.001"
    assert told_at(panel, *middle_of(panel, 2, 6)) == "the loss of token 2 does not depend on the state at token 6"
    assert told_at(panel, 1, 1) == ""


def test_the_upper_part_is_clear_and_zero_and_broken_cells_have_colours_of_their_own(show):
    norms = influence().log10_norms[0].copy()
    norms[5, 1], norms[5, 2], norms[5, 3] = NONE, np.nan, np.inf
    panel = show(InfluencePanel, Studies(influence(log10_norms=(norms,))))
    shown = cells(panel)
    assert (shown[np.triu_indices(8, 1)] == CLEAR).all()
    assert shown[5, 1:4].tolist() == [ZERO, NONFINITE, NONFINITE]
    assert (shown[np.tril_indices(5)] < 250).all()
    assert told_at(panel, *middle_of(panel, 5, 1)).endswith(": exactly 0")
    assert told_at(panel, *middle_of(panel, 5, 2)).endswith(": not finite")


def test_colours_mean_the_same_in_all_layers(show):
    upper = influence(8, 2).log10_norms
    made = influence(log10_norms=(upper[0] - 3, upper[0]), residuals=(0, 0))
    first, second = (cells(show(InfluencePanel, Studies(made), Cursor(0, layer, 0))) for layer in (0, 1))
    assert (first[np.tril_indices(8)] < second[np.tril_indices(8)]).all()
    assert "10⁻⁸ … 10⁰ in all layers · layer 2" in subtitle(show(InfluencePanel, Studies(made), Cursor(0, 1, 0)))


def test_rows_are_rescaled_only_on_demand_and_that_is_told(show):
    panel = show(InfluencePanel, studies())
    assert "rescaled" not in subtitle(panel)
    before = cells(panel)[7, 7]
    panel._rescale.click()
    assert "each row rescaled: 10⁻⁶ … 1 of its peak" in subtitle(panel)
    assert cells(panel)[7, 7] == 249 != before
    assert "peak" in written(panel)


def test_a_row_without_any_gradient_can_be_rescaled(show):
    norms = influence().log10_norms[0].copy()
    norms[4], norms[5] = NONE, np.nan
    panel = show(InfluencePanel, Studies(influence(log10_norms=(norms,))))
    panel._rescale.click()
    assert cells(panel)[4, :5].tolist() == [ZERO] * 5
    assert cells(panel)[5, 0] == NONFINITE


def test_a_click_chooses_the_token_of_the_row(show, qtbot):
    panel, chosen = show(InfluencePanel, Studies(influence(8, every=2))), []
    panel.token_chosen.connect(chosen.append)
    x, y = middle_of(panel, 2, 1)
    qtbot.mouseClick(panel._figure.viewport(), Qt.MouseButton.LeftButton, pos=QPointF(x, y).toPoint())
    qtbot.mouseClick(panel._figure.viewport(), Qt.MouseButton.RightButton, pos=QPointF(x, y).toPoint())
    qtbot.mouseClick(panel._figure.viewport(), Qt.MouseButton.LeftButton, pos=QPointF(2, 2).toPoint())
    assert chosen == [5]


def test_what_was_checked_and_left_out_is_told(show):
    assert show(InfluencePanel, studies())._caption.text() == "rows sum to the total gradient within 2e-07 of its norm"
    for every, words in ((2, "every 2nd"), (3, "every 3rd"), (4, "every 4th")):
        told = Studies(influence(16, every=every))
        caption = show(InfluencePanel, told)._caption.text()
        assert caption.startswith(f"{words} loss token · rows sum to the total gradient of these losses within")
    uneven = influence(8, loss_tokens=np.array([0, 1, 7]), log10_norms=(np.zeros((3, 8)),), residuals=(np.nan,))
    words = show(InfluencePanel, Studies(uneven))._caption.text()
    assert words == "3 of 8 loss tokens · the sum of the rows could not be checked"


def test_a_cursor_that_moves_moves_only_its_marks(show, draws):
    told = studies()
    panel = show(InfluencePanel, told)
    draws.clear()
    panel.show_studies(told, Cursor(6, 0, 2))
    assert draws == []
    x, y = middle_of(panel, 6, 6)
    assert all(mark.rect().contains(x, y) for mark in panel._marks)
    assert all(mark.pen().color().name() == DARK.amber for mark in panel._marks)


# How far back.


def test_the_reach_of_losses_is_told_in_tokens(show):
    panel = show(MemoryPanel, studies(), Cursor(3, 0, 0))
    assert panel._caption.text() == (
        "losses reach back 4 of 7 tokens, the loss of token 3 reaches back 3 of 3 tokens: at 1% of the peak"
    )
    weights = 10 ** (-0.5 * np.arange(8))
    assert f"mean look-back {weights @ np.arange(8) / weights.sum():.3g} tokens" in subtitle(panel)


def test_a_loss_that_was_left_out_is_replaced_by_the_nearest_and_that_is_told(show):
    panel = show(MemoryPanel, Studies(influence(9, every=4)), Cursor(5, 0, 0))
    assert "the loss of token 3 reaches" in panel._caption.text()
    assert panel._caption.text().endswith("; token 5 was left out")


def test_both_curves_are_told_at_a_lag(show):
    panel = show(MemoryPanel, studies(), Cursor(3, 0, 0))
    x, y = float(panel._axes.across(2)), panel._axes.frame.center().y()
    assert told_at(panel, x, y) == "2 tokens back\nmean of all losses: 0.01\nloss of token 3: 0.01"
    assert told_at(panel, float(panel._axes.across(6)), y) == "6 tokens back\nmean of all losses: 0.0001"


def test_a_gradient_that_is_not_finite_is_told_and_not_drawn(show):
    norms = influence().log10_norms[0].copy()
    norms[7, 5] = np.nan
    panel = show(MemoryPanel, Studies(influence(log10_norms=(norms,))), Cursor(3, 0, 0))
    assert "the gradient of the losses is not finite" in panel._caption.text()
    assert DARK.nonfinite in {item.brush().color().name() for item in items(panel) if hasattr(item, "brush")}
    assert "mean of all losses: not finite" in told_at(panel, float(panel._axes.across(2)), 40)


# Spectrum.


def test_the_slider_asks_for_a_copy_and_goes_back_to_one(show, qtbot):
    panel, wishes = show(SpectrumPanel, studies()), []
    panel.gain_chosen.connect(wishes.append)
    slider = panel._slider._slider
    assert (slider.minimum(), slider.maximum(), panel._slider.gain) == (0, 300, 1.0)
    slider.setValue(140)
    assert panel._slider._label.text() == "recurrent weights of a copy × 1.40 — the run is not touched"
    panel._slider._back.click()
    slider.setValue(50)
    qtbot.mouseDClick(slider, Qt.MouseButton.LeftButton)
    assert wishes == [1.4, 1.0, 0.5, 1.0]
    assert not panel._slider._back.isEnabled()
    panel._slider.set_gain(2.0)
    assert len(wishes) == 4


@SPECTRAL
def test_a_copy_is_called_a_copy_in_title_and_picture(show, kind):
    plain = show(kind, studies())
    assert not any("copy" in words for words in [*written(plain), subtitle(plain)])
    panel = show(kind, Studies(spectrum=spectrum(gain=1.4)))
    assert "copy × 1.40" in written(panel)
    assert subtitle(panel).startswith("copy × 1.40 · ")


def test_the_products_are_told_at_every_token(show):
    panel = show(SpectrumPanel, studies())
    place = float(panel._axes.across(3)), panel._axes.frame.center().y()
    assert told_at(panel, *place) == (
        "from token 3 to the last token\nlargest singular value: ×0.1\ngeometric mean of all: ×0.0001\n"
        "gradient of the last loss: ×0.01"
    )


def test_exponent_slope_and_verdict_are_told(show):
    panel = show(SpectrumPanel, Studies(spectrum=spectrum(lyapunov=np.array([-0.624]))))
    assert panel._caption.text() == (
        "λ₁ −0.624 nats a token · gradient ×0.316 a token towards the past\n"
        "Gradients vanish: every token takes away half of them."
    )
    broken = show(SpectrumPanel, Studies(spectrum=spectrum(lyapunov=np.array([np.nan]), slope=None, reading={})))
    assert broken._caption.text() == "λ₁ not finite nats a token · gradient exactly 0 or not finite somewhere"


def test_eigenvalues_radius_and_stretch_are_told(show):
    blocks = {"W_hh": np.array([0.3 + 0.4j, 0.3 - 0.4j, -0.25, np.nan])}
    made = spectrum("rnn_tanh", eigenvalues=blocks, radius={"W_hh": 0.5}, sigma_max={"W_hh": 0.75})
    panel = show(EigenvaluesPanel, Studies(spectrum=made))
    assert {"W_hh", "0.5", "0.75"} <= set(written(panel))
    place = float(panel._axes.across(0.3)), float(panel._axes.down(-0.4))
    assert told_at(panel, *place) == "W_hh: λ = 0.3 − 0.4i, |λ| = 0.5"


def test_an_eigenvalue_far_outside_is_in_the_picture(show):
    panel = show(EigenvaluesPanel, Studies(spectrum=spectrum("rnn_tanh", eigenvalues={"W_hh": np.array([7.0 + 0j])})))
    assert panel._axes.frame.left() < panel._axes.across(7) < panel._axes.frame.right()


def test_the_hue_of_a_block_is_its_gates(show):
    panel = show(EigenvaluesPanel, studies())
    hues = {item.text(): item.brush().color().name() for item in items(panel) if hasattr(item, "text")}
    assert hues["f forget"] == DARK.gate(1)
    assert hues["o output"] == DARK.gate(3)


def test_saturation_of_a_unit_and_the_carry_path_are_told(show):
    low_high = np.array([[0.5, 0.0], [0.25, 0.125]])
    made = spectrum("gru", 3, units=2, saturation={"update": low_high}, carry=np.array([[-2.0, -1]] * 2 + [[0, 0]]))
    panel = show(SaturationPanel, Studies(spectrum=made))
    axes, carry = panel._scatter, panel._carry_axes
    place = float(axes.across(0.25)), float(axes.down(0.5))
    assert told_at(panel, *place) == "z update, unit 0: below 0.1 at 50% of tokens, above 0.9 at 25%"
    assert told_at(panel, float(carry.across(1)), carry.frame.center().y()) == (
        "carried from token 1 to the last token\nlargest 0.1, median 0.0316, smallest 0.01"
    )
    assert "mean φ′ 0.75" in panel._caption.text()
    assert "carry path: Π z from t to the last token" in written(panel)


def test_a_plain_cell_has_no_carry_path(show):
    assert not any("carry" in words for words in written(show(SaturationPanel, studies("rnn_tanh"))))


@SPECTRAL
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_broken_numbers_can_be_shown(show, kind, value):
    line, units = np.full(8, value), np.full((8, 6), value)
    blocks = {"forget": np.full(6, value, complex)}
    made = spectrum(
        log10_norm=line,
        log10_mean=line,
        factors=np.abs(line[1:]),
        lyapunov=line,
        carry=units,
        mean_slope=value,
        eigenvalues=blocks,
        radius={"forget": value},
        sigma_max={"forget": value},
        saturation={"forget": np.full((2, 6), np.nan)},
        slope=None,
    )
    panel = show(kind, Studies(spectrum=made))
    assert not panel.grab().isNull()
    told_at(panel, 100, 60)


# What clipping did.


def test_the_head_line_tells_what_clipping_and_the_optimiser_did(show):
    panel = show(AnatomyPanel, studies())
    assert panel._caption.text() == (
        "0.82 → 0.2 (×0.244) · turned 0° · 41% of the last 100 clipped · step turned 63° from it · "
        "‖step‖/‖weights‖ 0.0012 (adam)"
    )
    assert subtitle(panel) == "update 160 · by norm at 0.2 · ‖·‖₂, log 10⁻³ … 10⁰"
    unclipped = show(AnatomyPanel, Studies(anatomy=anatomy(clip="off", raw=0.5, clipped=0.5)))
    assert unclipped._caption.text().startswith("0.5 · clipping off · step turned 63°")


def test_a_row_tells_its_three_norms(show):
    panel = show(AnatomyPanel, studies())
    assert {"all weights", "embedding", "layer 1 W_hh", "read-out bias", "0.075", "0.025"} <= set(written(panel))
    assert told_at(panel, 20, 17 + 19 * 1.5) == (
        "embedding\n‖gradient‖ 0.1, clipped 0.025\n‖step‖ 0.003, ‖weights‖ 4, ratio 0.00075"
    )


def test_gate_blocks_come_on_demand_in_their_hue(show):
    panel = show(AnatomyPanel, studies())
    folded = panel._figure.heightForWidth(300)
    assert "forget" not in written(panel)
    panel._blocks.click()
    hues = [item.brush().color().name() for item in items(panel) if hasattr(item, "text") and item.text() == "forget"]
    assert hues == [DARK.gate(1)] * 4
    assert panel._figure.heightForWidth(300) == folded + 16 * 19


def test_a_cell_without_gates_has_no_blocks_to_show(show):
    assert not show(AnatomyPanel, studies("rnn_tanh"))._blocks.isEnabled()
    assert show(AnatomyPanel, studies("gru"))._blocks.isEnabled()


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_broken_and_exactly_zero_gradients_are_told(show, value):
    parts = dict.fromkeys(("raw", "clipped", "step", "weight", "coefficient", "step_angle"), value)
    panel = show(AnatomyPanel, Studies(anatomy=anatomy(**parts)))
    numbers = [item for item in items(panel) if hasattr(item, "text") and item.text() == f"{value:.3g}"]
    assert len(numbers) == 3
    own_colour = DARK.text if value == 0 else DARK.nonfinite
    assert {item.brush().color().name() for item in numbers} == {own_colour}
    assert not panel.grab().isNull()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("layers.0.weight_hh_l0", "layer 1 W_hh"),
        ("layers.2.bias_ih_l0", "layer 3 b_ih"),
        ("layers.0.back.weight_hh_l0", "layer 1 ← W_hh"),
        ("layers.1.w_hh", "layer 2 w_hh"),
        ("embedding.weight", "embedding"),
        ("readout.bias", "read-out bias"),
        ("phlogiston", "phlogiston"),
    ],
)
def test_parameters_have_readable_names(name, words):
    assert readable(name) == words


def test_how_far_back_says_of_a_token_without_a_loss_that_it_has_none(show):
    norms = influence().log10_norms[0].copy()
    norms[:-1] = NONE
    panel = show(MemoryPanel, Studies(influence=influence(log10_norms=(norms,))), Cursor(3, 0, 0))
    assert panel._caption.text() == "losses reach back 4 of 7 tokens, token 3 has no loss: at 1% of the peak"


@pytest.mark.parametrize(
    ("cell", "name", "words"),
    [
        ("gru", "candidate", "n candidate, unit 0: below −0.8 at 50% of tokens, above 0.8 at 25%"),
        ("rnn_tanh", "hidden", "hidden, unit 0: below −0.8 at 50% of tokens, above 0.8 at 25%"),
        ("rnn_relu", "hidden", "hidden, unit 0: exactly 0 at 50% of tokens, high (a ReLU never is) at 25%"),
    ],
)
def test_saturation_is_told_with_the_limits_by_which_it_was_counted(show, cell, name, words):
    low_high = np.array([[0.5, 0.0], [0.25, 0.125]])
    panel = show(SaturationPanel, Studies(spectrum=spectrum(cell, 3, units=2, saturation={name: low_high}, carry=None)))
    place = float(panel._scatter.across(0.25)), float(panel._scatter.down(0.5))
    assert told_at(panel, *place) == words
    table = panel.numbers()
    below, above = words.split(": ")[1].split(" at 50% of tokens, ")
    assert (table.column("low")[0], table.column("high")[0]) == (below, above.removesuffix(" at 25%"))
    assert table.column("share of tokens low").tolist() == [0.5, 0]


@pytest.mark.parametrize(
    ("cell", "legend"),
    [
        ("lstm", "→ above 0.9   ↑ below 0.1 (g: ±0.8)"),
        ("rnn_tanh", "→ above 0.8   ↑ below −0.8"),
        ("rnn_relu", "→ high (a ReLU never is)   ↑ exactly 0"),
    ],
)
def test_the_axes_of_the_scatter_name_the_limits_of_the_cell(show, cell, legend):
    assert legend in written(show(SaturationPanel, studies(cell)))


def test_a_layer_that_reads_backward_has_its_products_and_paths_to_token_0(show):
    told = Studies(spectrum=spectrum("gru", 4, units=2, direction="backward"))
    panel = show(SpectrumPanel, told, Cursor())
    place = float(panel._axes.across(3)), panel._axes.frame.center().y()
    assert told_at(panel, *place).startswith("from token 3 to token 0\n")
    assert "gradient of the loss of token 0: ×" in told_at(panel, *place)
    assert "‖∂s₀/∂sₜ‖" in subtitle(panel)
    assert panel.numbers().columns[-1].name == "gradient of the loss of token 0"
    other = show(SaturationPanel, told, Cursor())
    assert "carry path: Π z from t to token 0" in written(other)
    carry = other._carry_axes
    assert told_at(other, float(carry.across(1)), carry.frame.center().y()).startswith(
        "carried from token 1 to token 0\n"
    )
    assert "carry path to token 0: smallest" in [column.name for column in other.numbers().columns]


def test_sentences_of_the_top_layer_are_called_so_where_the_cursor_may_be_on_another(show):
    panel = show(SpectrumPanel, Studies(spectrum=spectrum(layers=2)), Cursor(0, 0, 0))
    assert panel._caption.text().split("\n")[1:] == [
        "Of layer 2:",
        "Gradients vanish: every token takes away half of them.",
    ]
