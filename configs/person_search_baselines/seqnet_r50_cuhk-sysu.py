"""SeqNet, ResNet-50 (Li and Miao, AAAI 2021) on CUHK-SYSU.

Expected (mAP / top-1): 93.8 / 94.6, its paper.
With context matching (see README.md): 94.8 / 95.7.
Hardware and time are not stated.

    python tools/train.py configs/person_search_baselines/seqnet_r50_cuhk-sysu.py
"""

_base_ = [
    "../_base_/models/seqnet_r50.py",
    "../_base_/datasets/cuhk_sysu.py",
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
train_cfg = dict(max_epochs=20, val_interval=20)
