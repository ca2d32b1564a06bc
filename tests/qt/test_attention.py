"""The attention panel and the lines of attention in the unfolded network."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from rnnviz.domain.cursor import Cursor
from rnnviz.drawing.theme import DARK, LIGHT
from rnnviz.panels.attention import AttentionPanel
from rnnviz.training.trainer import Trainer
from tests.builders import config


@pytest.fixture(scope="module")
def trace():
    run = Trainer(config(task="reversal", length=10, cell="gru", attention="general", decoder=True))
    list(run.updates(2))
    return run.trace()


@pytest.fixture
def panel(qtbot, trace):
    made = AttentionPanel(DARK)
    qtbot.addWidget(made)
    made.resize(300, 400)
    made.show()
    made.show_trace(trace, Cursor(7, 0, 0))
    return made


def middle(panel, row, column):
    """Where a cell of the map is."""
    place, (rows, columns) = panel._place(), panel._shape
    return QPointF(
        place.left() + (column + 0.5) * place.width() / columns, place.top() + (row + 0.5) * place.height() / rows
    )


def test_every_cell_tells_its_weight(panel, trace):
    for row, column in ((0, 0), (2, 4), (4, 1)):
        words = panel._figure.words_at(middle(panel, row, column))
        assert words.startswith(f"token {5 + row} looks at token {column} “{trace.reading.tokens[column]}”")
        assert words.endswith(f"{trace.attention[5 + row, column]:.3f}")


def test_a_click_chooses_the_token_of_the_row(panel, qtbot):
    chosen = []
    panel.token_chosen.connect(chosen.append)
    panel._on_pressed(middle(panel, 3, 1))
    panel._on_pressed(QPointF(0, 0))
    assert chosen == [8]


def test_the_caption_names_where_the_cursor_looks_and_its_entropy(panel, trace):
    weights = trace.attention[7, :5].astype(float)
    best, spread = int(weights.argmax()), float(-(weights * np.log(weights)).sum())
    told = panel._caption.text()
    assert told.startswith(f"token 7 looks most at token {best} “{trace.reading.tokens[best]}”, {weights[best]:.2f}")
    assert f"its entropy {spread:.2f}" in told
    assert "of at most 1.61 nats" in told


def test_at_a_token_that_is_read_only_the_mean_is_told(panel, trace):
    panel.show_trace(trace, Cursor(2, 0, 0))
    assert panel._caption.text().startswith("entropy of all rows")


def test_other_colours_are_drawn_at_once(panel):
    before = panel.grab().toImage()
    panel.set_theme(LIGHT)
    assert panel.grab().toImage() != before


WITH = config(task="reversal", length=10, attention="dot", decoder=True)


def test_it_is_there_only_with_attention(driven):
    panels, session = driven.window.column.panels, driven.session
    assert not panels["attention"].isVisible()
    session.begin(WITH)
    driven.until(lambda: session.trace is not None and session.trace.attention is not None)
    assert panels["attention"].isVisible()
    session.begin(WITH.changed(attention="off"))
    driven.until(lambda: session.trace is not None and session.trace.attention is None)
    assert not panels["attention"].isVisible()


def test_lines_lead_from_the_cursor_to_what_it_looks_at(driven):
    session, score = driven.session, driven.window.score
    session.begin(WITH)
    driven.until(lambda: session.trace is not None and session.trace.decoded_from == 5)
    track = next(row.track for row in score._rows if row.track.name == "unfolded")
    driven.window.selection.choose(token=7)
    axis, drawn = track._axis, [item.path() for item in track._looks._lines if not item.path().isEmpty()]
    ends = [path.elementAt(k) for path in drawn for k in range(path.elementCount())]
    weights = session.trace.attention[7]
    below = {round(end.x, 3) for end in ends if end.y == track._looks._bottom}
    assert below == {round(float(axis.middle(token)), 3) for token in np.flatnonzero(weights >= 0.02)}
    assert {round(end.x, 3) for end in ends if end.y == track._looks._top} == {round(float(axis.middle(7)), 3)}


def test_a_dashed_line_stands_where_the_decoder_takes_over(driven):
    session, score = driven.session, driven.window.score
    session.begin(WITH)
    driven.until(lambda: session.trace is not None and session.trace.decoded_from == 5)
    track = next(row.track for row in score._rows if row.track.name == "unfolded")
    assert track._takeover.path().elementAt(0).x == pytest.approx(track._axis.left + 5 * track._axis.step)
    assert "decoder from token 5" in track.subtitle(score._picture)
