"""DKD's teacher on CUHK-SYSU, R-1: exact boxes (paper, section 3.2).

Expected: see the two-step rows of Table 2, README.md. Hardware and time are not
published. Reads the people out of the scenes: nothing has to be cut before.

    python tools/train.py configs/dkd/teacher-r1_r50_cuhk-sysu.py
"""

_base_ = "./teacher-r2_r50_cuhk-sysu.py"

train_dataloader = dict(dataset=dict(pipeline={{_base_.teacher_pipeline_r1}}))
