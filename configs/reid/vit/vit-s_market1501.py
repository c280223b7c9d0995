"""ViT-S/16, fine-tuned as PersonViT does on Market-1501.

Expected (mAP / rank-1): 92.9 / 96.8 from PersonViT weights (the paper's tables),
91.0 / 96.0 from TransReID-SSL (DINO + CFS).

    python tools/train.py configs/reid/vit/vit-s_market1501.py --amp

Start weights and the released fine-tuned model are downloaded by name.
"""

_base_ = [
    "../../_base_/datasets/reid_market1501.py",
    "../../_base_/models/reid_vit-s.py",
    "../../_base_/schedules/reid_vit_120e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.vit_train_pipeline}}))
val_dataloader = dict(dataset=dict(pipeline={{_base_.vit_test_pipeline}}))
test_dataloader = val_dataloader
