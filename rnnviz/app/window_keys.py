"""The table of the window's keys, in the order of the help."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from rnnviz.app.keys import Key
from rnnviz.app.panel_column import TABS
from rnnviz.cells import CELLS

if TYPE_CHECKING:
    from rnnviz.app.main_window import MainWindow


def window_keys(window: "MainWindow") -> tuple[Key, ...]:
    """All keys of ``window`` and of its parts."""
    return (
        *_run_keys(window),
        *_cursor_keys(window),
        *_cell_keys(window),
        *_side_keys(window),
        *window.laboratory.keys(),
        *window.speaking.keys(),
        *window.take_away.keys(),
        Key(("Return", "Enter"), "Enter", "start the new run that the settings propose", window.form.start),
        Key(("Esc",), "Esc", "undo pending settings, dismiss a notice", window.escape),
        Key(("Ctrl+O",), "Ctrl+O", "open a file: a text to learn from, a recording", window.ask_for_file),
        Key(("D",), "D", "dark or light", window.switch_theme),
        Key(("?", "Shift+?", "F1"), "?", "this page", window.show_help),
        Key(("Ctrl+Q",), "Ctrl+Q", "quit", window.close),
    )


def _run_keys(window: "MainWindow") -> tuple[Key, ...]:
    return (
        Key(("Space",), "Space", "train or pause", window.toggle),
        Key(("U",), "U", "one update", window.step),
        Key(("R",), "R", "begin this run anew", window.reset),
        Key(("Ctrl+Z",), "Ctrl+Z", "back to the run before, as it was left", window.session.go_back),
        Key(("S",), "S", "tempo: full speed, slow motion", window.toolbar.next_tempo),
        Key(("C",), "C", "gradient clipping on or off", window.toolbar.toggle_clipping),
    )


def _cursor_keys(window: "MainWindow") -> tuple[Key, ...]:
    selection = window.selection
    choose, move = selection.choose, selection.move
    return (
        Key(("Left",), "←", "one token back", lambda: move(tokens=-1)),
        Key(("Right",), "→", "one token on", lambda: move(tokens=1)),
        Key(("Home", "Shift+Left"), "Home, Shift ←", "first token", lambda: choose(token=0)),
        Key(("End", "Shift+Right"), "End, Shift →", "last token", lambda: choose(token=selection.tokens - 1)),
        Key(("P",), "P", "play along the tokens", window.playback.toggle),
        Key(("Up",), "↑", "the unit above", lambda: move(units=-1)),
        Key(("Down",), "↓", "the unit below", lambda: move(units=1)),
        Key(("PgUp", "Shift+Up"), "PgUp, Shift ↑", "the layer above", lambda: move(layers=1)),
        Key(("PgDown", "Shift+Down"), "PgDn, Shift ↓", "the layer below", lambda: move(layers=-1)),
    )


def _cell_keys(window: "MainWindow") -> list[Key]:
    def switcher(name: str) -> Callable[[], None]:
        return lambda: window.switch_cell(name)

    return [
        Key((str(place),), str(place), f"a new run with {cell.title}", switcher(cell.name))
        for place, cell in enumerate(CELLS.values(), start=1)
    ]


def _side_keys(window: "MainWindow") -> list[Key]:
    def chooser(side: str) -> Callable[[], None]:
        return lambda: window.column.choose_side(side)

    return [
        Key((f"F{place}",), f"F{place}", f"look at: {title.lower()}", chooser(side))
        for place, (side, title) in enumerate(TABS.items(), start=2)
    ]
