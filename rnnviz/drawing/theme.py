"""The colours of everything, dark and light.

One law: signed values are blue (+) to orange (−) around a neutral 0; magnitudes run through one sequential map;
gates have a hue and a letter each; amber is the user's cursor and the one primary action, nothing else.
"""

from dataclasses import dataclass, field

from PySide6.QtGui import QColor, QPalette

_DARK_SEQUENTIAL = ("#191a2b", "#3b2a63", "#722f7c", "#b03a74", "#e4605a", "#f99f6c", "#fde7b5")
_LIGHT_SEQUENTIAL = ("#eeeaf3", "#d6bfe0", "#c08bc4", "#b0569b", "#97296b", "#6b1245", "#36071f")


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for, as #rrggbb."""

    name: str
    window: str
    panel: str  # behind pictures and plots
    raised: str  # buttons, nodes
    line: str  # borders, grids
    text: str
    muted: str  # second-rank text; still 4.5 : 1 against `window`
    amber: str
    on_amber: str
    positive: str
    neutral: str
    negative: str
    backward: str  # gradients as lines
    direct: str  # the part of a gradient that is a token's own
    last: str  # the gradient of one loss alone
    right: str
    wrong: str
    nonfinite: str
    zero: str  # a gradient that is exactly 0
    shut: str
    open: str
    sequential: tuple[str, ...]
    gates: tuple[str, ...] = field(default=())

    def gate(self, index: int) -> str:
        """Hue of the gate in row block ``index``."""
        return self.gates[index % len(self.gates)]

    def companion(self, place: int) -> str:
        """Hue of the companion at ``place``, in every plot."""
        hues = (self.last, self.gates[3], self.gates[4])
        return hues[place % len(hues)]

    def _veil(self) -> str:
        colour = QColor(self.window)
        return f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, 200)"

    def palette(self) -> QPalette:
        """Give the widgets these colours (Fusion style)."""
        palette = QPalette()
        roles = QPalette.ColorRole
        for role, colour in {
            roles.Window: self.window,
            roles.WindowText: self.text,
            roles.Base: self.panel,
            roles.AlternateBase: self.raised,
            roles.Text: self.text,
            roles.Button: self.raised,
            roles.ButtonText: self.text,
            roles.ToolTipBase: self.raised,
            roles.ToolTipText: self.text,
            roles.PlaceholderText: self.muted,
            roles.Highlight: self.positive,
            roles.HighlightedText: self.window,
            roles.Link: self.positive,
            roles.Mid: self.line,
        }.items():
            palette.setColor(role, QColor(colour))
        for role in (roles.Text, roles.WindowText, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(self.muted))
        return palette

    def style_sheet(self) -> str:
        """What a palette cannot say."""
        return f"""
        QToolTip {{ background: {self.raised}; color: {self.text}; border: 1px solid {self.line}; padding: 4px; }}
        QLabel[role="muted"] {{ color: {self.muted}; }}
        QLabel[role="title"] {{ font-weight: 600; }}
        QLabel[role="group"] {{ color: {self.muted}; font-weight: 600; }}
        QLabel[role="logo"] {{ color: {self.text}; font-weight: 700; font-size: 13pt; }}
        QLabel[role="error"] {{ color: {self.wrong}; }}
        QFrame[role="bar"] {{ background: {self.window}; border: none; }}
        QFrame[role="rule"] {{ background: {self.line}; border: none; }}
        QFrame[role="veil"] {{ background: {self._veil()}; border: none; }}
        QFrame[role="notice"] {{ background: {self.raised}; border: 1px solid {self.line}; border-radius: 6px; }}
        QFrame[role="notice"][bad="true"] {{ border: 1px solid {self.wrong}; }}
        QPushButton, QToolButton {{
            background: {self.raised}; color: {self.text}; border: 1px solid {self.line};
            border-radius: 5px; padding: 4px 9px;
        }}
        QFileDialog QToolButton {{ padding: 0; }}
        QPushButton:hover, QToolButton:hover {{ border-color: {self.muted}; }}
        QPushButton:disabled, QToolButton:disabled {{ color: {self.line}; }}
        QPushButton:focus, QToolButton:focus {{ border-color: {self.positive}; }}
        QToolButton:checked {{ border-color: {self.positive}; color: {self.positive}; }}
        QPushButton[role="primary"] {{
            background: {self.amber}; color: {self.on_amber}; border-color: {self.amber}; font-weight: 600;
        }}
        QPushButton[role="primary"]:disabled {{
            background: {self.raised}; color: {self.muted}; border-color: {self.line};
        }}
        QToolButton[role="help"] {{
            border: none; background: transparent; color: {self.muted}; padding: 0 4px; font-weight: 600;
        }}
        QToolButton[role="help"]:hover {{ color: {self.text}; }}
        QToolButton::menu-indicator {{ image: none; }}
        QTabBar {{ font-size: 8.5pt; }}
        QTabBar::tab {{
            background: transparent; color: {self.muted}; border: none; border-bottom: 2px solid transparent;
            padding: 6px 2px; margin: 0 1px;
        }}
        QTabBar::tab:selected {{ color: {self.text}; border-bottom-color: {self.text}; }}
        QTabBar::tab:hover {{ color: {self.text}; }}
        QTabBar::tab:focus {{ border-bottom-color: {self.positive}; }}
        QCheckBox::indicator:unchecked {{
            border: 1px solid {self.muted}; border-radius: 3px; width: 12px; height: 12px;
        }}
        QMenu {{ background: {self.raised}; border: 1px solid {self.line}; padding: 3px; }}
        QMenu::item {{ padding: 4px 22px; color: {self.text}; }}
        QMenu::item:selected {{ background: {self.positive}; color: {self.window}; }}
        QMenu::item:disabled {{ background: transparent; color: {self.muted}; }}
        QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
        QMenu::separator {{ height: 1px; background: {self.line}; margin: 3px 8px; }}
        QScrollArea {{ border: none; }}
        QTableWidget {{ border: none; }}
        QHeaderView, QHeaderView::section, QTableCornerButton::section {{
            background: {self.panel}; border: none; padding: 1px 2px;
        }}
        QCollapsible > QPushButton {{
            border: none; background: transparent; color: {self.muted}; text-align: left; padding: 3px 0;
            font-weight: 600;
        }}
        QCollapsible > QPushButton:hover {{ color: {self.text}; }}
        QCollapsible > QPushButton:focus {{ color: {self.positive}; }}
        """


