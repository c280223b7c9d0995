"""ViT-B/16, fine-tuned as PersonViT does on Occluded-Duke.

Expected (mAP / rank-1): 72.2 / 79.8 from PersonViT weights (the paper's tables).

    python tools/train.py configs/reid/vit/vit-b_occluded-duke.py --amp

Start weights and the released fine-tuned model are downloaded by name.
"""

_base_ = [
    "../../_base_/datasets/reid_occluded_duke.py",
    "../../_base_/models/reid_vit-b.py",
    "../../_base_/schedules/reid_vit_120e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.vit_train_pipeline}}))
val_dataloader = dict(dataset=dict(pipeline={{_base_.vit_test_pipeline}}))
test_dataloader = val_dataloader
