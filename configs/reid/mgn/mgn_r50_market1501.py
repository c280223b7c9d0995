"""MGN, ResNet-50, as fine-tuned from LUPerson and UP-ReID weights on Market-1501.

Expected (mAP / rank-1): 91.12 / 96.26 from LUPerson's MoCo (LUPerson repository),
91.1 / 97.1 from UP-ReID (CVPR 2022, Table 1).

    python tools/train.py configs/reid/mgn/mgn_r50_market1501.py

The start weights are LUPerson's, downloaded by name.
"""

_base_ = [
    "../../_base_/datasets/reid_market1501.py",
    "../../_base_/pipelines/reid_384x128.py",
    "../../_base_/models/reid_mgn_r50.py",
    "../../_base_/schedules/reid_sbs_60e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = {{_base_.mgn_train}}
val_dataloader = {{_base_.tall_test}}
test_dataloader = val_dataloader
custom_hooks = {{_base_.frozen_backbone}}
