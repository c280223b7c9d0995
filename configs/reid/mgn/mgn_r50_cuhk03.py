"""MGN, ResNet-50, as fine-tuned from LUPerson and UP-ReID weights on CUHK03-labelled.

Expected (mAP / rank-1): 74.54 / 74.64 from LUPerson's MoCo (LUPerson repository),
85.3 / 87.6 from UP-ReID (CVPR 2022, Table 1).

    python tools/train.py configs/reid/mgn/mgn_r50_cuhk03.py

The start weights are LUPerson's, downloaded by name.
"""

_base_ = [
    "../../_base_/datasets/reid_cuhk03.py",
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
