"""The cell state c_t of an LSTM."""

from rnnviz.analysis.tables import units
from rnnviz.domain.table import Table
from rnnviz.domain.trace import LayerTrace
from rnnviz.drawing.colour_map import quantise, signed_table
from rnnviz.drawing.strip import Strip
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.track import CHANGED, Picture, Track


class CellStateTrack(Track):
    """Only for cells that have one."""

    name = "cell_state"
    title = "Cell state c"
    how_to_read = (
        "What the LSTM carries from token to token beside h: it is only scaled by the forget gate and added to, which "
        "is why it can last. Colours as for h, clamped to ±1; the cell state itself may grow beyond, hover to see."
    )
    weight = 1.2
    least_height = 44
    phases = frozenset({"forward"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._strip = Strip(self.root, theme, signed_table(theme))

    @classmethod
    def applies_to(cls, layer: LayerTrace) -> bool:
        """Whether the cell has a cell state."""
        return layer.cell_state is not None

    def place(self, axis: TokenAxis, height: float) -> None:
        """Fill the columns."""
        self._strip.place(axis, 0, height)

    def show(self, picture: Picture) -> None:
        """Clamp to ±1."""
        if picture.values.cell_state is not None:
            self._strip.show(quantise(picture.values.cell_state, -1, 1), picture.cursor.unit)

    def subtitle(self, picture: Picture) -> str:
        """Say how far it really goes."""
        cell = picture.values.cell_state
        reach = 0.0 if cell is None else float(abs(cell).max())
        largest = "|Δc|" if picture.change else "|c|"
        return f"{CHANGED if picture.change else ''}colours clamped to −1 … +1 · largest {largest} {reach:.2f}"

    def numbers(self, picture: Picture) -> Table:
        """The cell state of every unit, or what changed of it."""
        cell = picture.values.cell_state
        return Table(self.title) if cell is None else units(self.title, "Δc" if picture.change else "c", cell)

    def value_at(self, picture: Picture, token: int, y: float) -> str:
        """“c of unit 3 at token 7: −1.204”."""
        unit, cell = self.unit_at(y), picture.layer.cell_state
        if unit is None or cell is None:
            return ""
        change = None if picture.change is None else picture.change.cell_state
        changed = "" if change is None else f"\nchanged by {change[token, unit]:+.4f}"
        return f"c of unit {unit} at token {token}: {cell[token, unit]:+.4f}{changed}"

    def unit_at(self, y: float) -> int | None:
        """The unit whose row holds ``y``."""
        return self._strip.unit_at(y)
