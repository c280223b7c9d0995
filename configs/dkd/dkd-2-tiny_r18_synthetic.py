"""A small DKD on the rendered benchmark (not in the paper): Ours-2, L_p alone.

Expected and measured numbers: docs/two_stage.md. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/dkd/teacher-r2-tiny_r18_synthetic.py
    python tools/train.py configs/dkd/dkd-2-tiny_r18_synthetic.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth
"""

_base_ = [
    "../_base_/models/dkd_r18.py",
    "../_base_/datasets/synthetic_prw.py",
    "../_base_/pipelines/distillation.py",
    "../_base_/schedules/spnet-tiny.py",
    "../_base_/default_runtime.py",
]

model = dict(
    reid_loss=dict(num_identities={{_base_.num_identities}}),
    teacher=dict(num_identities={{_base_.num_identities}}),
    teacher_checkpoint=None,
    distillation=dict(probability=1.0),
)
train_dataloader = dict(dataset=dict(pipeline={{_base_.pipeline_synthetic}}))
