"""SPNet-S pre-trained object-centric on COCOPersons: the paper's comparison.

What it is worth shows after fine-tuning: 54.5 mAP on PRW, 92.8 on CUHK-SYSU (Table 5).

    python tools/train.py \\
        configs/spnet/spnet-s_convnext-t_oc-pretrain_coco-persons.py --amp

Starts from ImageNet weights of the backbone, as published.
"""

_base_ = [
    "../_base_/models/spnet-s_convnext-t.py",
    "../_base_/datasets/coco_persons.py",
    "../_base_/datasets/probe_market1501.py",
    "../_base_/schedules/spnet-pretrain_30e.py",
    "../_base_/default_runtime.py",
]

custom_hooks = [dict(type="mmpsearch.ValidateBeforeTrainingHook")]

model = dict(
    train_pathway=dict(samples_per_image=256),
    reid_loss=dict(
        type="mmpsearch.MomentumContrastLoss",
        embed_dims=128,
        queue_size=65536,
        temperature=0.1,
    ),
    momentum_rate=1e-4,
)
