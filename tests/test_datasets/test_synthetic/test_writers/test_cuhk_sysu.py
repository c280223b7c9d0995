"""CUHK-SYSU's layout, parsed here with SciPy the way public readers do."""

import numpy as np
import pytest
from PIL import Image
from scipy.io import loadmat

from mmpsearch.datasets.synthetic.options import GALLERY_SIZES
from mmpsearch.datasets.synthetic.writers.cuhk_sysu import collect_appearances


@pytest.fixture(scope="module")
def images(cuhk_sysu):
    table = loadmat(cuhk_sysu[0] / "annotation" / "Images.mat")["Img"]
    assert table.shape == (1, 20)
    found = {}
    for name, count, boxes in table.squeeze():
        rows = np.asarray([box[0] for box in boxes[0]]).reshape(boxes.shape[1], 4)
        assert count[0, 0] == len(rows) >= 1
        found[str(name[0])] = rows.astype(int).tolist()
    return found


def test_images_and_boxes(cuhk_sysu, images):
    root, _, plan, records, _ = cuhk_sysu
    assert set(images) == {f"s{i}.jpg" for i in range(1, 21)}
    for spec, record in zip(plan, records, strict=True):
        with Image.open(root / "Image" / "SSM" / spec.name) as image:
            assert image.size == (160, 112)
        boxes = [
            (x0, y0, x1 - x0, y1 - y0)
            for x0, y0, x1, y1 in (person["box"] for person in record["people"])
        ]
        assert images[spec.name] == [list(box) for box in boxes]


def test_pool_is_the_test_pictures(cuhk_sysu):
    root, _, plan, _, _ = cuhk_sysu
    pool = loadmat(root / "annotation" / "pool.mat")["pool"]
    assert pool.shape == (8, 1)
    names = {str(name[0]) for name in pool.squeeze()}
    assert names == {spec.name for spec in plan if spec.split != "train"}


def test_training_people(cuhk_sysu, images):
    root, _, plan, _, _ = cuhk_sysu
    path = root / "annotation" / "test" / "train_test" / "Train.mat"
    train = loadmat(path)["Train"]
    assert train.shape == (8, 1)
    names = {spec.name for spec in plan if spec.split == "train"}
    for item in train.squeeze():
        idname, count, scenes = item[0, 0]
        assert str(idname[0]).startswith("p")
        assert count[0, 0] == scenes.shape[1] >= 2
        for name, box, hard in scenes.squeeze(axis=0):
            assert str(name[0]) in names and hard[0, 0] in (0, 1)
            assert box.squeeze().astype(int).tolist() in images[str(name[0])]


@pytest.mark.parametrize("size", GALLERY_SIZES)
def test_protocols(cuhk_sysu, images, size):
    root, _, plan, records, _ = cuhk_sysu
    path = root / "annotation" / "test" / "train_test" / f"TestG{size}.mat"
    protocol = loadmat(path)[f"TestG{size}"].squeeze()
    pool = {spec.name for spec in plan if spec.split != "train"}
    everybody = collect_appearances(plan, records)
    assert len(protocol) == 6
    for item in protocol:
        name, box, hard, idname = item["Query"][0, 0]
        person = int(str(idname[0])[1:]) - 1
        seen = {n: b for n, b, _ in everybody[person]}
        query = str(name[0])
        assert box.squeeze().tolist() == seen[query]
        gallery = item["Gallery"].squeeze()
        assert item["Gallery"].shape[0] == 1 and item["Gallery"].dtype.names == (
            "imname",
            "idlocate",
            "ishard",
        )
        names = [str(row["imname"][0]) for row in gallery]
        assert len(set(names)) == len(names) <= size
        assert query not in names and set(names) <= pool
        boxes = [row["idlocate"] for row in gallery]
        shown = [n for n, b in zip(names, boxes, strict=True) if b.size]
        assert names[: len(shown)] == shown  # matches come first
        assert set(shown) == set(seen) - {query} and shown
        for n, b in zip(names, boxes, strict=True):
            if b.size:
                assert b.squeeze().tolist() == seen[n]
            else:
                assert b.shape == (1, 0)


def test_protocols_are_nested_and_share_their_queries(cuhk_sysu):
    folder = cuhk_sysu[0] / "annotation" / "test" / "train_test"
    small, large = (
        loadmat(folder / f"TestG{size}.mat")[f"TestG{size}"].squeeze()
        for size in (50, 4000)
    )
    for a, b in zip(small, large, strict=True):
        assert a["Query"][0, 0][0] == b["Query"][0, 0][0]
        first, second = ([str(r[0][0]) for r in x["Gallery"].squeeze()] for x in (a, b))
        assert second[: len(first)] == first


def test_people_are_all_labelled_ones(cuhk_sysu):
    root, _, plan, records, counts = cuhk_sysu
    people = loadmat(root / "annotation" / "Person.mat")["Person"]
    assert people.shape == (1, 14)
    total = sum(int(row["nAppear"][0, 0]) for row in people.squeeze())
    labelled = sum(p["id"] >= 0 for r in records for p in r["people"])
    assert total == labelled < counts["boxes"]


def test_our_dataset_class_reads_it(cuhk_sysu):
    from mmpsearch import datasets

    root, _, _, records, counts = cuhk_sysu
    train = datasets.CUHKSYSU(data_root=str(root), split="train")
    test = datasets.CUHKSYSU(data_root=str(root), split="test")
    assert (len(train), len(test), train.num_identities) == (12, 8, 8)
    labelled = sum(
        int((d.get_data_info(i)["gt_person_ids"] >= 0).sum())
        for d in (train, test)
        for i in range(len(d))
    )
    assert labelled == sum(p["id"] >= 0 for r in records for p in r["people"])
    assert len(test.metainfo["protocol"].query_images) == counts["queries"] == 6
