"""Former name of personvit_pretrain_300e.py, with default_runtime.py."""

import warnings

_base_ = ["../default_runtime.py", "./personvit_pretrain_300e.py"]

custom_hooks = _base_.pretraining_hooks
val_cfg = test_cfg = None  # without a probe, as they were
warnings.warn(
    "_base_: write default_runtime.py and schedules/personvit_pretrain_300e.py for "
    "schedules/personvit_300e.py",
    FutureWarning,
    stacklevel=1,
)
