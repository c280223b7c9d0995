"""SPNet-S fine-tuned object-centric on PRW (paper, Tables 5, 6 and 8).

Expected (mAP / top-1): 55.6 / 89.5 from query-centric pre-training, 54.5 / 88.8 from
object-centric, 52.7 / 86.6 from ImageNet weights. Published on one A100, mixed
precision.

    python tools/train.py \\
        configs/spnet/spnet-s_convnext-t_oc-finetune_prw.py --amp \\
        --cfg-options model.pretrained.checkpoint=QC_PRETRAINED.pth

Without it the backbone starts from ImageNet.
"""

_base_ = [
    "../_base_/models/spnet-s_convnext-t.py",
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
        embed_dims=128,
    ),
)
