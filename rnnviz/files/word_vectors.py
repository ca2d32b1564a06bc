"""Reading vectors of words: GloVe's text format, or word2vec's, which has a line with count and dimension before it.

Such files have up to millions of lines: they are read line by line, and nothing is kept but what was asked for.
"""

from collections.abc import Collection, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple, NoReturn

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.errors import BadFileError

LARGEST_BYTES = 2_500_000_000
LONGEST_LINE = 100_000  # bytes
LARGEST_DIMENSION = 1024
LONGEST_COUNT = 15  # digits
LONGEST_QUOTE = 30  # characters of the file in a sentence
FORMAT = "a word and its numbers, separated by spaces"


class WordVectors(NamedTuple):
    """What was found."""

    dimension: int
    exact: dict[str, Array]  # (dimension,) float32, of the words just as they were asked for
    folded: dict[str, Array]  # of words that the file has in another case only


class Beginning(NamedTuple):
    """What the first lines tell, as far as they were looked at."""

    found: WordVectors
    announced: int | None  # words that the file should have; None where its first line does not say
    rows: tuple[tuple[str, ...], ...]  # the first: a word and its numbers, as they are written
    words: int  # lines of words that were looked at
    whole: bool  # that was all


class _Head(NamedTuple):
    """What the first line tells."""

    dimension: int
    announced: int | None  # words that will follow; None without such a line


def read_word_vectors(path: Path, words: Collection[str]) -> WordVectors:
    """Look ``words`` up in ``path``. Of a word that comes twice the first line counts.

    A word that is missing is taken in another case, if the file has it so (“Paris” for “paris”). Reading ends when
    every word is found. Every line read must have the same number of numbers; they are read as numbers in the first
    line and where a word was asked for. Raises BadFileError naming the line.
    """
    try:
        _refuse_no_file(path)
        with path.open("rb") as file:
            return _Reader(path, words).read(file)
    except OSError as error:
        raise BadFileError(path, f"cannot be read: {error.strerror or error}") from error


def read_beginning(path: Path, words: Collection[str], size: int, rows: int) -> Beginning:
    """Look ``words`` up in the first ``size`` bytes of ``path``, and show its first ``rows``.

    Raises BadFileError as `read_word_vectors` does for what is there; of the rest nothing is known.
    """
    try:
        _refuse_no_file(path)
        with path.open("rb") as file:
            data = file.read(size)
            whole = not file.read(1)
    except OSError as error:
        raise BadFileError(path, f"cannot be read: {error.strerror or error}") from error
    end = len(data) if whole else data.rfind(b"\n") + 1
    return _Reader(path, words).look(data[: end or len(data)], rows, whole=whole)


def _refuse_no_file(path: Path) -> None:
    if not path.is_file():
        # Opening a pipe or a device could block for ever.
        what = "is a folder" if path.is_dir() else "is not a file" if path.exists() else "does not exist"
        raise BadFileError(path, f"{what}, expected a text file of word vectors")
    size = path.stat().st_size
    if size == 0:
        raise BadFileError(path, f"the file is empty, expected in each line {FORMAT}")
    if size > LARGEST_BYTES:
        raise BadFileError(
            path,
            f"larger than {LARGEST_BYTES / 1e9:g} GB, expected at most that; its first lines alone will do, "
            "the commonest words usually come first",
        )


