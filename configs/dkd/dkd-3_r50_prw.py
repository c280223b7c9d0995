"""DKD on PRW, Ours-3: L_p of exact and shifted boxes (FSA) from R-2 (paper, Table 2).

Expected (mAP / top-1): 50.15 / 86.53. Hardware and time of training are not published.

    python tools/train.py configs/dkd/dkd-3_r50_prw.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth

TEACHER.pth is trained by ``teacher-r2_r50_prw.py``.
"""

_base_ = "./dkd_r50_prw.py"

model = dict(distillation=dict(_delete_=True, probability=1.0, shifted=True))
