"""DKD on PRW, Ours-2: L_p from R-2 (paper, Table 2).

Expected (mAP / top-1): 49.78 / 86.19. Hardware and time of training are not published.

    python tools/train.py configs/dkd/dkd-2_r50_prw.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth

TEACHER.pth is trained by ``teacher-r2_r50_prw.py``.
"""

_base_ = "./dkd_r50_prw.py"

model = dict(distillation=dict(_delete_=True, probability=1.0))
