"""What a command can begin with: a file or a lesson's name. To add a kind of file, add a line to SOURCES."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rnnviz.files.suffixes import SESSION, WEIGHTS

if TYPE_CHECKING:
    from rnnviz.state.session import Session

Begin = Callable[["Session"], None]  # opens the run in a window's session


class Beginning(NamedTuple):
    """A run that can be opened, and how many updates it takes until it has shown what it is about."""

    begin: Begin
    updates: int = 0


class Source(NamedTuple):
    """A kind of thing to begin with."""

    what: str
    recognises: Callable[[str], bool]
    read: Callable[[str], Beginning]  # raises ValueError; BadFileError for a file


def beginning(text: str) -> Beginning:
    """What ``text`` names. Raises ValueError; BadFileError where it is a bad file, or nothing that is known."""
    from rnnviz.files.errors import BadFileError  # noqa: PLC0415

    for source in SOURCES:
        if source.recognises(text):
            return source.read(text)
    path = Path(text)
    what = "is a folder" if path.is_dir() else "is of no such kind" if path.exists() else "is no file, and no lesson"
    raise BadFileError(path, f"{what}, expected one of: {'; '.join(source.what for source in SOURCES)}")


def _is_session(text: str) -> bool:
    return text.lower().endswith(SESSION)


def _session(text: str) -> Beginning:
    return Beginning(lambda session: session.open_file(Path(text)))


def _is_config(text: str) -> bool:
    return text.lower().endswith(".json")


def _config(text: str) -> Beginning:
    from rnnviz.config.settings import read_settings  # noqa: PLC0415  # --help must not wait for it

    config = read_settings(Path(text))
    return Beginning(lambda session: session.open(config))


def _is_lesson(text: str) -> bool:
    from rnnviz.lessons import LESSONS  # noqa: PLC0415

    return text in LESSONS


def _lesson(text: str) -> Beginning:
    from rnnviz.lessons import LESSONS  # noqa: PLC0415

    lesson = LESSONS[text]
    first, *others = lesson.configs

    def begin(session: "Session") -> None:
        session.open(first)
        if others:
            session.begin(first, companions=tuple(others))

    return Beginning(begin, lesson.updates)


def _is_recording(text: str) -> bool:
    from rnnviz.recording.schema import SUFFIX, is_recording  # noqa: PLC0415  # as above

    return text.lower().endswith(SUFFIX) or is_recording(Path(text))


def _recording(text: str) -> Beginning:
    def begin(session: "Session") -> None:
        session.start()
        session.open_recording(Path(text))

    return Beginning(begin)


def _is_model(text: str) -> bool:
    return Path(text).suffix.lower() in WEIGHTS


def _model(text: str) -> Beginning:
    from rnnviz.checkpoints import inspect, open_checkpoint  # noqa: PLC0415  # imports torch
    from rnnviz.commands.trace import proposed  # noqa: PLC0415  # as above

    choice = proposed(Path(text), inspect(open_checkpoint(Path(text))))

    def begin(session: "Session") -> None:
        session.start()
        session.open_model(choice)

    return Beginning(begin)


SOURCES: tuple[Source, ...] = (
    Source("a session (.rnnviz-session)", _is_session, _session),
    Source("a recording (.rnnviz)", _is_recording, _recording),
    Source("trained weights (.pt, .safetensors …)", _is_model, _model),
    Source("a configuration (.json)", _is_config, _config),
    Source("the name of a lesson", _is_lesson, _lesson),
)
