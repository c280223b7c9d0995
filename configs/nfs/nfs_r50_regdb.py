"""NFS, ResNet-50 (Chen et al., CVPR 2021) on RegDB, trial 1; a re-reading.

Expected (visible to thermal, rank-1 / mAP, mean of 10 trials): 37.92 / 38.05 from
scratch, 80.54 / 72.10 from ImageNet, 83.79 / 76.38 from MMGL's pre-training (MMGL,
Table III); hardware and time are not published. See README.md for what is the paper's
and what is not.

    python tools/train.py configs/nfs/nfs_r50_regdb.py
"""

_base_ = [
    "../_base_/datasets/regdb.py",
    "../_base_/models/cross_modality_nfs_r50.py",
    "../_base_/schedules/cross_modality_81e.py",
    "../_base_/cross_modality_runtime.py",
]
model = dict(num_identities=_base_.num_identities)
