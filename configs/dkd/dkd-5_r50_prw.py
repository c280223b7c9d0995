"""DKD on PRW, Ours-5: L_tr from R-2 (paper, Table 3).

Expected (mAP / top-1): 45.54 / 83.37. Hardware and time of training are not published.

    python tools/train.py configs/dkd/dkd-5_r50_prw.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth

TEACHER.pth is trained by ``teacher-r2_r50_prw.py``.
"""

_base_ = "./dkd_r50_prw.py"

model = dict(distillation=dict(_delete_=True, triplet=1.0))
