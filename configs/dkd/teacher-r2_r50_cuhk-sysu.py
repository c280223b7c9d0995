"""DKD's teacher on CUHK-SYSU, R-2: shifted boxes, ISA (paper, section 3.2).

Expected: see the two-step rows of Table 2, README.md. Hardware and time are not
published. Reads the people out of the scenes: nothing has to be cut before.

    python tools/train.py configs/dkd/teacher-r2_r50_cuhk-sysu.py
"""

_base_ = "./teacher-r2_r50_prw.py"

model = dict(num_identities=5532)
scenes = dict(type="mmpsearch.CUHKSYSU", data_root="data/CUHK-SYSU")
train_dataloader = dict(dataset=dict(scenes=scenes))