DARK = Theme(
    name="dark",
    window="#171a1f",
    panel="#101317",
    raised="#232831",
    line="#343b47",
    text="#e6e9ee",
    muted="#98a2b1",
    amber="#f5b83d",
    on_amber="#1c1606",
    positive="#58a6ff",
    neutral="#20242b",
    negative="#f0883e",
    backward="#ff7a66",
    direct="#a48df5",
    last="#52c7b8",
    right="#98a2b1",
    wrong="#ff6b57",
    nonfinite="#ff2fd0",
    zero="#4b5563",
    shut="#08090b",
    open="#f2f4f7",
    sequential=_DARK_SEQUENTIAL,
    gates=("#45b8d8", "#4fbf8b", "#a48df5", "#e57ab0", "#a9b665", "#c9a0dc"),
)

LIGHT = Theme(
    name="light",
    window="#f5f6f8",
    panel="#ffffff",
    raised="#ffffff",
    line="#cfd5de",
    text="#1b212b",
    muted="#576274",
    amber="#d98e04",
    on_amber="#1c1606",
    positive="#1666c5",
    neutral="#f1f2f4",
    negative="#c75a09",
    backward="#c93a25",
    direct="#6a4bd1",
    last="#0f8577",
    right="#576274",
    wrong="#c0271a",
    nonfinite="#c4009c",
    zero="#aab2bf",
    shut="#0d1014",
    open="#ffffff",
    sequential=_LIGHT_SEQUENTIAL,
    gates=("#0e7f9e", "#1f8a58", "#6a4bd1", "#b93c7d", "#6f7f1f", "#8a52a5"),
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
