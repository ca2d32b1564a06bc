"""What every test runs under: windows without a screen, and one thread."""

import os

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Examples are the same every time, and how long one takes is no matter.
settings.register_profile("repeatable", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("repeatable")


# Said by the screen that is none, of windows with a smallest size, of tool tips, and of menus.
NOT_OURS = r"This plugin does not support (propagateSizeHints\(\)|raise\(\)|grabbing the keyboard)"


def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.qt_log_ignore(NOT_OURS))


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    import torch  # noqa: PLC0415  # tests of a half that must not need torch collect without it

    torch.set_num_threads(1)
