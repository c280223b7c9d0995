import numpy as np
import torch

from mmpsearch.datasets.transforms import PackReIDInputs


def test_packs_a_crop():
    image = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)
    packed = PackReIDInputs()(
        dict(
            img=image,
            img_path="a.jpg",
            img_shape=(4, 2),
            person_id=np.int64(5),
            camera_id=2,
            modality="ir",
            is_query=True,
            target="market1501",
        )
    )
    assert packed["inputs"].dtype == torch.uint8
    assert packed["inputs"].tolist() == image.transpose(2, 0, 1).tolist()
    sample = packed["data_samples"]
    assert (sample.person_id, sample.camera_id) == (5, 2)
    assert (sample.modality, sample.is_query) == ("ir", True)
    assert sample.target == "market1501"
    assert sample.img_path == "a.jpg" and sample.img_shape == (4, 2)


def test_what_is_unknown_is_minus_one():
    sample = PackReIDInputs()(dict(img=np.zeros((4, 2, 3), np.uint8)))["data_samples"]
    assert (sample.person_id, sample.camera_id) == (-1, -1)
    assert (sample.modality, sample.is_query) == ("rgb", False)
    assert "target" not in sample
