"""NAE, ResNet-50 (Chen et al., CVPR 2020) on PRW.

Expected (mAP / top-1): 43.3 / 80.9, its paper. Hardware and time are not published.

    python tools/train.py configs/person_search_baselines/nae_r50_prw.py
"""

_base_ = [
    "../_base_/models/nae_r50.py",
    "../_base_/datasets/prw.py",
    "../_base_/pipelines/whole_images.py",
    "../_base_/schedules/nae_22e.py",
    "../_base_/default_runtime.py",
]

model = dict(
    reid_loss=dict(
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
    ),
)
train_dataloader = dict(batch_size=5, dataset=dict(pipeline={{_base_.pipeline_900}}))
val_evaluator = dict(confidence_weighted=True)
test_evaluator = val_evaluator
