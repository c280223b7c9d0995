"""SeqNet, Swin-T pre-trained by SOLIDER on LUPerson, on CUHK-SYSU.

Expected (mAP / top-1): 94.9 / 95.7 (README of SOLIDER-PersonSearch).
One GPU, 4 pictures a batch, rate 3e-4.

    python tools/train.py \\
        configs/person_search_baselines/seqnet_swin-t_solider_cuhk-sysu.py
"""

_base_ = [
    "../_base_/models/seqnet_swin-t.py",
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
train_dataloader = dict(batch_size=4, dataset=dict(pipeline={{_base_.pipeline_900}}))
optim_wrapper = dict(optimizer=dict(lr=3e-4))
auto_scale_lr = dict(base_batch_size=4)
val_evaluator = dict(confidence_weighted=True)
test_evaluator = val_evaluator
train_cfg = dict(max_epochs=20, val_interval=20)
