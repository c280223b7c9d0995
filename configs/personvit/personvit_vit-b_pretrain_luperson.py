"""PersonViT, ViT-B/16, pre-trained on LUPerson from scratch (Table 2).

Fine-tuned, mAP / rank-1 of the paper: MSMT17 80.8 / 92.0, Market-1501 95.0 / 97.6,
DukeMTMC-reID 88.1 / 93.8, Occluded-Duke 72.2 / 79.8; released from epoch 260. Published
on 8 x 8 A100; time and batch are not stated. Here as ViT-S, with prototypes of fixed
length, as iBOT recommends for ViT-B.

    NNODES=8 NODE_RANK=$RANK MASTER_ADDR=$HOST bash tools/dist_train.sh \\
        configs/personvit/personvit_vit-b_pretrain_luperson.py 8 --amp
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/reid_luperson_views.py",
    "../_base_/datasets/probe_market1501.py",
    "../_base_/models/personvit_vit-s.py",
    "../_base_/schedules/personvit_pretrain_300e.py",
]
model = dict(
    backbone=dict(arch="base"),
    head=dict(in_channels=768, fixed_length=True),
)
train_dataloader = dict(batch_size=16)
optim_wrapper = dict(optimizer=dict(lr=2e-3))
custom_hooks = _base_.pretraining_hooks
