"""Two-step search on PRW: [GT; R-2] (DKD, Table 2).

Expected (mAP / top-1): 56.78 / 89.30. Hardware and time are not published.

    python tools/test_two_step.py configs/dkd/two-step_gt-r2_r50_prw.py \\
        --reid TEACHER.pth

TEACHER.pth is trained by ``teacher-r2_r50_prw.py``.
"""

# the same model; R-2's weights are given to the tool
_base_ = "./two-step_gt-r1_r50_prw.py"
