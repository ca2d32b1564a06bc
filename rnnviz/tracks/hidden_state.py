"""The hidden state h_t: every unit at every token."""

from rnnviz.analysis.tables import units
from rnnviz.cells import CELLS
from rnnviz.domain.intervention import SetInitial, ZeroUnit
from rnnviz.domain.table import Table
from rnnviz.drawing.colour_map import quantise, signed_table
from rnnviz.drawing.items import label_font, right_align, text_item
from rnnviz.drawing.strip import Strip
from rnnviz.drawing.theme import Theme
from rnnviz.drawing.token_axis import TokenAxis
from rnnviz.tracks.track import CHANGED, Offer, Picture, Track, place_of


class HiddenStateTrack(Track):
    """Rows are units, columns are tokens."""

    name = "hidden_state"
    title = "Hidden state h"
    how_to_read = (
        "Each column is one token, each row one unit: blue is positive, orange negative, dark or pale is near 0. "
        "A unit that keeps its colour over many columns remembers something; one that changes at every column reacts "
        "to the token alone. Click to choose a token and a unit."
    )
    weight = 1.6
    least_height = 56
    phases = frozenset({"forward"})

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._strip = Strip(self.root, theme, signed_table(theme))
        self._first = text_item(self.root, theme.muted, label_font(8), "unit 0")
        self._last = text_item(self.root, theme.muted, label_font(8))

    def place(self, axis: TokenAxis, height: float) -> None:
        """Fill the columns; first and last unit are named in the gutter."""
        self._strip.place(axis, 0, height)
        right_align(self._first, axis.left - 10, 7)
        self._last_place = axis.left - 10, height - 7

    def show(self, picture: Picture) -> None:
        """Clamp to ±1, the range of a tanh."""
        hidden = picture.values.hidden
        self._strip.show(quantise(hidden, -1, 1), picture.cursor.unit)
        self._last.setText(str(hidden.shape[1] - 1))
        right_align(self._last, *self._last_place)

    def subtitle(self, picture: Picture) -> str:
        """Say what is clamped."""
        layer = picture.layer
        clamped = "" if CELLS[layer.cell].bounded else ", colours clamped"
        units, tokens = layer.hidden.shape[1], picture.trace.tokens
        size = f"{units} unit{'s' * (units != 1)} × {tokens} token{'s' * (tokens != 1)}"
        return f"{CHANGED if picture.change else ''}{layer.name} · {size} · −1 … +1{clamped}"

    def numbers(self, picture: Picture) -> Table:
        """The state of every unit, or what changed of it."""
        return units(self.title, "Δh" if picture.change else "h", picture.values.hidden)

    def value_at(self, picture: Picture, token: int, y: float) -> str:
        """“h of unit 3 at token 7: +0.412”."""
        unit = self.unit_at(y)
        if unit is None:
            return ""
        changed = "" if picture.change is None else f"\nchanged by {picture.change.hidden[token, unit]:+.4f}"
        return f"h of unit {unit} at token {token}: {picture.layer.hidden[token, unit]:+.4f}{changed}"

    def offers(self, picture: Picture, token: int, unit: int, y: float | None) -> tuple[Offer, ...]:
        """Zero the unit, or let it begin elsewhere."""
        place = place_of(picture.layer)
        return (
            Offer(f"Zero unit {unit} after every token", lambda _: ZeroUnit(unit, **place)),
            Offer(f"Zero unit {unit} after token {token} alone", lambda _: ZeroUnit(unit, token, **place)),
            Offer(f"Begin with h₀ of unit {unit} at …", lambda value: SetInitial(value, unit, **place), "a number"),
            Offer("Begin with h₀ of all units at …", lambda value: SetInitial(value, **place), "a number"),
        )

    def unit_at(self, y: float) -> int | None:
        """The unit whose row holds ``y``."""
        return self._strip.unit_at(y)
