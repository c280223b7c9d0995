"""DKD on PRW, Ours: everything, from R-2 (paper, Tables 1, 3, 4, 6).

Expected (mAP / top-1): 50.51 / 87.07. Hardware and time of training are not published.

    python tools/train.py configs/dkd/dkd_r50_prw.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth

TEACHER.pth is trained by ``teacher-r2_r50_prw.py``.
"""

_base_ = [
    "../_base_/models/dkd_r50.py",
    "../_base_/datasets/prw.py",
    "../_base_/pipelines/distillation.py",
    "../_base_/schedules/dkd_50k.py",
    "../_base_/default_runtime.py",
]

model = dict(
    reid_loss=dict(num_identities={{_base_.num_identities}}),
    teacher=dict(num_identities={{_base_.num_identities}}),
    teacher_checkpoint=None,
    distillation=dict(probability=1.0, shifted=True, pairwise=10.0, triplet=1.0),
)
train_dataloader = dict(batch_size=4, dataset=dict(pipeline={{_base_.pipeline_800}}))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_800}}))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(by_epoch=False, interval=5000))
log_processor = dict(by_epoch=False)
