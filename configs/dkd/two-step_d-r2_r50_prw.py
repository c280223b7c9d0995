"""Two-step search on PRW: [D; R-2] (DKD, Table 2).

Expected (mAP / top-1): 54.16 / 87.89. Hardware and time are not published.

    python tools/test_two_step.py configs/dkd/two-step_d-r2_r50_prw.py \\
        --reid TEACHER.pth --detector DETECTOR.pth

TEACHER.pth is trained by ``teacher-r2_r50_prw.py``, DETECTOR.pth by
``detector_r50_prw.py``.
"""

# the same model; R-2's weights are given to the tool
_base_ = "./two-step_d-r1_r50_prw.py"
