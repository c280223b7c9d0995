"""A small SPNet trained on your own scenes, on a CPU.

Write a config of your data set, which names this one, and train:

    python tools/own_data/write_config.py data/mine --out data/mine/spnet-tiny.py
    python tools/train.py data/mine/spnet-tiny.py

Its base: configs/own_data/spnet-tiny_r18_oc-finetune_own-data.py.
"""

_base_ = [
    "../_base_/models/spnet-tiny_r18.py",
    "../_base_/datasets/own_data_small.py",
    "../_base_/schedules/spnet-tiny.py",
    "../_base_/default_runtime.py",
]

model = dict(
    pretrained=dict(checkpoint=None),
    reid_loss=dict(
        type="mmpsearch.OIMLoss",
        num_identities={{_base_.num_identities}},
        queue_size={{_base_.circular_queue_size}},
        embed_dims=96,
        scale=20,
    ),
)
