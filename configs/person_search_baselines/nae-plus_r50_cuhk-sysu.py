"""NAE+, pixel-wise norms, ResNet-50 (Chen et al., CVPR 2020) on CUHK-SYSU.

Expected (mAP / top-1): 92.1 / 92.9, its paper. Hardware and time are not published.

    python tools/train.py configs/person_search_baselines/nae-plus_r50_cuhk-sysu.py
"""

_base_ = [
    "../_base_/models/nae_r50.py",
    "../_base_/datasets/cuhk_sysu.py",
    "../_base_/pipelines/whole_images.py",
    "../_base_/schedules/nae_22e.py",
    "../_base_/default_runtime.py",
]

model = dict(
    search_head=dict(pixel_wise=True),
    reid_loss=dict(
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
    ),
)
train_dataloader = dict(batch_size=5, dataset=dict(pipeline={{_base_.pipeline_900}}))
val_evaluator = dict(confidence_weighted=True)
test_evaluator = val_evaluator
