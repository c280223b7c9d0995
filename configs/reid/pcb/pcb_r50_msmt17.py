"""PCB, ResNet-50 (Sun et al., ECCV 2018) on MSMT17.

There is no published number for this recipe; hardware and time are not published.

    python tools/train.py configs/reid/pcb/pcb_r50_msmt17.py
"""

_base_ = [
    "../../_base_/datasets/reid_msmt17.py",
    "../../_base_/pipelines/reid_384x128.py",
    "../../_base_/models/reid_pcb_r50.py",
    "../../_base_/schedules/reid_pcb_60e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = {{_base_.pcb_train}}
val_dataloader = {{_base_.tall_test}}
test_dataloader = val_dataloader
