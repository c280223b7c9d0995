"""PCB, ResNet-50 (Sun et al., ECCV 2018) on Market-1501.

Expected (mAP / rank-1): 78.0 / 92.6 from ImageNet weights, 79.3 / 92.9 from LUPerson's
MoCo, 80.0 / 93.1 from UP-ReID (UP-ReID, CVPR 2022, appendix).

    python tools/train.py configs/reid/pcb/pcb_r50_market1501.py
"""

_base_ = [
    "../../_base_/datasets/reid_market1501.py",
    "../../_base_/pipelines/reid_384x128.py",
    "../../_base_/models/reid_pcb_r50.py",
    "../../_base_/schedules/reid_pcb_60e.py",
    "../../_base_/default_runtime.py",
]
model = dict(num_identities={{_base_.num_identities}})
train_dataloader = {{_base_.pcb_train}}
val_dataloader = {{_base_.tall_test}}
test_dataloader = val_dataloader
