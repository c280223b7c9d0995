"""Batches of many views, from worker to training process."""

import resource

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader, Dataset

from mmpsearch.datasets.collate import stack_views
from mmpsearch.models.selfsup import ViewsPreprocessor
from mmpsearch.registry import FUNCTIONS, MODELS

VIEWS = [(256, 128)] * 2 + [(96, 48)] * 7


class ManyViews(Dataset):
    """Nine views of a picture that say which it is, as PackViews packs them."""

    def __init__(self, size, views=VIEWS):
        self.size, self.views = size, views

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        return dict(
            inputs=[
                torch.full((3, *size), (index + view) % 256, dtype=torch.uint8)
                for view, size in enumerate(self.views)
            ],
            masks=torch.ones(2, 16, 8, dtype=torch.bool),
        )


def all_tensors(batch):
    if isinstance(batch, torch.Tensor):
        return [batch]
    values = batch.values() if isinstance(batch, dict) else batch
    return [tensor for value in values for tensor in all_tensors(value)]


def test_a_tensor_for_each_view():
    batch = stack_views([ManyViews(4)[i] for i in range(4)])
    shapes = [tuple(view.shape) for view in batch["inputs"]]
    assert shapes == [(4, 3, *size) for size in VIEWS]
    assert batch["masks"].shape == (4, 2, 16, 8)
    assert batch["inputs"][1][:, 0, 0, 0].tolist() == [1, 2, 3, 4]


def test_what_does_not_stack_stays_in_lists():
    samples = [
        dict(inputs=torch.zeros(3, 4 + i, 2), data_samples=object(), name=str(i))
        for i in range(2)
    ]
    batch = stack_views(samples)
    assert [tuple(image.shape) for image in batch["inputs"]] == [(3, 4, 2), (3, 5, 2)]
    assert batch["name"] == ["0", "1"] and len(batch["data_samples"]) == 2
    equal = stack_views([samples[0], samples[0]])
    assert equal["inputs"].shape == (2, 3, 4, 2)


def test_the_preprocessor_makes_the_same_of_both():
    samples = [ManyViews(3, [(4, 2), (4, 2), (2, 1)])[i] for i in range(3)]
    one, other = (
        ViewsPreprocessor()(collate(samples), True)
        for collate in (stack_views, pseudo_collate)
    )
    for a, b in zip(all_tensors(one), all_tensors(other), strict=True):
        assert torch.equal(a, b)


@pytest.fixture
def descriptors():
    """MMEngine's limit, which it sets when a Runner starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_256_pictures_with_9_views_and_4_workers(descriptors):
    loader = DataLoader(
        ManyViews(256 * 5),
        batch_size=256,
        num_workers=4,
        collate_fn=stack_views,
        timeout=120,
    )
    seen = 0
    for batch in loader:
        assert len(all_tensors(batch)) == len(VIEWS) + 1
        first = batch["inputs"][0][:, 0, 0, 0].tolist()
        assert first == [(seen + i) % 256 for i in range(256)]
        seen += len(first)
    assert seen == 1280


@pytest.mark.parametrize(
    "config",
    [
        "personvit/personvit_vit-s_pretrain_luperson.py",
        "up_reid/up-reid_r50_pretrain_luperson.py",
        "mmgl/mmgl_r50-two-stream_pretrain_sysu-mm01.py",
        "mmgl/other_pretraining/byol_r50_pretrain_sysu-mm01.py",
        "spnet/spnet-s_convnext-t_qc-pretrain_coco-persons.py",
    ],
)
def test_pretraining_loaders_stack_pin_and_copy_in_the_background(config):
    config = Config.fromfile(f"configs/{config}")
    loader = config.train_dataloader
    assert FUNCTIONS.get(loader.collate_fn.type) is stack_views
    assert loader.pin_memory
    assert MODELS.build(config.model.data_preprocessor)._non_blocking


def test_a_detection_preprocessor_takes_stacked_scenes():
    settings = Config.fromfile("configs/_base_/models/spnet-s_convnext-t.py")
    preprocessor = MODELS.build(settings.data_preprocessor)
    images = list(torch.randint(256, (2, 3, 40, 64), dtype=torch.uint8))
    whole = preprocessor(dict(inputs=torch.stack(images)), True)["inputs"]
    assert torch.equal(whole, preprocessor(dict(inputs=images), True)["inputs"])
    assert whole.shape == (2, 3, 64, 64)
