"""Two-step search on rendered people: [GT; R-2], the small DKD's ceiling.

Expected and measured numbers: docs/two_stage.md.

    python tools/test_two_step.py configs/dkd/two-step_gt-r2-tiny_r18_synthetic.py \\
        --reid TEACHER.pth

TEACHER.pth is trained by ``teacher-r2-tiny_r18_synthetic.py``.
"""

_base_ = [
    "../_base_/models/dkd_r18.py",
    "../_base_/datasets/synthetic_prw.py",
    "../_base_/default_runtime.py",
]

model = dict(
    _delete_=True,
    type="mmpsearch.TwoStepSearch",
    data_preprocessor={{_base_.data_preprocessor}},
    detector=None,
    reid={{_base_.model.teacher}},
    crop_size=(96, 48),
    embed_ground_truth=True,
)
train_dataloader = None
val_dataloader = None
val_evaluator = None
test_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type="mmpsearch.LoadImage"),
            dict(type="mmpsearch.KeepRawImage"),
            dict(type="mmpsearch.WindowResize", short=168, long=252),
            dict(type="mmpsearch.PackWithRawImage"),
        ]
    )
)
test_cfg = dict(type="mmengine.TestLoop")
