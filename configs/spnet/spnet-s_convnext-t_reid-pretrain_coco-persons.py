"""SPNet-S pre-trained by its re-id loss alone on COCOPersons (paper, Table 6).

The loss sees ground-truth boxes; nothing is detected or searched. After fine-tuning:
51.9 mAP on PRW, 91.5 on CUHK-SYSU ("Re-id Only"), less than from ImageNet weights.
Published on one A100, mixed precision.

    python tools/train.py \\
        configs/spnet/spnet-s_convnext-t_reid-pretrain_coco-persons.py --amp

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
    train_pathway=dict(_delete_=True, type="mmpsearch.ReIDOnlyTraining"),
    reid_loss=dict(
        type="mmpsearch.MomentumContrastLoss",
        embed_dims=128,
        queue_size=65536,
        temperature=0.1,
    ),
    momentum_rate=1e-4,
)
