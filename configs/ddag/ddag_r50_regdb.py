"""DDAG, ResNet-50 (Ye et al., ECCV 2020) on RegDB, trial 1.

Expected (visible to thermal, rank-1 / mAP, mean of 10 trials): 69.34 / 63.46 from
ImageNet, 67.28 / 61.78 from MMGL's pre-training (MMGL, Table III); hardware and time
are not published.

    python tools/train.py configs/ddag/ddag_r50_regdb.py
"""

_base_ = [
    "../_base_/cross_modality_runtime.py",
    "../_base_/datasets/regdb.py",
    "../_base_/models/cross_modality_ddag_r50.py",
    "../_base_/schedules/ddag_81e.py",
]
model = dict(num_identities=_base_.num_identities)
custom_hooks = _base_.progress_hooks
