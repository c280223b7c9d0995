"""Two-step search on CUHK-SYSU: [D; R-1] (DKD, Table 1).

Expected (mAP / top-1): 91.97 / 93.14. Hardware and time are not published.

    python tools/test_two_step.py configs/dkd/two-step_d-r1_r50_cuhk-sysu.py \\
        --reid TEACHER.pth --detector DETECTOR.pth

TEACHER.pth is trained by ``teacher-r1_r50_cuhk-sysu.py``, DETECTOR.pth by
``detector_r50_cuhk-sysu.py``.
"""

_base_ = [
    "../_base_/models/dkd_two_step_r50.py",
    "../_base_/datasets/cuhk_sysu.py",
    "../_base_/pipelines/distillation.py",
    "../_base_/default_runtime.py",
]

train_dataloader = None
val_dataloader = None
val_evaluator = None
test_dataloader = dict(dataset=dict(pipeline={{_base_.two_step_pipeline}}))
test_cfg = dict(type="mmengine.TestLoop")
