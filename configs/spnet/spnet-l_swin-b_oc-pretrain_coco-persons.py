"""SOLIDER's Swin-B pre-trained object-centric on COCOPersons (Table 3, bottom).

What it is worth shows after fine-tuning: see README.md. Published on one A100, mixed
precision.

    python tools/train.py \\
        configs/spnet/spnet-l_swin-b_oc-pretrain_coco-persons.py --amp

Starts from ImageNet weights of the backbone, as published.
The pre-trained model has no cascade and one Box Embedder of 128 dimensions; fine-tuning
takes its weights over (``model.pretrained``).
"""

_base_ = [
    "../_base_/models/spnet-l_swin-b.py",
    "../_base_/datasets/coco_persons.py",
    "../_base_/datasets/probe_market1501.py",
    "../_base_/schedules/spnet-pretrain_30e.py",
    "../_base_/default_runtime.py",
]

custom_hooks = [dict(type="mmpsearch.ValidateBeforeTrainingHook")]

model = dict(
    box_embedder=dict(embed_dims=128),
    detection_embedder=None,
    cascade_steps=0,
    train_pathway=dict(samples_per_image=256),
    reid_loss=dict(
        type="mmpsearch.MomentumContrastLoss",
        embed_dims=128,
        queue_size=65536,
        temperature=0.1,
    ),
    momentum_rate=1e-4,
)
# As in the public code, where the reduced rate of the backbone does not reach Swin.
optim_wrapper = dict(
    paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=1.0, decay_mult=1.0)))
)
