"""The remembered layout: restored when it can be, otherwise the standard one and a sentence; never an exception."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QTimer

from rnnviz.app import layout_store, main
from rnnviz.app.layout_store import WindowLayout, load_layout, save_layout
from rnnviz.app.main_window import MainWindow
from rnnviz.panels.loss import LossPanel
from rnnviz.tracks.gates import GatesTrack
from tests.qt.driving import a_small_run

LAYOUT = WindowLayout(
    width=1300,
    height=800,
    columns=(260, 700, 338),
    hidden_tracks=frozenset({"gates"}),
    hidden_panels=frozenset({"loss"}),
    theme="light",
)


def test_what_was_saved_is_loaded(tmp_path):
    save_layout(tmp_path / "deep" / "layout.json", LAYOUT)
    assert load_layout(tmp_path / "deep" / "layout.json") == (LAYOUT, "")
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["layout.json"]


def test_without_a_file_the_standard_layout_is_shown_without_complaint(tmp_path):
    assert load_layout(tmp_path / "layout.json") == (WindowLayout(), "")


def load(tmp_path, content):
    path = tmp_path / "layout.json"
    path.write_bytes(content)
    return load_layout(path)


def complaint_about(tmp_path, content):
    layout, complaint = load(tmp_path, content)
    assert layout == WindowLayout()
    assert complaint.startswith(f"The saved window layout {tmp_path / 'layout.json'} cannot be used (")
    assert complaint.endswith("; the standard one is shown.")
    assert "\n" not in complaint
    return complaint


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        LAYOUT.model_dump_json().encode()[:-20],
        b'{"width": "wide"}',
        b'{"width": 10}',
        b'{"height": 1e300}',
        b'{"width": null}',
        b'{"columns": [1, 2]}',
        b'{"columns": "abc"}',
        b'{"theme": "pink"}',
        b'{"theme": "dark\\n"}',
        b'{"hidden_tracks": 5}',
        b'{"hidden_tracks": [[]]}',
        b"[" * 100_000,
    ],
)
def test_a_layout_that_cannot_be_used_is_left_with_a_sentence(tmp_path, content):
    complaint_about(tmp_path, content)


def test_the_sentence_names_what_is_wrong(tmp_path):
    assert "theme" in complaint_about(tmp_path, b'{"theme": "pink"}')


def test_a_folder_in_place_of_the_file_is_left_with_a_sentence(tmp_path):
    (tmp_path / "layout.json").mkdir()
    layout, complaint = load_layout(tmp_path / "layout.json")
    assert layout == WindowLayout()
    assert "cannot be used" in complaint


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.binary(max_size=60)
    | st.dictionaries(st.sampled_from(list(WindowLayout.model_fields)), JSON).map(
        lambda value: json.dumps(value).encode("utf-8", "replace")
    )
)
def test_any_bytes_give_a_layout(tmp_path_factory, content):
    layout, complaint = load(tmp_path_factory.getbasetemp(), content)
    assert isinstance(layout, WindowLayout)
    assert not complaint or layout == WindowLayout()


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_layout_with_a_wrong_byte_gives_a_layout(tmp_path_factory, place, byte):
    content = bytearray(LAYOUT.model_dump_json().encode())
    content[place % len(content)] = byte
    layout, _ = load(tmp_path_factory.getbasetemp(), bytes(content))
    assert layout.theme in {"dark", "light"}


@pytest.mark.parametrize(
    "columns",
    [
        (0, 0, 0),
        (-5, 700, 300),
        (100_000, 1, 1),
        (10**12, 1, 1),
    ],
)
def test_strange_column_widths_open_a_window(qtbot, tmp_path, columns):
    layout, complaint = load(tmp_path, json.dumps({"columns": columns}).encode())
    window = opened(qtbot, layout)
    widths = window._columns.sizes()
    assert all(width >= 200 for width in widths)
    assert complaint == "" or layout == WindowLayout()


def opened(qtbot, layout):
    """A window on its own, without a worker."""
    from rnnviz.exchange.control import Control  # noqa: PLC0415
    from rnnviz.exchange.mailbox import Mailbox  # noqa: PLC0415
    from rnnviz.state.session import Session  # noqa: PLC0415

    session = Session(Control(), Mailbox())
    window = MainWindow(session, layout, lambda _: None)
    session.setParent(window)
    qtbot.addWidget(window)
    window.show()
    return window


def test_views_that_no_longer_exist_are_forgotten_without_complaint(qtbot):
    hidden = {"hidden_tracks": frozenset({"phlogiston"}), "hidden_panels": frozenset({"aether"})}
    window = opened(qtbot, WindowLayout(**hidden, side="all"))
    assert all(panel.isVisible() == panel.always_applies for panel in window.column.panels.values())


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = tmp_path / "layout.json"
    save_layout(path, LAYOUT)

    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(layout_store.os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        save_layout(path, WindowLayout())
    assert load_layout(path) == (LAYOUT, "")
    assert [entry.name for entry in tmp_path.iterdir()] == ["layout.json"]


def test_the_window_is_found_as_it_was_left(start, tmp_path):
    file = tmp_path / "layout.json"
    driven = start(layout=WindowLayout(width=1400, height=900), save_to=file)
    driven.window.resize(1300, 800)
    driven.window.set_theme("light")
    for action in driven.window.toolbar.view_menu.actions():
        if action.text() in {GatesTrack.title, LossPanel.title}:
            action.trigger()
    driven.window._columns.setSizes([300, 650, 348])
    columns = tuple(driven.window._columns.sizes())
    driven.close()
    layout, complaint = load_layout(file)
    assert complaint == ""
    assert layout == LAYOUT.model_copy(update={"columns": columns})
    again = start(layout=layout)
    assert again.window.current_layout() == layout
    assert "gates" not in [row.track.name for row in again.window.score._rows]
    assert not again.window.column.panels["loss"].isVisible()


def test_what_was_hidden_can_be_shown_again_after_a_restart(start):
    driven = start(layout=LAYOUT)
    for action in driven.window.toolbar.view_menu.actions():
        if action.text() in {GatesTrack.title, LossPanel.title}:
            assert not action.isChecked()
            action.trigger()
    assert driven.window.current_layout().hidden_tracks == frozenset()
    assert driven.window.column.panels["loss"].isVisible()


def test_a_layout_that_cannot_be_written_is_told_and_the_program_ends(start, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    driven = start(save_to=tmp_path / "file" / "layout.json")
    driven.close()
    assert "the window layout was not saved" in capsys.readouterr().err


@pytest.fixture
def run_window(application, programs):
    """Run the program until ``look`` has seen the window; its exit code and what was seen."""

    def run(look, **options):
        seen = []

        def visit():
            seen.append(look(programs[-1].window))
            application.exit(0)  # closing the window here, too, would end the loops of later tests

        QTimer.singleShot(0, visit)
        code = main.run_window(a_small_run(), **options)
        return code, *seen

    return run


def test_a_broken_layout_is_told_in_the_window(run_window, tmp_path):
    (tmp_path / "layout.json").write_bytes(b"{")
    code, text = run_window(lambda window: window.notice.text, layout_file=tmp_path / "layout.json")
    assert code == 0
    assert "cannot be used" in text
    assert load_layout(tmp_path / "layout.json")[1] == ""


def test_a_theme_that_was_asked_for_is_taken(run_window, tmp_path):
    code, layout = run_window(lambda window: window.current_layout(), layout_file=tmp_path / "l.json", theme="light")
    assert (code, layout.theme) == (0, "light")
    assert load_layout(tmp_path / "l.json")[0].theme == "light"
