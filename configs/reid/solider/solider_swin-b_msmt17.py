"""Swin-B pre-trained by SOLIDER, fine-tuned on MSMT17.

Expected (mAP / rank-1): 77.1 / 90.7 (README of SOLIDER-REID).
Trained with the validation pictures.

    python tools/train.py configs/reid/solider/solider_swin-b_msmt17.py --amp

Start weights and the released fine-tuned model are downloaded by name.
"""

_base_ = [
    "../../_base_/datasets/reid_msmt17.py",
    "../../_base_/models/reid_solider_swin-b.py",
    "../../_base_/schedules/reid_solider_120e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = dict(
    dataset=dict(with_val=True, pipeline={{_base_.solider_train_pipeline}})
)
val_dataloader = dict(dataset=dict(pipeline={{_base_.solider_test_pipeline}}))
test_dataloader = val_dataloader
