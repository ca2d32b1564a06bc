"""Reading the vocabulary of a model that a user brings, and a text in its tokens."""

import json
import re
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rnnviz.domain.arrays import Array
from rnnviz.files.errors import BadFileError
from rnnviz.files.text import read_text

LARGEST = 2_000_000  # tokens
UNKNOWN = ("<unk>", "[UNK]", "<UNK>", "UNK", "unk", "…")  # names of the token that stands for all others
WORD = re.compile(r"\w+(?:['’]\w+)*|[^\w\s]")
CONTAINERS = ("vocab", "token_to_id", "stoi", "word_index", "char_to_idx", "itos", "tokens")
QUOTED = 20  # characters of a token in a sentence


def read_vocabulary(path: Path) -> tuple[str, ...]:
    """Return the tokens in the order of their indices: one a line, or JSON, a list or {token: index}.

    Raises BadFileError with a sentence.
    """
    text = read_text(path)
    tokens = _from_json(path, text) if path.suffix.lower() == ".json" or text.lstrip()[:1] == "{" else _lines(text)
    if len(tokens) > LARGEST or len(tokens) < 2:
        raise BadFileError(path, f"{len(tokens):,} tokens, expected 2 to {LARGEST:,}")
    if len(set(tokens)) < len(tokens):
        twice = Counter(tokens).most_common(1)[0][0]
        raise BadFileError(path, f"the token {twice[:QUOTED]!r} is there twice, expected each once")
    return tokens


def in_tokens(path: Path, text: str, vocabulary: tuple[str, ...], most: int) -> Array:
    """The first ``most`` tokens of ``text`` as indices (N,) int64.

    By character where all tokens but special ones are characters, else by word. A word that is not there is tried in
    lower case, then as the token that stands for all others. Raises BadFileError naming ``path`` and the first that is
    unknown.
    """
    words = (match.group() for match in WORD.finditer(text))
    pieces = list(text[:most]) if by_character(vocabulary) else list(islice(words, most))
    places = {token: place for place, token in enumerate(vocabulary)}
    unknown = next((places[name] for name in UNKNOWN if name in places), None)
    found = np.empty(len(pieces), np.int64)
    for at, piece in enumerate(pieces):
        place = places.get(piece, places.get(piece.lower(), unknown))
        if place is None:
            raise BadFileError(
                path,
                f"{piece[:QUOTED]!r} (number {at + 1} in the text) is not in the vocabulary, expected its "
                f"{len(vocabulary):,} tokens only, or one like {UNKNOWN[0]} in it",
            )
        found[at] = place
    return found


def by_character(vocabulary: tuple[str, ...]) -> bool:
    """Whether nearly all tokens are single characters; longer ones in brackets are special."""
    return all(len(token) == 1 or token[:1] in "<[" or token in UNKNOWN for token in vocabulary)


def _lines(text: str) -> tuple[str, ...]:
    """One token a line; a line of white space is that."""
    lines = text.split("\n")
    return tuple(lines[:-1] if lines[-1] == "" else lines)


def _from_json(path: Path, text: str) -> tuple[str, ...]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFileError(path, f"not JSON ({error}), expected a list of tokens or {{token: index}}") from error
    for key in CONTAINERS:
        if isinstance(content, dict) and isinstance(content.get(key), dict | list):
            content = content[key]
    if isinstance(content, list) and all(isinstance(token, str) for token in content):
        return tuple(content)
    if isinstance(content, dict) and content:
        return _by_index(path, content)
    raise BadFileError(path, "neither a list of texts nor {token: index}, expected one of these")


def _by_index(path: Path, content: dict[str, Any]) -> tuple[str, ...]:
    if all(isinstance(value, str) and key.isdigit() for key, value in content.items()):  # {index: token}
        content = {value: int(key) for key, value in content.items()}
    found: dict[int, str] = {}
    for token, index in content.items():
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < LARGEST or index in found:
            raise BadFileError(
                path, f"the index of {token[:QUOTED]!r} is {index!r}, expected each a number of its own from 0 on"
            )
        found[index] = token
    return tuple(found.get(place, f"#{place}") for place in range(max(found) + 1))
