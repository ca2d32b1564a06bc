"""Files that come with the program."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def asset(name: str) -> Path:
    """Return the path of an asset: inside the package when installed, beside it in a checkout.

    Raises FileNotFoundError naming both places.
    """
    places = (_PACKAGE / "assets" / name, _PACKAGE.parent / "assets" / name)
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(f"the asset {name!r} is neither at {places[0]} nor at {places[1]}")
