"""SPNet-S fine-tuned on your own scenes, on a GPU.

    python tools/own_data/write_config.py data/mine --model spnet-s \\
        --start QC_PRETRAINED.pth --out data/mine/spnet-s.py
    python tools/train.py data/mine/spnet-s.py --amp

Its base: configs/own_data/spnet-s_convnext-t_oc-finetune_own-data.py.
"""

_base_ = [
    "../_base_/models/spnet-s_convnext-t.py",
    "../_base_/datasets/own_data.py",
    "../_base_/schedules/spnet_30e.py",
    "../_base_/default_runtime.py",
]

model = dict(
    pretrained=dict(checkpoint=None),
    reid_loss=dict(
        type="mmpsearch.OIMLoss",
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
        embed_dims=128,
    ),
)
