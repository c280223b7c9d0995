"""A small DKD on the rendered benchmark (not in the paper): Ours-2, L_p alone.

Expected and measured numbers: docs/two_stage.md. Render the data first:

    python tools/dataset_tools/make_synthetic.py --layout prw --out data/synthetic/prw
    python tools/train.py configs/dkd/teacher-r2-tiny_r18_synthetic.py
    python tools/train.py configs/dkd/dkd-2-tiny_r18_synthetic.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth
"""

_base_ = "./dkd-tiny_r18_synthetic.py"

model = dict(distillation=dict(_delete_=True, probability=1.0))
