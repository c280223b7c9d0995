"""Former name of mpanet_140e.py, with default_runtime.py."""

import warnings

_base_ = ["../default_runtime.py", "./mpanet_140e.py"]

custom_hooks = _base_.progress_hooks
warnings.warn(
    "_base_: write default_runtime.py and schedules/mpanet_140e.py for "
    "schedules/cross_modality_mpanet_140e.py",
    FutureWarning,
    stacklevel=1,
)
