"""SpCL from one rendered set of people to another (not in the paper).

The source is rendered in PersonX's layout with another seed: other people, cameras and
backgrounds. Its labels are used, those of the target are hidden. Measured numbers: see
README.md beside this file. Minutes on two CPU cores.

    python tools/dataset_tools/make_synthetic.py --layout market1501 \\
        --out data/synthetic/market1501
    python tools/dataset_tools/make_synthetic.py --layout personx --seed 1 \\
        --out data/synthetic/personx
    python tools/train.py configs/spcl/spcl_r18_synth-adaptation.py
"""

_base_ = "./spcl_r18_synth.py"

model = dict(domain_batch_norm=True)
train_dataloader = dict(
    batch_size=128,
    sampler=dict(batch_size=128),
    dataset=dict(
        source=dict(type="mmpsearch.PersonX", data_root="data/synthetic/personx")
    ),
)
