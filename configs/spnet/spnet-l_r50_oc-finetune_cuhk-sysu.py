"""SPNet-L with ResNet-50 on CUHK-SYSU, crops of 1024 (paper, Table 1).

Expected (mAP / top-1, gallery 100): 93.8 / 94.5 from ImageNet weights, without
pre-training on scenes; 27.6 frames per second on one A100. Trained on one A100, mixed
precision.

    python tools/train.py \\
        configs/spnet/spnet-l_r50_oc-finetune_cuhk-sysu.py --amp

Without it the backbone starts from ImageNet.
"""

_base_ = [
    "../_base_/models/spnet-l_r50.py",
    "../_base_/datasets/cuhk_sysu.py",
    "../_base_/schedules/spnet_30e.py",
    "../_base_/default_runtime.py",
]

model = dict(
    pretrained=dict(checkpoint=None),
    reid_loss=dict(
        type="mmpsearch.OIMLoss",
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
        embed_dims=2048,
    ),
)
train_pipeline = _base_.train_pipeline
train_pipeline[2]["size"] = 1024
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
