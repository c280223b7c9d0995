"""SPNet-L's ConvNeXt-B pre-trained object-centric: the paper's comparison (Table 3).

What it is worth shows after fine-tuning: see README.md.
Published: 30 epochs in 40.5 hours on one A100, mixed precision (Table 4).

    python tools/train.py \\
        configs/spnet/spnet-l_convnext-b_oc-pretrain_coco-persons.py --amp

Starts from ImageNet weights of the backbone, as published.
The pre-trained model has no cascade and one Box Embedder of 128 dimensions; fine-tuning
takes its weights over (``model.pretrained``).
"""

_base_ = [
    "../_base_/models/spnet-l_convnext-b.py",
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
