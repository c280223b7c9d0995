"""NAE+, pixel-wise norms, ResNet-50 (Chen et al., CVPR 2020) on CUHK-SYSU.

Expected (mAP / top-1): 92.1 / 92.9, its paper. Hardware and time are not published.

    python tools/train.py configs/person_search_baselines/nae-plus_r50_cuhk-sysu.py
"""

_base_ = "./nae_r50_cuhk-sysu.py"

model = dict(search_head=dict(pixel_wise=True))
