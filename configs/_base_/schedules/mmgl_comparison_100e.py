"""Former name of mmgl_others_100e.py, with default_runtime.py."""

import warnings

_base_ = ["../default_runtime.py", "./mmgl_others_100e.py"]

val_cfg = test_cfg = None  # without a probe, as they were
warnings.warn(
    "_base_: write default_runtime.py and schedules/mmgl_others_100e.py for "
    "schedules/mmgl_comparison_100e.py",
    FutureWarning,
    stacklevel=1,
)
