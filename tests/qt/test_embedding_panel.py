"""The map of the embedding: which tokens are written, marked and told, and what happens without one."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from rnnviz.domain.cursor import Cursor
from rnnviz.domain.studies import Studies
from rnnviz.drawing.theme import DARK
from rnnviz.panels.embedding import MOST_WORDS, EmbeddingPanel
from tests.builders import embedding_map, facts, full_trace
from tests.qt.driving import a_small_run


@pytest.fixture
def show(qtbot):
    """Build a panel and tell it a map and the trace of “hello wo”, with the cursor on the first l."""

    def show(told, cursor=Cursor(2)):  # noqa: B008  # frozen
        panel = EmbeddingPanel(DARK)
        qtbot.addWidget(panel)
        panel.resize(300, 420)
        panel.show()
        panel.start_run(facts())
        panel.show_trace(full_trace(), cursor)
        panel.show_studies(Studies(embedding=told), cursor)
        return panel

    return show


def texts(panel):
    """The words of the picture by what they say."""
    return {item.text(): item for item in panel._figure.scene().items() if item.isVisible() and hasattr(item, "text")}


def middle(panel, label):
    return QPointF(*panel._middles[panel._index[label]])


def told_at(panel, label):
    return panel._figure.words_at(middle(panel, label))


def test_every_token_is_written_at_its_place_where_there_is_room(show):
    panel = show(embedding_map())
    assert set(texts(panel)) == set("␣dehlorw")
    for label, word in zip(" dehlorw", "␣dehlorw", strict=True):
        place = texts(panel)[word].sceneBoundingRect().center()
        assert (place - middle(panel, label)).manhattanLength() < 20  # pushed in at the edge
    right, top = middle(panel, " "), middle(panel, "e")
    assert right.x() > top.x()
    assert right.y() > top.y()


def test_the_token_at_the_cursor_is_amber_and_those_of_the_sequence_are_bright(show):
    panel = show(embedding_map(9))
    colours = {word: item.brush().color().name() for word, item in texts(panel).items()}
    assert colours.pop("l") == DARK.amber
    assert {word for word, colour in colours.items() if colour == DARK.text} == {"h", "e", "o", "␣", "w"}
    assert {word for word, colour in colours.items() if colour == DARK.muted} == {"d", "r", "word 0"}


def test_the_mark_follows_the_cursor(show):
    panel = show(embedding_map())
    panel.show_trace(full_trace(), Cursor(1))
    colours = {word: item.brush().color().name() for word, item in texts(panel).items()}
    assert (colours["e"], colours["l"]) == (DARK.amber, DARK.text)
    assert panel._caption.text().startswith("“e” is nearest (cosine) to ")


def test_a_trace_with_the_same_token_at_the_cursor_draws_nothing(show, monkeypatch):
    panel = show(embedding_map())
    monkeypatch.setattr(panel._figure, "redraw", lambda: pytest.fail("drawn"))
    panel.show_trace(full_trace(), Cursor(3))  # the other l


def test_missing_tokens_are_underlined_and_that_is_told(show):
    panel = show(embedding_map(missing=frozenset("dr"), note="Vectors from a file."))
    assert {word for word, item in texts(panel).items() if item.font().underline()} == {"d", "r"}
    assert told_at(panel, "d").endswith("\nmissing in the file of vectors: began at random")
    assert "missing" not in told_at(panel, "e")
    assert panel._caption.text().endswith("\nVectors from a file.")


def test_hovering_tells_the_five_nearest_and_how_often_it_is_read(show):
    """On a circle of eight: two at 45°, two at 90° and one of the two at 135°."""
    panel = show(embedding_map())
    first, second = told_at(panel, "h").split("\n")
    near = first.removeprefix("“h” is nearest (cosine) to ").split(", ")
    assert (set(near[:2]), set(near[2:4])) == ({"e 0.71", "l 0.71"}, {"d 0.00", "o 0.00"})
    assert near[4] in {"␣ −0.71", "r −0.71"}
    assert second == "read 50 times in what is trained on"
    assert panel._figure.words_at(panel._figure.rect().center().toPointF()) == ""


def test_the_share_of_the_variance_and_the_number_of_tokens_are_told(show):
    told = show(embedding_map())._subtitle.toolTip()
    assert told == "50% + 25% of the variance · PCA · 8 tokens"
    assert show(embedding_map(frozen=True))._subtitle.toolTip() == f"frozen · {told}"


def test_of_a_crowd_the_cursors_token_and_the_commonest_are_written_and_the_rest_are_dots(show):
    places = np.random.default_rng(0).normal(size=(600, 2))
    made = embedding_map(600, places=places, counts=np.arange(600, 0, -1))
    panel = show(made)
    written = texts(panel)
    assert "l" in written
    assert written["l"].brush().color().name() == DARK.amber
    assert 20 < len(written) < MOST_WORDS
    assert "␣" in written  # the commonest of all
    dots = max(
        (item for item in panel._figure.scene().items() if hasattr(item, "path")), key=lambda i: i.path().length()
    )
    assert dots.path().elementCount() == (600 - len(written)) * 13


def test_neighbours_of_the_cursors_token_are_written_however_rare(show):
    """Their places are far from each other, those of all others in the middle."""
    places = np.zeros((600, 2))
    near = [2, 3, 5, 6]  # of “l” on the circle
    places[near] = [[1, 1], [1, -1], [-1, 1], [-1, -1]]
    panel = show(embedding_map(600, places=places, counts=np.arange(600)))
    assert {"l", *"ehor"} <= set(texts(panel))


def test_axes_do_not_flip_between_updates(show):
    panel = show(embedding_map())
    before = panel._middles.copy()
    flipped = embedding_map(places=-embedding_map().places)
    panel.show_studies(Studies(embedding=flipped), Cursor(2))
    np.testing.assert_allclose(panel._middles, before, atol=1e-9)


def test_another_run_turns_the_axes_as_they_come(show):
    panel = show(embedding_map())
    before = panel._middles.copy()
    panel.start_run(facts())
    panel.show_studies(Studies(embedding=embedding_map(places=-embedding_map().places)), Cursor(2))
    assert np.abs(panel._middles - before).max() > 50


def test_both_axes_have_one_scale(show):
    stretched = embedding_map().places * (1, 0.1)
    panel = show(embedding_map(places=stretched))
    size = np.ptp(panel._middles, axis=0)
    assert size[1] / size[0] == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize("places", [np.zeros((8, 2)), np.full((8, 2), np.nan)])
def test_places_without_a_spread_can_be_shown(show, places):
    panel = show(embedding_map(places=places))
    assert len(texts(panel)) == (1 if np.isfinite(places).all() else 0)
    panel.grab()


def test_a_vector_of_zeros_has_no_neighbours(show):
    vectors = embedding_map().vectors.copy()
    vectors[4] = 0
    panel = show(embedding_map(vectors=vectors))
    assert panel._caption.text().startswith("“l” has no direction: its vector is 0 or not finite")


def test_a_click_goes_to_where_the_token_comes_next(show, qtbot):
    panel, chosen = show(embedding_map()), []
    panel.token_chosen.connect(chosen.append)
    for label in "lod":
        qtbot.mouseClick(panel._figure.viewport(), Qt.MouseButton.LeftButton, pos=middle(panel, label).toPoint())
    assert chosen == [3, 4]  # there is no d in “hello wo”
    panel.show_trace(full_trace(), Cursor(3))
    qtbot.mouseClick(panel._figure.viewport(), Qt.MouseButton.LeftButton, pos=middle(panel, "l").toPoint())
    assert chosen == [3, 4, 2]  # from the start again


def test_without_an_embedding_the_panel_is_a_sentence(show):
    none = embedding_map(0, note="Tokens are read\nas they are.")
    panel = show(none)
    assert list(texts(panel)) == ["Tokens are read\nas they are."]
    assert panel._figure.heightForWidth(270) < 60
    assert panel._caption.text() == ""
    panel.show_studies(Studies(embedding=embedding_map()), Cursor())
    assert panel._figure.heightForWidth(270) > 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"task": "adding"}, "This task reads numbers as they are:\nthere are no tokens to embed."),
        ({"embedding": 0}, "Tokens are read as a one among zeros\n(Embedding is 0): all are equally far apart."),
    ],
)
def test_the_window_says_why_there_is_no_map(start, changes, words):
    driven = start(a_small_run(**changes))
    driven.train(2)
    driven.key(Qt.Key.Key_F6)
    panel = driven.window.column.panels["embedding"]
    driven.until(lambda: list(texts(panel)) == [words])


def test_the_map_follows_the_training(start):
    driven = start(a_small_run())
    driven.key(Qt.Key.Key_F6)
    driven.train(5)
    driven.until(lambda: driven.session.studies.embedding is not None and driven.session.studies.embedding.update == 5)
    panel = driven.window.column.panels["embedding"]
    assert panel._map.update == 5
    assert len(texts(panel)) > 1


def test_a_panel_that_is_shown_again_in_the_same_run_draws_the_map_that_it_has(show):
    panel = show(embedding_map())
    before = panel._middles.copy()
    panel.hide()
    panel.start_run(panel._facts)
    panel.show()
    panel.resize(300, 421)
    np.testing.assert_array_equal(panel._middles, before)
    assert set(texts(panel)) == set("␣dehlorw")


def test_a_panel_that_waits_for_the_map_of_another_run_can_be_resized(show):
    panel = show(embedding_map())
    panel.start_run(facts(parameters=1))
    panel.resize(280, 421)
    assert set(texts(panel)) == set("␣dehlorw")
