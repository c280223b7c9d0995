"""Swin-S pre-trained by SOLIDER, fine-tuned on Market-1501.

Expected (mAP / rank-1): 93.3 / 96.6 (README of SOLIDER-REID).

    python tools/train.py configs/reid/solider/solider_swin-s_market1501.py --amp

Start weights and the released fine-tuned model are downloaded by name.
"""

_base_ = [
    "../../_base_/datasets/reid_market1501.py",
    "../../_base_/models/reid_solider_swin-s.py",
    "../../_base_/schedules/reid_solider_120e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.solider_train_pipeline}}))
val_dataloader = dict(dataset=dict(pipeline={{_base_.solider_test_pipeline}}))
test_dataloader = val_dataloader
