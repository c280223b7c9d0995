"""What every test relies on."""

import mmpsearch  # noqa: F401  (MMCV's operators, before a test imports MMDetection)
