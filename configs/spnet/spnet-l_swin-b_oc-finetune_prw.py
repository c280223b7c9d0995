"""SPNet-L with SOLIDER's Swin-B, fine-tuned on PRW (paper, Table 3, bottom).

Expected (mAP / top-1): 54.2 / 89.0 from ImageNet weights and query-centric
pre-training, 49.7 / 85.8 from ImageNet weights alone; README.md has all eight rows.
Crops of 512, as in the public code. Published on one A100, mixed precision.

    python tools/train.py \\
        configs/spnet/spnet-l_swin-b_oc-finetune_prw.py --amp \\
        --cfg-options model.pretrained.checkpoint=QC_PRETRAINED.pth

All cascade stages start from the pre-trained one. Without it the
backbone starts from ImageNet.
"""

_base_ = [
    "../_base_/models/spnet-l_swin-b.py",
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
