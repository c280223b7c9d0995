"""Two-step search on PRW: [GT; R-1] (DKD, Table 2).

Expected (mAP / top-1): 54.46 / 86.63. Hardware and time are not published.

    python tools/test_two_step.py configs/dkd/two-step_gt-r1_r50_prw.py \\
        --reid TEACHER.pth

TEACHER.pth is trained by ``teacher-r1_r50_prw.py``.
"""

_base_ = "./two-step_d-r1_r50_prw.py"

model = dict(detector=None)
