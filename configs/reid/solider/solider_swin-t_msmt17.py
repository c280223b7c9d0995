"""Swin-T pre-trained by SOLIDER, fine-tuned on MSMT17.

Expected (mAP / rank-1): 67.4 / 85.9 (README of SOLIDER-REID).
Trained with the validation pictures.

    python tools/train.py configs/reid/solider/solider_swin-t_msmt17.py --amp

Start weights and the released fine-tuned model are downloaded by name.
"""

_base_ = [
    "../../_base_/datasets/reid_msmt17.py",
    "../../_base_/models/reid_solider_swin-t.py",
    "../../_base_/schedules/reid_solider_120e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = dict(
    dataset=dict(with_val=True, pipeline={{_base_.solider_train_pipeline}})
)
val_dataloader = dict(dataset=dict(pipeline={{_base_.solider_test_pipeline}}))
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=8e-4))
param_scheduler = [dict(start=8e-6, minimum=1.6e-6, **_base_.warmup_cosine)]
