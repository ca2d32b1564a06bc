"""What a file of word vectors is, before it is used: from its first lines alone."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from rnnviz.files.preview import LETTERS, ROWS, Preview
from rnnviz.files.suffixes import VECTORS
from rnnviz.files.word_vectors import Beginning, read_beginning

LOOKED_AT = 2_000_000  # bytes: takes less than a tenth of a second
FIRST_LINES, FIRST_BYTES = 8, 65_536  # by which a text is known as vectors
FEWEST_NUMBERS, SHOWN_NUMBERS = 2, 8


@dataclass(frozen=True)
class VectorsLook:
    """The beginning of a file, and the tokens that were looked for in it."""

    path: Path
    beginning: Beginning
    tokens: int

    @property
    def found(self) -> int:
        """How many of the tokens it has, in whatever case."""
        return len(self.beginning.found.exact) + len(self.beginning.found.folded)


def is_vectors(path: Path) -> bool:
    """Whether ``path`` is a file of vectors by its name, or a text that looks like one."""
    suffix = path.suffix.lower()
    return suffix in VECTORS or (suffix == ".txt" and _looks_like_vectors(path))


def _looks_like_vectors(path: Path) -> bool:
    """Whether each of the first lines, at least two, has a word and as many finite numbers as the others."""
    try:
        if not path.is_file():  # opening a pipe could block for ever
            return False
        with path.open("rb") as file:
            data = file.read(FIRST_BYTES)
    except OSError:
        return False
    ends_inside = len(data) == FIRST_BYTES
    lines = [line.split() for line in data.splitlines()[: -1 if ends_inside else None] if line.strip()]
    announced = len(lines) > 1 and len(lines[0]) == 2 and lines[0][1] == b"%d" % (len(lines[1]) - 1)
    first = lines[announced:][:FIRST_LINES]
    words = all(_is_finite(line[0]) for line in first)  # then it is a table of numbers
    widths = {len(line) - 1 for line in first}
    alike = len(widths) == 1 and min(widths) >= FEWEST_NUMBERS and len(first) + announced >= 2
    return alike and not words and all(_is_finite(field) for line in first for field in line[1:])


def _is_finite(field: bytes) -> bool:
    try:
        return b"_" not in field and math.isfinite(float(field))
    except ValueError:
        return False


def look_at_vectors(path: Path, tokens: Collection[str]) -> VectorsLook:
    """Look for ``tokens`` in the beginning of ``path``. Raises BadFileError for what is wrong there."""
    return VectorsLook(path, read_beginning(path, tokens, LOOKED_AT, ROWS), len(tokens))


def preview_of(look: VectorsLook) -> Preview:
    """Its rows are the first words and the first of their numbers."""
    beginning, size = look.beginning, look.path.stat().st_size
    form = "GloVe’s text: in each line a word and its numbers"
    if beginning.announced is not None:
        form = "word2vec’s text: how many words and numbers, then in each line a word and its numbers"
    facts = [("Form", form), ("Words", _words(look, size)), ("Numbers each", f"{beginning.found.dimension:,}")]
    facts.append(("Size", f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size:,} bytes"))
    if look.tokens:
        facts.append(("Tokens of this run", _tokens(look)))
    width = min(beginning.found.dimension, SHOWN_NUMBERS)
    rows = tuple((row[0][:LETTERS], *row[1 : width + 1]) for row in beginning.rows)
    header = ("word", *(str(place + 1) for place in range(width)))
    return Preview(look.path, tuple(facts), header, rows, ())


def _words(look: VectorsLook, size: int) -> str:
    beginning = look.beginning
    if beginning.whole:
        return f"{beginning.words:,}"
    if beginning.announced is not None:
        return f"{beginning.announced:,}, as the first line says"
    return f"about {round(beginning.words * size / LOOKED_AT, -2):,.0f}, by the size of the file"


def _tokens(look: VectorsLook) -> str:
    folded = len(look.beginning.found.folded)
    case = f", {folded:,} of them in another case" if folded else ""
    where = "" if look.beginning.whole else f" among the first {look.beginning.words:,} words"
    return f"{look.found:,} of {look.tokens:,} found{where}{case}"
