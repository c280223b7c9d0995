"""SeqNet, Swin-S pre-trained by SOLIDER on LUPerson, on PRW.

Expected (mAP / top-1): 59.8 / 86.7 (README of SOLIDER-PersonSearch).
One GPU, 3 pictures a batch, rate 3e-4.

    python tools/train.py configs/person_search_baselines/seqnet_swin-s_solider_prw.py
"""

_base_ = [
    "../_base_/models/seqnet_swin-s.py",
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
train_dataloader = dict(batch_size=3, dataset=dict(pipeline={{_base_.pipeline_900}}))
optim_wrapper = dict(optimizer=dict(lr=3e-4))
auto_scale_lr = dict(base_batch_size=3)
val_evaluator = dict(confidence_weighted=True)
test_evaluator = val_evaluator
train_cfg = dict(max_epochs=18, val_interval=18)
