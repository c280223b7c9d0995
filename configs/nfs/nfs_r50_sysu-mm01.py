"""NFS, ResNet-50 (Chen et al., CVPR 2021) on SYSU-MM01; a re-reading, not its code.

Expected (all-search, single-shot, rank-1 / mAP): 30.45 / 31.43 from scratch, 56.91 /
55.45 from ImageNet, 61.65 / 59.25 from MMGL's pre-training (MMGL, Table II); hardware
and time are not published. See README.md for what is the paper's and what is not.

    python tools/train.py configs/nfs/nfs_r50_sysu-mm01.py
"""

_base_ = [
    "../_base_/datasets/sysu_mm01.py",
    "../_base_/models/cross_modality_nfs_r50.py",
    "../_base_/schedules/cross_modality_81e.py",
    "../_base_/cross_modality_runtime.py",
]
model = dict(num_identities=_base_.num_identities)
