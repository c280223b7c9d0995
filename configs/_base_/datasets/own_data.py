"""Your own scenes with people, cameras and splits: batch 8 of 512 x 512 crops.

tools/own_data/write_config.py fills in what a data set is: class, folder, identities.
"""

_base_ = "./person_search.py"

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
