"""PRW's layout, parsed here with SciPy the way public readers do."""

import re

import numpy as np
from PIL import Image
from scipy.io import loadmat

from mmpsearch.datasets.synthetic.options import make_options
from mmpsearch.datasets.synthetic.writers.prw import choose_queries, official_ids


def frame_names(root, split):
    cells = loadmat(root / f"frame_{split}.mat")[f"img_index_{split}"]
    assert cells.ndim == 2 and cells.shape[1] == 1
    return [str(cell[0][0]) for cell in cells]


def boxes_of(root, name):
    return loadmat(root / "annotations" / f"{name}.jpg.mat")["box_new"].astype(int)


def test_frames_and_their_annotations(prw):
    root, options, plan, records, counts = prw
    train, test = frame_names(root, "train"), frame_names(root, "test")
    assert len(train) == 12 and len(test) == 13 and not set(train) & set(test)
    assert counts["frames"] == 25
    for name in train + test:
        assert re.fullmatch(r"c[12]s[123]_\d{6}", name)
        with Image.open(root / "frames" / f"{name}.jpg") as image:
            assert image.size == (160, 112)
        boxes = boxes_of(root, name)
        assert boxes.shape[1] == 5 and len(boxes) >= 1
        assert (boxes[:, 3:] > 0).all() and (boxes[:, 1:3] >= 0).all()
        assert (boxes[:, 1] + boxes[:, 3] <= 160).all()
        assert (boxes[:, 2] + boxes[:, 4] <= 112).all()


def test_boxes_are_the_records_boxes(prw):
    root, options, plan, records, _ = prw
    for spec, record in zip(plan, records, strict=True):
        boxes = boxes_of(root, spec.name[:-4])
        for row, person in zip(boxes, record["people"], strict=True):
            x0, y0, x1, y1 = person["box"]
            assert row[1:].tolist() == [x0, y0, x1 - x0, y1 - y0]
            assert row[0] == (person["id"] + 1 if person["id"] >= 0 else -2)


def test_ids_of_training_and_test_are_disjoint(prw):
    root = prw[0]
    train_ids = loadmat(root / "ID_train.mat")["ID_train"]
    test_ids = loadmat(root / "ID_test.mat")["ID_test2"]
    assert train_ids.tolist() == [list(range(1, 9))]
    assert test_ids.tolist() == [list(range(9, 15))]
    seen = {
        split: {
            int(i)
            for name in frame_names(root, split)
            for i in boxes_of(root, name)[:, 0]
        }
        for split in ("train", "test")
    }
    assert seen["train"] - {-2} == set(range(1, 9))
    assert seen["test"] - {-2} == set(range(9, 15))
    assert -2 in seen["train"]


def test_queries_live_in_test_frames_and_have_a_match_elsewhere(prw):
    root, _, plan, _, counts = prw
    raw = (root / "query_info.txt").read_bytes()
    assert raw.endswith(b"\r\n") and raw.count(b"\r\n") == counts["queries"] > 3
    test = frame_names(root, "test")
    homes = {spec.name[:-4] for spec in plan if spec.split == "query"}
    for line in raw.decode().splitlines():
        number, x, y, w, h, name = line.split(" ")
        box = [int(float(value)) for value in (x, y, w, h)]
        assert name in homes and [int(number), *box] in boxes_of(root, name).tolist()
        elsewhere = [
            n for n in test if n != name and int(number) in boxes_of(root, n)[:, 0]
        ]
        assert elsewhere
        with Image.open(root / "query_box" / f"{number}_{name}.jpg") as crop:
            assert crop.size == (box[2], box[3])


def test_our_dataset_class_reads_it(prw):
    from mmpsearch import datasets

    root, _, _, records, counts = prw
    train = datasets.PRW(data_root=str(root), split="train")
    test = datasets.PRW(data_root=str(root), split="test")
    assert (len(train), len(test), train.num_identities) == (12, 13, 8)
    found = [d.get_data_info(i) for d in (train, test) for i in range(len(d))]
    boxes = np.concatenate([info["gt_bboxes"] for info in found])
    expected = sorted(tuple(p["box"]) for r in records for p in r["people"])
    assert sorted(map(tuple, boxes.astype(int).tolist())) == expected
    assert len(test.metainfo["protocol"].query_images) == counts["queries"]


def test_published_ids():
    options = make_options("prw", published_size=True)
    ids = official_ids(options)
    assert len(ids) == 933 and len(set(ids)) == 933
    assert ids[482] == 932 and ids[483] == 479 and ids[-1] == 933


def test_one_query_per_identity_and_camera_comes_first(prw):
    _, options, plan, records, _ = prw
    everything = choose_queries(options, plan, records)
    keys = [(records[i]["people"][k]["id"], plan[i].camera) for i, k in everything]
    limited = make_options(**(options.to_dict() | {"queries": len(set(keys))}))
    chosen = choose_queries(limited, plan, records)
    assert set(chosen) <= set(everything) and len(chosen) == len(set(keys))
    assert {(records[i]["people"][k]["id"], plan[i].camera) for i, k in chosen} == set(
        keys
    )
