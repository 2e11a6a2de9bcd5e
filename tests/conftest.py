import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

# The machine may be slow and shared: how long an example takes says nothing about the code.
# The same examples in every run, so that what one machine refuses another can find. New ones are looked for with
# `make search`.
settings.register_profile("sandwatch", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("sandwatch")


@pytest.fixture(autouse=True)
def fresh_logging() -> Iterator[None]:
    """A command run in this process sets up logging to a stream that is gone afterwards."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def demo_clip() -> Path:
    """The clip that the demo serves: H.264, 640x360, 10 pictures per second, 32 s."""
    return Path(__file__).parents[1] / "config/demo/clip.mp4"


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI a skipped test is a failure: it hides that something could not be tested."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
