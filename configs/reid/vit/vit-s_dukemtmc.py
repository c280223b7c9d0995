"""ViT-S/16, fine-tuned as PersonViT does on DukeMTMC-reID.

Expected (mAP / rank-1): 84.7 / 91.9 from PersonViT weights (the paper's tables).

    python tools/train.py configs/reid/vit/vit-s_dukemtmc.py --amp

Start weights and the released fine-tuned model are downloaded by name.
"""

_base_ = [
    "../../_base_/datasets/reid_dukemtmc.py",
    "../../_base_/models/reid_vit-s.py",
    "../../_base_/schedules/reid_vit_120e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = dict(dataset=dict(pipeline={{_base_.vit_train_pipeline}}))
val_dataloader = dict(dataset=dict(pipeline={{_base_.vit_test_pipeline}}))
test_dataloader = val_dataloader
