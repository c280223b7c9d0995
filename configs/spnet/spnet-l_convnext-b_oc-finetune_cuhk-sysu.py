"""SPNet-L fine-tuned object-centric on CUHK-SYSU, crops of 1024 (paper, Table 3).

Expected (mAP / top-1, gallery 100): 96.4 / 97.0 from query-centric pre-training,
95.8 / 96.4 from object-centric, 95.9 / 96.6 from ImageNet weights. Published in 9 hours
on one A100, mixed precision (Table 4).

    python tools/train.py \\
        configs/spnet/spnet-l_convnext-b_oc-finetune_cuhk-sysu.py --amp \\
        --cfg-options model.pretrained.checkpoint=QC_PRETRAINED.pth

All cascade stages start from the pre-trained one. Without it the
backbone starts from ImageNet.
"""

_base_ = [
    "../_base_/models/spnet-l_convnext-b.py",
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
