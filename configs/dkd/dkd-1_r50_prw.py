"""DKD on PRW, Ours-1: L_p from R-1 (paper, Table 2).

Expected (mAP / top-1): 49.44 / 85.85. Hardware and time of training are not published.

    python tools/train.py configs/dkd/dkd-1_r50_prw.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth

TEACHER.pth is trained by ``teacher-r1_r50_prw.py``.
"""

_base_ = "./dkd_r50_prw.py"

model = dict(distillation=dict(_delete_=True, probability=1.0))
