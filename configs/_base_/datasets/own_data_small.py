"""Your own scenes, shown small to a model that is trained on a CPU.

tools/own_data/write_config.py fills in what a data set is, and the size at which its
people have the height that the model's anchors are made for.
"""

_base_ = "./synthetic.py"

num_identities = 100
circular_queue_size = 100
data_root = "data/mine"
train_dataloader = dict(
    dataset=dict(type="mmpsearch.COCOPersonSearch", data_root=data_root)
)
val_dataloader = dict(
    dataset=dict(type="mmpsearch.COCOPersonSearch", data_root=data_root)
)
test_dataloader = val_dataloader
