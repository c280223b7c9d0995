"""PersonViT, ViT-S/16, pre-trained on LUPerson from scratch (Table 2).

Fine-tuned from epoch 240 (MSMT17: 200), mAP / rank-1 of the paper: MSMT17 74.3 / 89.2,
Market-1501 92.9 / 96.8, DukeMTMC-reID 84.7 / 91.9, Occluded-Duke 65.2 / 73.2.
Published on 8 x 8 A100; time and batch are not stated. Here 16 per GPU: 1,024 in all,
at which the learning rate reaches the paper's limit of 0.002.

    NNODES=8 NODE_RANK=$RANK MASTER_ADDR=$HOST bash tools/dist_train.sh \\
        configs/personvit/personvit_vit-s_pretrain_luperson.py 8 --amp
    GPUS=64 bash tools/slurm_train.sh PARTITION personvit \\
        configs/personvit/personvit_vit-s_pretrain_luperson.py work_dirs/personvit --amp

Fewer GPUs: ``optim_wrapper.accumulative_counts=8`` makes the same batch of 8.
Table 4 without masked patches: ``model.patch_weight=0``.
Table 5: ``train_dataloader.dataset.fraction=0.5`` (0.25, 0.1, 0.03).
"""

_base_ = [
    "../_base_/default_runtime.py",
    "../_base_/datasets/reid_luperson_views.py",
    "../_base_/datasets/probe_market1501.py",
    "../_base_/models/personvit_vit-s.py",
    "../_base_/schedules/personvit_pretrain_300e.py",
]
train_dataloader = dict(batch_size=16)
optim_wrapper = dict(optimizer=dict(lr=2e-3))
custom_hooks = _base_.pretraining_hooks
