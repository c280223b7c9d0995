"""DKD on PRW, Ours-4: L_pr from R-2 (paper, Table 3).

Expected (mAP / top-1): 46.00 / 84.59. Hardware and time of training are not published.

    python tools/train.py configs/dkd/dkd-4_r50_prw.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth

TEACHER.pth is trained by ``teacher-r2_r50_prw.py``.
"""

_base_ = "./dkd_r50_prw.py"

model = dict(distillation=dict(_delete_=True, pairwise=10.0))
