"""CAJ, ResNet-50 (Ye et al., ICCV 2021) on SYSU-MM01.

Expected (all-search, single-shot, rank-1 / mAP): 69.88 / 66.89 from ImageNet (CAJ);
66.62 / 64.04 from ImageNet and 68.37 / 66.27 from MMGL's pre-training (MMGL, Table
II); hardware and time are not published. A batch holds every RGB image twice, once
with exchanged channels.

    python tools/train.py configs/caj/caj_r50_sysu-mm01.py
"""

_base_ = [
    "../_base_/datasets/sysu_mm01.py",
    "../_base_/pipelines/cross_modality.py",
    "../_base_/models/cross_modality_caj_r50.py",
    "../_base_/schedules/cross_modality_81e.py",
    "../_base_/cross_modality_runtime.py",
]
model = dict(num_identities=_base_.num_identities)
train_dataloader = dict(
    batch_size=96,
    sampler=dict(rgb_views=2),
    dataset=dict(pipeline=_base_.caj_pipeline),
)
train_cfg = dict(max_epochs=100)
