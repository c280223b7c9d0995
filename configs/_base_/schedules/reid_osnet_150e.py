"""Former name of osnet_150e.py, with default_runtime.py."""

import warnings

_base_ = ["../default_runtime.py", "./osnet_150e.py"]

warnings.warn(
    "_base_: write default_runtime.py and schedules/osnet_150e.py for "
    "schedules/reid_osnet_150e.py",
    FutureWarning,
    stacklevel=1,
)
