"""Former name of mmgl_pretrain_100e.py, with default_runtime.py."""

import warnings

_base_ = ["../default_runtime.py", "./mmgl_pretrain_100e.py"]

val_cfg = dict(_delete_=True, type="mmengine.ValLoop")  # as it was
warnings.warn(
    "_base_: write default_runtime.py and schedules/mmgl_pretrain_100e.py for "
    "schedules/mmgl_100e.py",
    FutureWarning,
    stacklevel=1,
)
