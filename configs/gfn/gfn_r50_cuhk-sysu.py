"""SeqNeXt + GFN, ResNet-50, on CUHK-SYSU (Jaffe and Zakhor, WACV 2023).

Expected (mAP / top-1): 94.7 / 95.3 with the gallery filter (``gfn_mAP``, ``gfn_top1``),
94.1 / 94.7 without (``mAP``, ``top1``), of one training. On one GPU, mixed precision.

The public code has no config of this row: it is that of PRW with the longer queue.

    python tools/train.py configs/gfn/gfn_r50_cuhk-sysu.py --amp
"""

_base_ = [
    "../_base_/models/gfn_r50.py",
    "../_base_/datasets/cuhk_sysu.py",
    "../_base_/schedules/gfn_sgd_30e.py",
    "../_base_/default_runtime.py",
]

model = dict(
    reid_loss=dict(
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
    ),
)
train_dataloader = dict(
    batch_size=12, dataset=dict(pipeline={{_base_.gfn_train_pipeline}})
)
val_evaluator = dict(confidence_weighted=True, scene_filter=True)
test_evaluator = val_evaluator
