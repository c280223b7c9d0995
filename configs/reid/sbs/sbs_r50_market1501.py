"""SBS, ResNet-50 (He et al., fast-reid, 2020) on Market-1501.

Expected (rank-1 / mAP / mINP): 95.4 / 88.2 / 64.8,
fast-reid model zoo; hardware and time are not published.

    python tools/train.py configs/reid/sbs/sbs_r50_market1501.py
"""

_base_ = [
    "../../_base_/datasets/reid_market1501.py",
    "../../_base_/pipelines/reid_384x128.py",
    "../../_base_/models/reid_sbs_r50.py",
    "../../_base_/schedules/reid_sbs_60e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = {{_base_.sbs_train}}
val_dataloader = {{_base_.tall_test}}
test_dataloader = val_dataloader
custom_hooks = {{_base_.frozen_backbone}}
