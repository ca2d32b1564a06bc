"""What is installed is complete: the assets come with the wheel and are found there."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from rnnviz.files import assets
from rnnviz.files.assets import asset

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built from the checkout, without the network."""
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"])
    return Path(path)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The wheel, unpacked."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_has_the_assets(wheel):
    assert "rnnviz/assets/icon.svg" in names(wheel)


def test_the_wheel_has_every_module(wheel):
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "rnnviz").rglob("*.py")}
    assert modules <= set(names(wheel))


def test_the_wheel_has_no_tests_and_nothing_compiled(wheel):
    assert [name for name in names(wheel) if name.startswith("tests") or name.endswith(".pyc")] == []


def test_the_wheel_offers_the_command(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (entry,) = [name for name in archive.namelist() if name.endswith("entry_points.txt")]
        assert "rnnviz = rnnviz.cli:main" in archive.read(entry).decode()


def test_in_a_checkout_an_asset_is_found_beside_the_package():
    assert asset("icon.svg") == ROOT / "assets" / "icon.svg"


def test_when_installed_an_asset_is_found_inside_the_package(installed, tmp_path):
    program = (
        f"import sys; sys.path.insert(0, {str(installed)!r})\n"
        "from rnnviz.files.assets import asset\nprint(asset('icon.svg'))"
    )
    done = subprocess.run(  # noqa: S603  # the program is the one above
        [sys.executable, "-I", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == (installed / "rnnviz" / "assets" / "icon.svg").resolve()


def test_a_missing_asset_is_told_with_both_places():
    with pytest.raises(FileNotFoundError) as missing:
        asset("moon.svg")
    package = Path(assets.__file__).resolve().parents[1]
    sentence = str(missing.value)
    assert str(package / "assets" / "moon.svg") in sentence
    assert str(package.parent / "assets" / "moon.svg") in sentence
