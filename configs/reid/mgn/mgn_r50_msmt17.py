"""MGN, ResNet-50, as fine-tuned from LUPerson and UP-ReID weights on MSMT17.

Expected (mAP / rank-1): 66.06 / 85.08 from LUPerson's MoCo (LUPerson repository),
63.3 / 84.3 from UP-ReID (CVPR 2022, Table 1).
Both train with the validation pictures.

    python tools/train.py configs/reid/mgn/mgn_r50_msmt17.py

The weights come from ``tools/model_converters/convert_resnet.py``.
"""

_base_ = [
    "../../_base_/datasets/reid_msmt17.py",
    "../../_base_/pipelines/reid_384x128.py",
    "../../_base_/models/reid_mgn_r50.py",
    "../../_base_/schedules/reid_sbs_60e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = dict(
    sampler={{_base_.mgn_train.sampler}},
    dataset=dict(with_val=True, pipeline={{_base_.mgn_train_pipeline}}),
)
val_dataloader = {{_base_.tall_test}}
test_dataloader = val_dataloader
custom_hooks = {{_base_.frozen_backbone}}
