"""Reading a user's text: either text, or a sentence that names the file, the finding and the expectation."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.files import text as text_module
from rnnviz.files.errors import BadFileError
from rnnviz.files.text import encoding_note, read_decoded, read_text


def written(folder, data):
    path = folder / "story.txt"
    path.write_bytes(data)
    return path


def refusal(path):
    """The sentence with which ``path`` is refused, without the path that it begins with."""
    with pytest.raises(BadFileError) as refused:
        read_text(path)
    sentence = str(refused.value)
    assert refused.value.path == path
    assert sentence.startswith(f"{path}: ")
    assert "\n" not in sentence
    return sentence.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Grüße, 世界 🌍".encode(), "Grüße, 世界 🌍"),
        (b"\xef\xbb\xbfabc", "abc"),
        (b"one\r\ntwo\r\n", "one\ntwo\n"),
        (b"one\rtwo", "one\ntwo"),
        (b" a ", " a "),
    ],
    ids=["utf-8", "byte order mark", "crlf", "cr", "outer spaces"],
)
def test_text_is_read_as_utf8_with_plain_line_ends(tmp_path, data, text):
    assert read_text(written(tmp_path, data)) == text


def test_an_empty_file_is_refused(tmp_path):
    assert refusal(written(tmp_path, b"")) == "the file is empty, expected UTF-8 text"


@pytest.mark.parametrize("data", [b" \n\t \r\n", b"\xef\xbb\xbf"])
def test_white_space_alone_is_refused(tmp_path, data):
    assert refusal(written(tmp_path, data)) == "the file has only white space, expected text"


def test_a_binary_file_is_refused(tmp_path):
    assert (
        refusal(written(tmp_path, b"PK\x03\0\x04")) == "byte 3 is zero, so this is a binary file, expected UTF-8 text"
    )


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without mark", "with mark"])
def test_the_byte_that_is_not_utf8_is_named(tmp_path, mark):
    sentence = refusal(written(tmp_path, mark + b"caf\xe9!\x01"))
    assert sentence == f"byte {len(mark) + 3} (0xe9) is not UTF-8, expected UTF-8 text; save the file as UTF-8"


@pytest.mark.parametrize(
    ("data", "encoding", "guessed"),
    [
        ("naïve".encode(), "UTF-8", False),
        ("naïve".encode("utf-8-sig"), "UTF-8 with a mark", False),
        ("naïve".encode("utf-16"), "UTF-16", False),
        ("\ufeffnaïve".encode("utf-16-be"), "UTF-16", False),
        ("naïve".encode("cp1252"), "Windows-1252", True),
    ],
)
def test_the_encoding_is_detected_and_told(tmp_path, data, encoding, guessed):
    path = written(tmp_path, data)
    assert read_decoded(path) == ("naïve", encoding, guessed)
    assert ("which is a guess" in encoding_note(path)) == guessed


def test_utf_16_that_breaks_off_is_refused(tmp_path):
    assert "it begins like UTF-16, but byte 4 is not" in refusal(written(tmp_path, b"\xff\xfea\0b"))


def test_bytes_that_no_text_has_are_not_guessed_at(tmp_path):
    assert "is not UTF-8" in refusal(written(tmp_path, b"abc\x81"))
    assert "is not UTF-8" in refusal(written(tmp_path, bytes(range(0xA0, 0x100))))


def test_a_missing_file_is_refused(tmp_path):
    assert refusal(tmp_path / "nothing.txt") == "does not exist, expected a UTF-8 text file"


def test_a_folder_is_refused(tmp_path):
    assert refusal(tmp_path) == "is a folder, expected a UTF-8 text file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == "is not a file, expected a UTF-8 text file"


def test_a_file_that_the_system_will_not_open_is_refused(tmp_path, monkeypatch):
    path = written(tmp_path, b"abc")

    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "open", refuse)
    assert refusal(path) == "cannot be read: Permission denied"


def test_a_file_of_the_largest_size_is_read_and_a_larger_one_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(text_module, "LARGEST_BYTES", 2_000_000)
    assert len(read_text(written(tmp_path, b"a" * 2_000_000))) == 2_000_000
    assert refusal(written(tmp_path, b"a" * 2_000_001)) == "larger than 2 MB, expected at most that; cut a part out"


@given(data=st.binary(max_size=60) | st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_either_text_or_a_sentence(tmp_path_factory, data):
    path = written(tmp_path_factory.getbasetemp(), data)
    try:
        text = read_text(path)
    except BadFileError as error:
        assert str(error).startswith(f"{path}: ")  # noqa: PT017  # either outcome is right
        assert "expected" in str(error)  # noqa: PT017
    else:
        assert text.strip()
        assert "\r" not in text
        if read_decoded(path).encoding.startswith("UTF-8"):
            assert text.encode() == data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
