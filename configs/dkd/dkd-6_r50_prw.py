"""DKD on PRW, Ours-6: L_pr and L_tr from R-2 (paper, Table 3).

Expected (mAP / top-1): 47.18 / 84.83. Hardware and time of training are not published.

    python tools/train.py configs/dkd/dkd-6_r50_prw.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth

TEACHER.pth is trained by ``teacher-r2_r50_prw.py``.
"""

_base_ = "./dkd_r50_prw.py"

model = dict(distillation=dict(_delete_=True, pairwise=10.0, triplet=1.0))
