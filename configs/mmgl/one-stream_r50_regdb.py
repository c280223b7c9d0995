"""One-stream baseline of MMGL's Table III on RegDB; trial 1 of 10.

Expected (rank-1 / mAP, visible to thermal; thermal to visible): from scratch
17.04 / 19.81; 16.70 / 19.79, from ImageNet 63.17 / 61.32; 61.39 / 60.12, from MMGL
(pre-trained on SYSU-MM01) 67.83 / 65.32; 65.77 / 65.56. Published on one RTX 2080 Ti;
the time is not.

    python tools/train.py configs/mmgl/one-stream_r50_regdb.py

Where it starts: see ``agw_r50_sysu-mm01.py``; MMGL's one-stream pre-training fits.
"""

_base_ = [
    "../_base_/cross_modality_runtime.py",
    "../_base_/datasets/regdb.py",
    "../_base_/models/cross_modality_one_stream_r50.py",
    "../_base_/schedules/cross_modality_81e.py",
]
model = dict(num_identities={{_base_.num_identities}})
