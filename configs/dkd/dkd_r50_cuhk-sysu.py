"""DKD on CUHK-SYSU, Ours: everything, from R-2 (paper, Tables 1 and 4).

Expected (mAP / top-1): 93.09 / 94.24. Hardware and time of training are not published.

    python tools/train.py configs/dkd/dkd_r50_cuhk-sysu.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth

TEACHER.pth is trained by ``teacher-r2_r50_cuhk-sysu.py``.
"""

_base_ = "./dkd-0_r50_cuhk-sysu.py"

model = dict(
    teacher=dict(num_identities={{_base_.num_identities}}),
    teacher_checkpoint=None,
    distillation=dict(probability=1.0, shifted=True, pairwise=10.0, triplet=1.0),
)
