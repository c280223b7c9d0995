"""SPNet-S pre-trained query-centric on COCOPersons (paper, sections 3.2 and 4.2).

What it is worth shows after fine-tuning: 55.6 mAP on PRW, 93.3 on CUHK-SYSU (Table 5).
Published: 30 epochs in 30 hours on one A100, mixed precision.

    python tools/train.py \\
        configs/spnet/spnet-s_convnext-t_qc-pretrain_coco-persons.py --amp

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
    query_centric=True,
    train_pathway=dict(
        _delete_=True,
        type="mmpsearch.QueryCentricTraining",
        num_pairs=32,
        anchors_per_pair=64,
    ),
    reid_loss=dict(
        type="mmpsearch.MomentumContrastLoss",
        embed_dims=128,
        queue_size=65536,
        temperature=0.1,
    ),
    momentum_rate=1e-4,
)
