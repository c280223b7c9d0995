"""DKD on PRW, Ours-8: L_p with FSA and L_tr from R-2 (paper, Table 3).

Expected (mAP / top-1): 50.46 / 86.58. Hardware and time of training are not published.

    python tools/train.py configs/dkd/dkd-8_r50_prw.py \\
        --cfg-options model.teacher_checkpoint=TEACHER.pth

TEACHER.pth is trained by ``teacher-r2_r50_prw.py``.
"""

_base_ = "./dkd_r50_prw.py"

model = dict(
    distillation=dict(_delete_=True, probability=1.0, shifted=True, triplet=1.0)
)
