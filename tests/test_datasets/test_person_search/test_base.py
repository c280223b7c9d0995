import cv2
import numpy as np
import pytest
from mmengine.dataset import pseudo_collate
from PIL import Image
from torch.utils.data import DataLoader

from mmpsearch.datasets import CUHKSYSU, PRW, ViewSampler
from mmpsearch.errors import UnreadableImageError
from mmpsearch.registry import DATASETS

from ..layouts import write_cuhk, write_prw

PIPELINE = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmpsearch.RandomScaleShift"),
    dict(type="mmpsearch.RandomHorizontalFlip"),
    dict(type="mmpsearch.ColorJitter"),
    dict(type="mmpsearch.PackPersonSearchInputs"),
]


@pytest.fixture
def root(tmp_path):
    return write_prw(tmp_path / "PRW")


def damage(path):
    path.write_bytes(path.read_bytes()[:-300])


def test_built_from_a_config(root):
    config = dict(
        type="mmpsearch.PRW", data_root=str(root), split="test", pipeline=PIPELINE
    )
    sample = DATASETS.build(config)[1]["data_samples"]
    assert sample.img_key == "c1s1_000226.jpg"
    assert len(sample.query_instances) == 1


def test_compat_quantization_is_one_option(root):
    plain = PRW(str(root), "test", pipeline=PIPELINE[::4])
    compat = PRW(str(root), "test", pipeline=PIPELINE[::4], compat_quantization=True)
    inputs = plain[0]["inputs"].float(), compat[0]["inputs"]
    difference = (inputs[0] - inputs[1]).abs().max()
    assert inputs[1].is_floating_point() and 0 < difference < 2


def test_wrong_arguments(root):
    with pytest.raises(ValueError, match="split 'val' is not one of"):
        PRW(str(root), "val")
    with pytest.raises(ValueError, match="on_bad_image 'ignore'"):
        PRW(str(root), on_bad_image="ignore")
    with pytest.raises(ValueError, match="'indices' would cut the test images"):
        PRW(str(root), "test", indices=2)
    with pytest.raises(FileNotFoundError, match="nowhere is missing"):
        PRW(str(root / "nowhere"))
    with pytest.raises(ValueError, match="min_persons only, got min_person"):
        PRW(str(root), filter_cfg=dict(min_person=9))
    with pytest.raises(ValueError, match="(?s)no image .* of 2 annotated.*min_persons"):
        PRW(str(root), filter_cfg=dict(min_persons=9))
    assert len(PRW(str(root), indices=1)) == 1


def test_a_replaced_image_is_measured_again(root):
    path = root / "frames" / "c2s1_000176.jpg"
    assert PRW(str(root)).get_data_info(1)["height"] == 100
    cv2.imwrite(str(path), np.zeros((60, 70, 3), np.uint8))
    info = PRW(str(root)).get_data_info(1)
    assert (info["height"], info["width"]) == (60, 70)


def test_num_identities_is_known_before_the_first_sample(root):
    dataset = PRW(str(root), lazy_init=True)
    assert dataset.num_identities == 3
    assert dataset.metainfo["num_identities"] == 3


def test_metainfo_of_a_lazy_set_needs_no_files():
    """MMDetection's ``init_detector`` asks for it where there is no data."""
    dataset = PRW("nowhere", lazy_init=True)
    assert dataset.metainfo["classes"] == ("person",)
    assert "num_identities" not in dataset.metainfo


def test_missing_images_are_counted_and_the_first_is_named(root):
    (root / "frames" / "c2s1_000176.jpg").unlink()
    with pytest.raises(FileNotFoundError, match="1 of 2 train images .*c2s1_000176"):
        PRW(str(root))


def test_sizes_need_not_be_read(tmp_path):
    root = write_prw(tmp_path / "bare", images=False)
    info = PRW(str(root), "test", read_sizes=False).get_data_info(0)
    assert "height" not in info
    assert info["gt_bboxes"][1].tolist() == [110, 40, 140, 80]
    with pytest.raises(FileNotFoundError, match="frames is missing"):
        PRW(str(root), "test")


def test_truncated_image_stops_or_is_replaced(root, capsys):
    damage(root / "frames" / "c2s1_000176.jpg")
    dataset = PRW(str(root), pipeline=PIPELINE)
    with pytest.raises(UnreadableImageError, match="c2s1_000176.jpg is empty or cut"):
        dataset[1]
    dataset = PRW(str(root), pipeline=PIPELINE, on_bad_image="skip")
    for index in ViewSampler(dataset, views=3, seed=0):
        assert dataset[index]["data_samples"].img_key == "c1s1_000151.jpg"
    assert dataset.problem_counts == {"images skipped while loading": 1}


def test_testing_never_skips(root):
    damage(root / "frames" / "c3s1_000251.jpg")
    dataset = PRW(str(root), "test", pipeline=PIPELINE, on_bad_image="skip")
    with pytest.raises(UnreadableImageError, match="c3s1_000251"):
        dataset[2]


def test_file_that_is_no_image_is_found_at_the_start(root):
    path = root / "frames" / "c2s1_000176.jpg"
    good = path.read_bytes()
    path.write_bytes(b"<html>")
    with pytest.raises(UnreadableImageError, match="c2s1_000176.jpg .1 in all"):
        PRW(str(root))
    dataset = PRW(str(root), on_bad_image="skip")
    assert len(dataset) == 1 and dataset.problem_counts == {"unreadable images": 1}
    # Repaired in place: the folder looks as before, but the file is read again.
    path.write_bytes(good)
    assert len(PRW(str(root), on_bad_image="skip")) == 2


def test_images_with_an_orientation_are_named(root):
    path = root / "frames" / "c2s1_000176.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(path).save(path, exif=exif)
    dataset = PRW(str(root), pipeline=PIPELINE)
    assert dataset.problem_counts["images not turned"] == 1
    assert "upright" not in dataset.get_data_info(1)


@pytest.mark.parametrize("dataset_class, write", [(CUHKSYSU, write_cuhk)])
def test_samples_do_not_depend_on_workers(tmp_path, dataset_class, write):
    dataset = dataset_class(str(write(tmp_path / "data")), pipeline=PIPELINE)

    def batches(workers):
        sampler = ViewSampler(dataset, views=2, seed=3)
        loader = DataLoader(
            dataset,
            batch_size=4,
            sampler=sampler,
            num_workers=workers,
            collate_fn=pseudo_collate,
        )
        return list(loader)

    alone, with_workers = batches(0), batches(2)
    assert len(alone) == len(with_workers) == 1
    for one, two in zip(alone, with_workers, strict=True):
        for left, right in zip(one["inputs"], two["inputs"], strict=True):
            assert (left == right).all()
        pairs = zip(one["data_samples"], two["data_samples"], strict=True)
        for left, right in pairs:
            assert left.img_key == right.img_key
            assert (left.gt_instances.bboxes == right.gt_instances.bboxes).all()
    first, second = alone[0]["inputs"][:2]
    assert not np.array_equal(first, second), "two views of one image must differ"