class _Reader:
    """One reading of a file."""

    def __init__(self, path: Path, words: Collection[str]) -> None:
        self._path = path
        self._wanted = frozenset(words)
        self._folds = {word.casefold() for word in words}
        self._exact: dict[str, Array] = {}
        self._by_fold: dict[str, Array] = {}
        self._line = 0

    def read(self, file: BinaryIO) -> WordVectors:
        head: _Head | None = None
        count = 0
        for line in self._lines(file):
            if head is None:
                head = self._head(line)
                if head.announced is not None:
                    continue
            self._take(line, head.dimension)
            count += 1
            if len(self._exact) == len(self._wanted):
                return self._found(head.dimension)
        self._refuse_end(head, count)
        return self._found(head.dimension if head else 0)

    def look(self, data: bytes, rows: int, *, whole: bool) -> Beginning:
        head: _Head | None = None
        shown: list[tuple[str, ...]] = []
        count = 0
        for line in self._lines(BytesIO(data)):
            if head is None:
                head = self._head(line)
                if head.announced is not None:
                    continue
            self._take(line, head.dimension)
            count += 1
            if len(shown) < rows:
                self._numbers(line.split()[-head.dimension :])
                word = self._text(self._word_of(line, head.dimension))
                shown.append((word, *(field.decode() for field in line.split()[-head.dimension :])))
        if head is None or not count or whole:
            self._refuse_end(head, count)
        assert head is not None  # noqa: S101  # else it was refused
        return Beginning(self._found(head.dimension), head.announced, tuple(shown), count, whole)

    def _found(self, dimension: int) -> WordVectors:
        others = {word: self._by_fold.get(word.casefold()) for word in self._wanted - self._exact.keys()}
        return WordVectors(
            dimension, self._exact, {word: vector for word, vector in others.items() if vector is not None}
        )

    def _lines(self, file: BinaryIO) -> Iterator[bytes]:
        """Lines with something in them, without what ends them."""
        while line := file.readline(LONGEST_LINE + 1):
            self._line += 1
            if self._line == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if len(line) > LONGEST_LINE:
                self._refuse(f"is longer than {LONGEST_LINE:,} bytes", f"in each line {FORMAT}")
            if b"\0" in line:
                self._refuse("has a zero byte, so this is a binary file", "text; word2vec can write that, too")
            stripped = line.strip()
            if stripped:
                yield stripped

    def _head(self, line: bytes) -> _Head:
        fields = line.split()
        if len(fields) == 2 and all(field.isdigit() and len(field) < LONGEST_COUNT for field in fields):
            head = _Head(int(fields[1]), int(fields[0]))
        else:
            head = _Head(len(fields) - 1, None)
            self._numbers(fields[1:])
        if not 1 <= head.dimension <= LARGEST_DIMENSION:
            self._refuse(f"has {head.dimension} numbers a word", f"1 to {LARGEST_DIMENSION}")
        return head

    def _take(self, line: bytes, dimension: int) -> None:
        """Keep what ``line`` says, if it was asked for."""
        # Counting spaces is ten times faster than splitting; only lines that are not plain are split.
        plain = line.count(b" ") == dimension and b"\t" not in line and b"  " not in line
        word = self._text(line[: line.index(b" ")] if plain else self._word_of(line, dimension))
        fold = word.casefold()
        known = word in self._exact if word in self._wanted else fold in self._by_fold
        if fold in self._folds and not known:
            vector = self._numbers(line.split()[-dimension:])
            self._by_fold.setdefault(fold, vector)
            if word in self._wanted:
                self._exact[word] = vector

    def _word_of(self, line: bytes, dimension: int) -> bytes:
        """The word of a line that may be written unusually, or have spaces in its word (“. . .” in GloVe's 840B)."""
        fields = line.split()
        beyond = fields[1 : len(fields) - dimension]
        if len(fields) <= dimension or (beyond and _is_number(beyond[-1])):
            self._refuse(
                f"has {_numbers_in_words(len(fields) - 1)}", f"{dimension} after the word, as the first line says"
            )
        return b" ".join(fields[: len(fields) - dimension])

    def _text(self, word: bytes) -> str:
        try:
            return word.decode("utf-8")
        except UnicodeDecodeError:
            found = word.decode("utf-8", "backslashreplace")[:LONGEST_QUOTE]
            self._refuse(f"the word {found!r} is not UTF-8", "UTF-8 text; save the file as UTF-8")

    def _numbers(self, fields: list[bytes]) -> Array:
        """The numbers of a line, float32."""
        for field in fields:
            if not _is_number(field):
                found = field.decode("utf-8", "backslashreplace")[:LONGEST_QUOTE]
                self._refuse(f"{found!r} is not a number", FORMAT)
        with np.errstate(over="ignore"):
            vector = np.array([float(field) for field in fields]).astype(np.float32)
        if not np.isfinite(vector).all():
            place = int(np.isfinite(vector).argmin())
            found = fields[place].decode()[:LONGEST_QUOTE]
            self._refuse(f"number {place + 1} is {found}", "numbers that are finite in 32 bits")
        return vector

    def _refuse_end(self, head: _Head | None, count: int) -> None:
        if head is None:
            raise BadFileError(self._path, f"the file has only white space, expected in each line {FORMAT}")
        if count == 0:
            raise BadFileError(self._path, f"nothing follows the first line, expected in each line {FORMAT}")
        if head.announced is not None and head.announced != count:
            raise BadFileError(
                self._path, f"{count:,} words, expected {head.announced:,} as line 1 says; is a part of it missing?"
            )

    def _refuse(self, finding: str, expected: str) -> NoReturn:
        """Raise BadFileError for the present line."""
        raise BadFileError(self._path, f"line {self._line}: {finding}, expected {expected}")


def _is_number(field: bytes) -> bool:
    """Whether Python reads a number, “nan” and “inf” among them; digits with _ between are none."""
    try:
        float(field)
    except ValueError:
        return False
    return b"_" not in field


def _numbers_in_words(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"
