"""The same windows as in the tests of the program."""

from tests.qt.conftest import application, cheap_collections, nothing_is_left, start, torch_is_no_garbage

__all__ = ["application", "cheap_collections", "nothing_is_left", "start", "torch_is_no_garbage"]
