"""A small DKD on the rendered benchmark (not in the paper): everything.

Expected and measured numbers: docs/two_stage.md. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/dkd/teacher-r2-tiny_r18_synthetic.py
    python tools/train.py configs/dkd/dkd-tiny_r18_synthetic.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth
"""

_base_ = "./dkd-0-tiny_r18_synthetic.py"

model = dict(
    teacher=dict(num_identities={{_base_.num_identities}}),
    teacher_checkpoint=None,
    distillation=dict(probability=1.0, shifted=True, pairwise=10.0, triplet=1.0),
)
train_dataloader = dict(dataset=dict(pipeline={{_base_.pipeline_synthetic}}))
