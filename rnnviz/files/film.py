"""Writing pictures one after the other as GIF or MP4, on a thread of its own and whole or not at all."""

import importlib.util
import queue
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMATS = ("gif", "mp4")
WAITING = 6  # pictures between the window and the thread; while there are so many none is taken
MOST_PICTURES = 200  # Pillow keeps all of a GIF, a byte for each pixel, until the last one has come


def missing_for(form: str) -> str:
    """What has to be installed to write ``form``; empty where nothing is missing."""
    if form == "mp4" and importlib.util.find_spec("imageio_ffmpeg") is None:
        return "MP4 needs imageio-ffmpeg, which is not installed: pip install 'rnnviz[video]'. GIF works without it."
    return ""


class Film:
    """Takes pictures of one size, three bytes a pixel, row by row. Its thread sees nothing but bytes."""

    def __init__(self, path: Path, size: tuple[int, int], per_second: int) -> None:
        """``size``: width and height, even numbers for MP4. Raises OSError where nothing can be written."""
        self.path, self.size, self._per_second = path, size, per_second
        self.error: Exception | None = None
        self._pictures: queue.Queue[bytes | None] = queue.Queue()
        self._cancelled = False
        folder = tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.")
        self._thread = threading.Thread(target=self._work, args=(folder,), name="rnnviz-film")
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether another picture can be taken in."""
        return self._pictures.qsize() < WAITING

    @property
    def alive(self) -> bool:
        """Whether the file is still being written."""
        return self._thread.is_alive()

    def add(self, picture: bytes) -> None:
        """Add the next picture."""
        self._pictures.put(picture)

    def finish(self) -> None:
        """No more pictures come: the file is there when the thread has ended."""
        self._pictures.put(None)

    def cancel(self) -> None:
        """Give up; nothing is left of it when the thread has ended."""
        self._cancelled = True
        self._pictures.put(None)

    def wait(self) -> None:
        """Wait until the thread has ended, after `finish` or `cancel`."""
        self._thread.join()

    @property
    def cancelled(self) -> bool:
        """Whether it was given up."""
        return self._cancelled

    def _work(self, folder: "tempfile.TemporaryDirectory[str]") -> None:
        with folder as name:
            try:
                made = Path(name) / f"film{self.path.suffix}"
                (_write_gif if self.path.suffix.lower() == ".gif" else _write_mp4)(made, self, self._per_second)
                if not self._cancelled:
                    made.replace(self.path)
            except Exception as error:  # noqa: BLE001  # the window says it
                self.error = error

    def taken(self) -> Iterator[bytes]:
        """Pictures as they come, until there are no more; none after it was cancelled."""
        while (picture := self._pictures.get()) is not None and not self._cancelled:
            yield picture


def _write_gif(path: Path, film: Film, per_second: int) -> None:
    from PIL import Image  # noqa: PLC0415  # only needed here

    none = Image.Dither.NONE

    def images() -> Iterator[Any]:
        for picture in film.taken():
            yield Image.frombytes("RGB", film.size, picture).quantize(256, Image.Quantize.FASTOCTREE, dither=none)

    frames = images()
    first = next(frames, None)
    if first is not None:
        first.save(path, save_all=True, append_images=frames, duration=1000 // per_second, loop=0)


def _write_mp4(path: Path, film: Film, per_second: int) -> None:
    import imageio_ffmpeg  # noqa: PLC0415  # an extra

    options = {"fps": per_second, "codec": "libx264", "quality": 8, "macro_block_size": 2}
    writer = imageio_ffmpeg.write_frames(str(path), film.size, ffmpeg_log_level="error", **options)
    writer.send(None)
    try:
        for picture in film.taken():
            writer.send(picture)
    finally:
        writer.close()
