"""SeqNeXt + GFN, ConvNeXt-B, on PRW (Jaffe and Zakhor, WACV 2023).

Expected (mAP / top-1): 58.3 / 92.4 with the gallery filter (``gfn_mAP``, ``gfn_top1``),
57.6 / 89.5 without (``mAP``, ``top1``), of one training. On one GPU, mixed precision.

    python tools/train.py configs/gfn/gfn_convnext-b_prw.py --amp
"""

_base_ = [
    "../_base_/models/gfn_convnext-b.py",
    "../_base_/datasets/prw.py",
    "../_base_/schedules/gfn_30e.py",
    "../_base_/default_runtime.py",
]

model = dict(
    reid_loss=dict(
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
    ),
)
train_dataloader = dict(
    batch_size=8, dataset=dict(pipeline={{_base_.gfn_train_pipeline}})
)
val_evaluator = dict(confidence_weighted=True, scene_filter=True)
test_evaluator = val_evaluator
