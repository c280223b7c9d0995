"""DKD's teacher on PRW, R-1: exact boxes (paper, section 3.2).

Expected: see the two-step rows of Table 2, README.md. Hardware and time are not
published. Reads the people out of the scenes: nothing has to be cut before.

    python tools/train.py configs/dkd/teacher-r1_r50_prw.py
"""

_base_ = [
    "../_base_/models/dkd_teacher_r50.py",
    "../_base_/pipelines/distillation.py",
    "../_base_/schedules/dkd_teacher_240e.py",
    "../_base_/default_runtime.py",
]

model = dict(num_identities=483)
train_dataloader = dict(
    batch_size=64,
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type="mmpsearch.ViewSampler", shuffle=True),
    dataset=dict(
        type="mmpsearch.SceneCrops",
        scenes=dict(type="mmpsearch.PRW", data_root="data/PRW"),
        pipeline={{_base_.teacher_pipeline_r1}},
    ),
)
