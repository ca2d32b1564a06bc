"""All keys, and how to read each view."""

from collections.abc import Iterable
from html import escape

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

from rnnviz.app.keys import Key


class HelpDialog(QDialog):
    """``views`` are pairs of title and explanation."""

    def __init__(self, keys: Iterable[Key], views: Iterable[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("rnnviz: keys and views")
        self.resize(620, 640)
        text = QTextBrowser()
        text.setHtml(_html(keys, views))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(text)
        layout.addWidget(buttons)


def _html(keys: Iterable[Key], views: Iterable[tuple[str, str]]) -> str:
    rows = "".join(
        f"<tr><td><b>{escape(key.shown)}</b>&nbsp;&nbsp;</td><td>{escape(key.about)}</td></tr>" for key in keys
    )
    parts = "".join(f"<p><b>{escape(title)}.</b> {escape(about)}</p>" for title, about in views)
    return f"<h3>Keys</h3><table>{rows}</table><h3>How to read</h3>{parts}"
