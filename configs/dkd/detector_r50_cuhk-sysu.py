"""D on CUHK-SYSU: DKD's detector, without re-identification (paper, section 3.3).

Expected (AP / recall): 87.02 / 89.69, Table 1. Hardware and time are not
published. For two-step search, ``two-step_d-r2_r50_cuhk-sysu.py``.

    python tools/train.py configs/dkd/detector_r50_cuhk-sysu.py
"""

_base_ = [
    "../_base_/models/dkd_r50.py",
    "../_base_/datasets/cuhk_sysu.py",
    "../_base_/pipelines/distillation.py",
    "../_base_/schedules/dkd_50k.py",
    "../_base_/default_runtime.py",
]

model = dict(reid_loss=None)
# the re-identification stage gets no gradient
find_unused_parameters = True
train_dataloader = dict(batch_size=4, dataset=dict(pipeline={{_base_.pipeline_800}}))
val_dataloader = dict(dataset=dict(pipeline={{_base_.test_pipeline_800}}))
test_dataloader = val_dataloader
default_hooks = dict(checkpoint=dict(by_epoch=False, interval=5000))
log_processor = dict(by_epoch=False)
