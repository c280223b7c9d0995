"""Two-step search on PRW: [GT; R-1] (DKD, Table 2).

Expected (mAP / top-1): 54.46 / 86.63. Hardware and time are not published.

    python tools/test_two_step.py configs/dkd/two-step_gt-r1_r50_prw.py \\
        --reid TEACHER.pth

TEACHER.pth is trained by ``teacher-r1_r50_prw.py``.
"""

_base_ = [
    "../_base_/models/dkd_two_step_r50.py",
    "../_base_/datasets/prw.py",
    "../_base_/pipelines/distillation.py",
    "../_base_/default_runtime.py",
]

model = dict(detector=None)
train_dataloader = None
val_dataloader = None
val_evaluator = None
test_dataloader = dict(dataset=dict(pipeline={{_base_.two_step_pipeline}}))
test_cfg = dict(type="mmengine.TestLoop")
