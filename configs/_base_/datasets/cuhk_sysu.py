"""CUHK-SYSU: 5,532 training identities, 2,900 queries, 100 gallery images each.

Another gallery size: ``test_dataloader.dataset.gallery_size=4000``; several in one
test: ``test_dataloader.dataset.further_gallery_sizes=[50,500,1000,2000,4000]``.
"""

_base_ = "./person_search.py"

num_identities = 5532
circular_queue_size = 5000
data_root = "data/CUHK-SYSU"
train_dataloader = dict(dataset=dict(type="mmpsearch.CUHKSYSU", data_root=data_root))
val_dataloader = dict(
    dataset=dict(type="mmpsearch.CUHKSYSU", data_root=data_root, gallery_size=100)
)
test_dataloader = val_dataloader
