"""Films are written whole or not at all."""

import numpy as np
import pytest
from PIL import Image

from rnnviz.files import film as module
from rnnviz.files.film import Film, missing_for

SIZE = (64, 48)


def picture(shade):
    return np.full((SIZE[1], SIZE[0], 3), shade, np.uint8).tobytes()


def written(path, shades):
    film = Film(path, SIZE, 10)
    for shade in shades:
        film.add(picture(shade))
    film.finish()
    film.wait()
    assert film.error is None
    return path


def test_a_gif_has_every_picture(tmp_path):
    with Image.open(written(tmp_path / "a.gif", (0, 90, 255))) as made:
        assert (made.size, made.n_frames, made.info["duration"]) == (SIZE, 3, 100)
        shades = []
        for frame in range(3):
            made.seek(frame)
            shades.append(made.convert("RGB").getpixel((5, 5))[0])
    assert shades == [0, 90, 255]
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


def test_an_mp4_has_every_picture(tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    path = written(tmp_path / "a.mp4", range(0, 250, 25))
    frames, _ = imageio_ffmpeg.count_frames_and_secs(str(path))
    assert frames == 10
    reader = imageio_ffmpeg.read_frames(str(path))
    assert next(reader)["size"] == SIZE
    reader.close()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]


@pytest.mark.parametrize("form", ["gif", "mp4"])
def test_nothing_is_left_of_a_film_that_is_given_up(tmp_path, form):
    path = tmp_path / f"a.{form}"
    path.write_bytes(b"the film of before")
    film = Film(path, SIZE, 10)
    for shade in range(4):
        film.add(picture(shade))
    film.cancel()
    film.wait()
    assert not film.alive
    assert path.read_bytes() == b"the film of before"
    assert list(tmp_path.iterdir()) == [path]


def test_where_ffmpeg_is_missing_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _: None)
    assert "pip install 'rnnviz[video]'" in missing_for("mp4")
    assert missing_for("gif") == ""


def test_what_goes_wrong_is_kept(tmp_path):
    film = Film(tmp_path / "a.gif", SIZE, 10)
    film.add(b"too short")
    film.finish()
    film.wait()
    assert film.error is not None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused():
    with pytest.raises(OSError, match="No such file"):
        Film(module.Path("/nowhere/a.gif"), SIZE, 10)
