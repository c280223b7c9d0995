"""DDAG, ResNet-50 (Ye et al., ECCV 2020) on SYSU-MM01.

Expected (all-search, single-shot, rank-1 / mAP): 54.75 / 53.02 from ImageNet, 55.33 /
54.06 from MMGL's pre-training (MMGL, Table II); hardware and time are not published.

    python tools/train.py configs/ddag/ddag_r50_sysu-mm01.py
"""

_base_ = [
    "../_base_/cross_modality_runtime.py",
    "../_base_/datasets/sysu_mm01.py",
    "../_base_/models/cross_modality_ddag_r50.py",
    "../_base_/schedules/ddag_81e.py",
]
model = dict(num_identities=_base_.num_identities)
custom_hooks = _base_.progress_hooks
