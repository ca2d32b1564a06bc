"""Recordings of sound: the folder that one lies in, or a table that names some, is shown and learned from."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.app.data_dialog import Choice
from rnnviz.app.open_data import ask, begin_with, title_of
from rnnviz.exchange.messages import Failed
from rnnviz.files.errors import BadFileError
from rnnviz.files.sounds import Sounds, is_sound, look_at_recordings, preview_of
from rnnviz.tasks.speech_wav import LIMITS, refuse_labels

if TYPE_CHECKING:
    from rnnviz.app.main_window import MainWindow

WHAT = "Recordings of sound"
PATTERNS = ("*.wav",)
recognises = is_sound


def open_path(window: "MainWindow", path: Path) -> None:
    """Show the recordings and ask whether to learn from them; where there are none, that is said in the window."""
    try:
        found = look_at_recordings(path, LIMITS)
    except BadFileError as error:
        window.notice.show_failure(Failed("refused", str(error)))
        return
    choice = Choice("speech_wav", title_of("speech_wav"), partial(_checked, found))
    ask(window, preview_of(found), [choice], partial(begin_with, window, path))


def _checked(found: Sounds, _: str | None) -> str:
    """What will happen. Raises ValueError for what a run would refuse, as far as headers tell."""
    refuse_labels(found.path, found.recordings)
    if found.wrong:
        more = f" So are {len(found.wrong) - 1} more, see “Wrong”." if len(found.wrong) > 1 else ""
        raise ValueError(
            f"Not usable: {found.wrong[0]}.{more} All recordings are learned from: mend it or take it out."
        )
    return "All headers are as expected. The samples are read when the run starts; every fifth of a label is held out."
