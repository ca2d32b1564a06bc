"""A readable list of named things that can be picked by name."""

from collections.abc import Iterator, Mapping
from typing import Protocol, TypeVar


class Named(Protocol):
    """Anything with a name that is unique in its catalogue."""

    @property
    def name(self) -> str:
        """The key under which it is listed."""


Entry = TypeVar("Entry", bound=Named)


class Catalogue(Mapping[str, Entry]):
    """Entries by name, in the order given. A wrong name is answered with the right ones."""

    def __init__(self, kind: str, entries: tuple[Entry, ...]) -> None:
        self._kind = kind
        self._entries = {entry.name: entry for entry in entries}
        if len(self._entries) != len(entries):
            raise ValueError(f"two entries of the {kind} catalogue have the same name")

    def __getitem__(self, name: str) -> Entry:
        if name not in self._entries:
            raise KeyError(name)
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def check(self, name: str) -> str:
        """Return ``name``; raise ValueError with the names that exist when it is not one of them."""
        if name not in self._entries:
            raise ValueError(f"{self._kind} is {name!r}, expected one of {', '.join(self._entries)}")
        return name
