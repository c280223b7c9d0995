"""What every test relies on."""

from collections.abc import Iterator

import pytest
from mmengine.logging import MMLogger

import mmpsearch  # noqa: F401  (MMCV's operators, before a test imports MMDetection)


@pytest.fixture(autouse=True)
def a_logger_for_every_run() -> Iterator[None]:
    """Forget the loggers of a test's runs.

    MMEngine names a run by its config and the second in which it began, and keeps a
    logger by name: a run of the next test in the same second would go on writing to
    the streams and the folder of the one before.
    """
    yield
    MMLogger._instance_dict.clear()
