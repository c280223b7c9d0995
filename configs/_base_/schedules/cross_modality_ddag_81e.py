"""Former name of ddag_81e.py, with cross_modality_runtime.py."""

import warnings

_base_ = ["../cross_modality_runtime.py", "./ddag_81e.py"]

custom_hooks = _base_.progress_hooks
warnings.warn(
    "_base_: write cross_modality_runtime.py and schedules/ddag_81e.py for "
    "schedules/cross_modality_ddag_81e.py",
    FutureWarning,
    stacklevel=1,
)
