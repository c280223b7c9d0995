"""Supervised pre-training on RGB pictures of other people (not in the paper).

What ImageNet is to the paper, for a small AGW on rendered people: labels of another
kind, no infrared picture. 150 people of another seed, whom nobody searches for; one
stem, which a two-stream network takes into both. Expected and measured numbers: see
README.md beside this file. Minutes of one CPU core.

    python tools/dataset_tools/make_synthetic.py --layout market1501 --seed 1000 \\
        --out data/synthetic/other_people
    python tools/train.py configs/mmgl/supervised_r18-tiny_pretrain_synthetic.py
"""

_base_ = "../reid/bot/bot_r18_synth.py"

model = dict(
    backbone=dict(
        _delete_=True,
        type="mmpsearch.TwoStreamResNet",
        depth=18,
        stem_channels=16,
        base_channels=16,
        share="stem",
    )
)
train_dataloader = dict(dataset=dict(data_root="data/synthetic/other_people"))
val_dataloader = dict(dataset=dict(data_root="data/synthetic/other_people"))
test_dataloader = val_dataloader
