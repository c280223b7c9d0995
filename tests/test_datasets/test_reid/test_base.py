import numpy as np
import pytest
from PIL import Image

from mmpsearch.datasets import Market1501
from mmpsearch.datasets.samplers import SeededIndex
from mmpsearch.errors import UnreadableImageError
from mmpsearch.registry import DATASETS

PIPELINE = [
    dict(type="mmpsearch.LoadImage"),
    dict(type="mmcv.Resize", scale=(16, 32)),
    dict(type="mmcv.RandomFlip", prob=0.5),
    dict(type="mmpsearch.PadCrop", padding=2),
    dict(type="mmpsearch.RandomErasing", prob=0.5, value="random"),
    dict(type="mmpsearch.PackReIDInputs"),
]


def test_training_ids_are_contiguous(rendered):
    dataset = Market1501(rendered("market1501"))
    assert dataset.metainfo["num_identities"] == dataset.num_identities == 4
    assert dataset.metainfo["num_cameras"] == 4
    assert np.bincount(dataset.person_ids).tolist() == [5, 5, 5, 5]
    assert set(dataset.camera_ids) == {0, 1, 2, 3}
    info = dataset.get_data_info(7)
    assert (info["img_id"], info["modality"], info["is_query"]) == (7, "rgb", False)
    assert "target" not in info


def test_testing_has_queries_first_with_official_ids(rendered):
    dataset = Market1501(rendered("market1501"), "test", target="mine")
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    meta = dataset.metainfo
    assert [i["is_query"] for i in infos] == [True] * 6 + [False] * 12
    assert (meta["num_queries"], meta["num_gallery"], meta["target"]) == (6, 12, "mine")
    for info in infos:
        name = info["img_path"].rsplit("/", 1)[1]
        assert info["person_id"] == int(name.split("_")[0])
        assert info["camera_id"] == int(name.split("_c")[1][0]) - 1
        assert info["target"] == "mine"
    assert not {i["person_id"] for i in infos if i["is_query"]} & {0, -1}


def test_samples_depend_on_the_seed_of_the_index(rendered):
    config = dict(type="mmpsearch.Market1501", data_root=str(rendered("market1501")))
    dataset = DATASETS.build(dict(config, pipeline=PIPELINE))
    samples = [dataset[SeededIndex(3, seed)] for seed in (1, 1, 2)]
    assert (samples[0]["inputs"] == samples[1]["inputs"]).all()
    assert not (samples[0]["inputs"] == samples[2]["inputs"]).all()
    assert samples[0]["inputs"].shape == (3, 32, 16)
    assert samples[0]["data_samples"].person_id == dataset.person_ids[3]


def test_the_folder_with_the_official_name_is_found(rendered, tmp_path):
    (tmp_path / "Market-1501-v15.09.15").symlink_to(rendered("market1501"))
    assert len(Market1501(tmp_path)) == 20


def test_what_is_wrong_is_named(copied):
    root = copied("market1501")
    with pytest.raises(ValueError, match="split 'val' is not one of"):
        Market1501(root, "val")
    with pytest.raises(ValueError, match="would cut queries"):
        Market1501(root, "test", indices=3)
    with pytest.raises(FileNotFoundError, match=r"(?s)bounding_box_train.*is offered"):
        Market1501(root / "nowhere")
    picture = next((root / "query").iterdir())
    picture.write_bytes(picture.read_bytes()[:200])
    dataset = Market1501(root, "test", pipeline=PIPELINE)
    place = [i["img_path"] for i in map(dataset.get_data_info, range(6))]
    with pytest.raises(UnreadableImageError, match=picture.name):
        dataset[place.index(str(picture))]
    for path in (root / "query").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="the query list of .* is empty"):
        Market1501(root, "test")
    (root / "query").rmdir()
    with pytest.raises(FileNotFoundError, match=r"(?s)query is missing.*layout"):
        Market1501(root, "test")


def test_a_bad_picture_is_replaced_in_training_if_asked(copied):
    root = copied("market1501")
    bad = sorted((root / "bounding_box_train").iterdir())[3]
    bad.write_bytes(bad.read_bytes()[:200])
    with pytest.raises(UnreadableImageError, match=bad.name):
        Market1501(root, pipeline=PIPELINE)[3]
    dataset = Market1501(root, pipeline=PIPELINE, on_bad_image="skip")
    paths = [dataset[SeededIndex(3, seed)]["data_samples"].img_path for seed in (0, 1)]
    assert str(bad) not in paths
    assert dataset.problem_counts == {"images skipped while loading": 1}
    test = Market1501(root, "test", pipeline=PIPELINE, on_bad_image="skip")
    query = test.get_data_info(0)["img_path"]
    with open(query, "wb"):
        pass
    with pytest.raises(UnreadableImageError, match="the file is empty"):
        test[0]
    with pytest.raises(ValueError, match="on_bad_image 'ignore' is not"):
        Market1501(root, on_bad_image="ignore")


def test_crops_are_loaded_upright(copied):
    root = copied("market1501")
    path = sorted((root / "bounding_box_train").iterdir())[0]
    pixels = np.asarray(Image.open(path).convert("RGB"))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = Image.fromarray(np.rot90(pixels))
    turned.save(path, exif=exif, quality=95)
    load = [dict(type="mmpsearch.LoadImage"), dict(type="mmpsearch.PackReIDInputs")]
    seen = Market1501(root, pipeline=load)[0]["inputs"].numpy()[::-1]
    assert seen.shape == (3, *pixels.shape[:2])
    assert np.abs(seen.transpose(1, 2, 0).astype(int) - pixels).mean() < 6
