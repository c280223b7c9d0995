"""SPNet-L fine-tuned object-centric on PRW, crops of 1024 (paper, Table 3).

Expected (mAP / top-1): 61.2 / 90.9 from query-centric pre-training, 60.7 / 90.2 from
object-centric, 58.9 / 89.7 from ImageNet weights. Published in 4.5 hours on one A100,
mixed precision (Table 4).

    python tools/train.py \\
        configs/spnet/spnet-l_convnext-b_oc-finetune_prw.py --amp \\
        --cfg-options model.pretrained.checkpoint=QC_PRETRAINED.pth

All cascade stages start from the pre-trained one. Without it the
backbone starts from ImageNet.
"""

_base_ = [
    "../_base_/models/spnet-l_convnext-b.py",
    "../_base_/datasets/prw.py",
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
