"""Former name of up_reid_pretrain_200e.py, with default_runtime.py."""

import warnings

_base_ = ["../default_runtime.py", "./up_reid_pretrain_200e.py"]

custom_hooks = _base_.pretraining_hooks
val_cfg = test_cfg = None  # without a probe, as they were
warnings.warn(
    "_base_: write default_runtime.py and schedules/up_reid_pretrain_200e.py for "
    "schedules/up_reid_200e.py",
    FutureWarning,
    stacklevel=1,
)
