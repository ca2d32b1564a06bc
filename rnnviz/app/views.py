"""What can be taken away from the window: every row and panel that is shown, and the window as a whole."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from rnnviz.app.panel_column import PanelColumn
from rnnviz.app.score import Score
from rnnviz.domain.table import Table
from rnnviz.drawing.pictures import Painting, pdf, png, scene_painting, svg, widget_painting
from rnnviz.panels.panel import Panel
from rnnviz.tracks.track import Track

MARGIN = 8  # pixels around a panel
PICTURES: dict[str, Callable[[Painting], bytes]] = {"png": png, "svg": svg, "pdf": pdf}
FORMATS = (*PICTURES, "csv")


@dataclass(frozen=True)
class View:
    """One view, as it is now whenever it is asked."""

    name: str  # for file names and commands: “influence”
    title: str
    painting: Callable[[], Painting]
    numbers: Callable[[], Table]

    def written(self, form: str) -> bytes:
        """The view as one of FORMATS; a CSV is UTF-8 with a byte order mark, which spreadsheets need for ‖∂L/∂h‖."""
        if form == "csv":
            return self.numbers().csv().encode("utf-8-sig")
        return PICTURES[form](self.painting())


def view_of_track(score: Score, track: Track) -> View:
    """A row of the score."""

    def painting() -> Painting:
        part, others = score.part_of(track)
        return scene_painting(track.title, score.scene(), part, others)

    def numbers() -> Table:
        return Table(track.title) if score.picture is None else track.numbers(score.picture)

    return View(track_name(track), track.title, painting, numbers)


def view_of_panel(panel: Panel) -> View:
    """A panel."""

    def painting() -> Painting:
        return widget_painting(panel.title, panel, panel.theme.window, MARGIN)

    return View(panel.name, panel.title, painting, panel.numbers)


def window_painting(window: QWidget, score: Score) -> Painting:
    """Everything that is in the window."""
    return widget_painting("rnnviz", window, score.theme.window)


def track_name(track: Track | type[Track]) -> str:
    """Rows are told from panels of the same name."""
    return f"{track.name}_row"


def shown_views(score: Score, column: PanelColumn) -> list[View]:
    """Every row and panel that can be seen, if need be by scrolling."""
    column.bring_up_to_date()
    rows = [view_of_track(score, track) for track in score.shown_tracks]
    return rows + [view_of_panel(panel) for panel in column.panels.values() if panel.isVisible()]
