"""Two-step search on CUHK-SYSU: [D; R-2] (DKD, Table 4).

Expected (mAP / top-1): 93.60 / 94.72. Hardware and time are not published.

    python tools/test_two_step.py configs/dkd/two-step_d-r2_r50_cuhk-sysu.py \\
        --reid TEACHER.pth --detector DETECTOR.pth

TEACHER.pth is trained by ``teacher-r2_r50_cuhk-sysu.py``, DETECTOR.pth by
``detector_r50_cuhk-sysu.py``.
"""

# the same model; R-2's weights are given to the tool
_base_ = "./two-step_d-r1_r50_cuhk-sysu.py"
