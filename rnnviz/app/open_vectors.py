"""Files of word vectors: shown in a preview, then the next run's embedding begins with them."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.app.data_dialog import Choice
from rnnviz.app.open_data import ask, begin_with, choices_of, title_of
from rnnviz.config import RunConfig
from rnnviz.domain.run import RunFacts
from rnnviz.exchange.messages import Failed
from rnnviz.files.errors import BadFileError
from rnnviz.files.suffixes import VECTORS
from rnnviz.files.vectors_preview import VectorsLook, is_vectors, look_at_vectors, preview_of
from rnnviz.tasks import TASKS

if TYPE_CHECKING:
    from rnnviz.app.main_window import MainWindow

WHAT = "Word vectors"
PATTERNS = tuple(f"*{suffix}" for suffix in VECTORS)
NAME = "vectors"  # of the choice
TEXT_TASKS = ("text", "text_words")
recognises = is_vectors


def open_path(window: "MainWindow", path: Path) -> None:
    """Show what is in ``path`` and ask whether the next run begins with it; a .txt can be learned as a text, too."""
    config, facts = window.session.config or RunConfig(), window.session.facts
    try:
        look = look_at_vectors(path, () if facts is None else facts.vocabulary)
    except BadFileError as error:
        window.notice.show_failure(Failed("refused", str(error)))
        return
    found = preview_of(look)
    choices = [
        Choice(NAME, f"{title_of(config.task)}, beginning with these vectors", partial(_note, look, config, facts))
    ]
    if path.suffix.lower() not in VECTORS:
        choices += choices_of(path, TEXT_TASKS, config.length)
    ask(window, found, choices, partial(_do, window, path))


def _note(look: VectorsLook, config: RunConfig, facts: RunFacts | None, _: str | None) -> str:
    """What will happen. Raises ValueError where nothing can begin with these vectors."""
    title, beginning = TASKS[config.task].title, look.beginning
    if facts is not None and facts.fixed:
        raise ValueError(f"{facts.fixed} Begin a run that reads words or characters, then open the vectors again.")
    if TASKS[config.task].reads_numbers:
        raise ValueError(
            f"The task “{title}” reads numbers as they are: there are no tokens to embed. Begin one that reads words "
            "or characters, then open the vectors again."
        )
    if look.tokens and not look.found and beginning.whole:
        raise ValueError(
            f"None of the {look.tokens:,} tokens of the task “{title}” is in the file, expected at least one."
        )
    width = beginning.found.dimension
    return (
        f"A new run of the task “{title}” begins, with {width:,} number{'s' * (width != 1)} a token, from the file "
        "where it has the token, else at random. “Frozen” in the settings keeps them as they begin."
    )


def _do(window: "MainWindow", path: Path, name: str, column: str | None) -> None:
    if name != NAME:
        begin_with(window, path, name, column)
        return
    form, config = window.form, window.session.config or RunConfig()
    if config.embedding == 0:
        form.edit("embedding", RunConfig().embedding)  # any: the file decides how many
    form.edit("vectors_file", path)
    if form.pending:
        form.start()
    else:  # it is the one with which the present run began
        window.begin(config)
