"""Tiny data sets in the official layouts, written with SciPy for the tests."""

import json
from pathlib import Path

import cv2
import numpy as np
from scipy.io import savemat


def write_image(path: Path, height: int, width: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(len(path.name))
    image = random.integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8)
    cv2.imwrite(str(path), cv2.resize(image, (width, height)))


def cells(values) -> np.ndarray:
    """A column cell array."""
    array = np.empty((len(values), 1), dtype=object)
    for i, value in enumerate(values):
        array[i, 0] = value
    return array


def struct_array(rows: list[dict]) -> np.ndarray:
    """A 1 x n struct array."""
    array = np.empty((1, len(rows)), dtype=[(name, object) for name in rows[0]])
    for i, row in enumerate(rows):
        for name, value in row.items():
            array[0, i][name] = value
    return array


def appearance(name: str, box=(), last: str = "ishard") -> dict:
    locate = np.array([box], dtype=float) if len(box) else np.zeros((0, 0))
    return {"imname": name, "idlocate": locate, last: np.zeros((1, 1))}


CUHK_BOXES = {
    "s1.jpg": [(10, 10, 20, 40), (50, 12, 20, 40)],
    "s2.jpg": [(30, 8, 18, 44)],
    "s3.jpg": [(5, 5, 16, 32), (40, 6, 17, 33), (70, 7, 10, 30)],
    "s4.jpg": [(20, 10, 20, 40), (60, 20, 0, 10)],
    "s5.jpg": [(12, 4, 22, 50)],
    "s6.jpg": [(33, 3, 21, 41)],
    "s7.jpg": [(1, 2, 11, 21)],
}
CUHK_POOL = ["s3.jpg", "s4.jpg", "s5.jpg", "s6.jpg", "s7.jpg"]
CUHK_TRAIN = [
    ("p1", [("s1.jpg", (50, 12, 20, 40)), ("s2.jpg", (30, 8, 18, 44))]),
    ("p2", [("s1.jpg", (10, 10, 20, 40))]),
]
# Query image and box, then gallery with the boxes of matches first.
CUHK_TEST = [
    (
        ("s3.jpg", (40, 6, 17, 33)),
        [("s5.jpg", (12, 4, 22, 50)), ("s4.jpg", ()), ("s7.jpg", ())],
    ),
    (
        ("s4.jpg", (20, 10, 20, 40)),
        [("s3.jpg", (70, 7, 10, 30)), ("s6.jpg", (33, 3, 21, 41)), ("s7.jpg", ())],
    ),
]


def write_cuhk_subset(root: Path, name: str, variable: str) -> None:
    """A subset's file: its only query is the second of the test people."""
    query, gallery = CUHK_TEST[1]
    entry = {
        "Query": struct_array([appearance(*query, last="idname")]),
        "Gallery": struct_array([appearance(*one) for one in gallery[::-1]]),
    }
    folder = root / "annotation" / "test" / "subset"
    folder.mkdir(exist_ok=True)
    content = {"comment": "made", variable: struct_array([entry])}
    savemat(folder / f"{name}.mat", content, do_compression=True)


def write_cuhk(root: Path, protocols=("TestG50", "TestG100"), images=True) -> Path:
    """CUHK-SYSU with 2 training and 5 test images of 100 x 120 pixels."""
    annotation = root / "annotation"
    test = annotation / "test" / "train_test"
    test.mkdir(parents=True)
    rows = [
        {
            "imname": name,
            "nAppear": float(len(boxes)),
            "box": struct_array(
                [{"idlocate": np.array([box], float), "ishard": 0.0} for box in boxes]
            ),
        }
        for name, boxes in CUHK_BOXES.items()
    ]
    savemat(annotation / "Images.mat", {"Img": struct_array(rows)})
    savemat(annotation / "pool.mat", {"pool": cells(CUHK_POOL)})
    train = [
        struct_array(
            [
                {
                    "idname": name,
                    "nAppear": float(len(scenes)),
                    "scene": struct_array([appearance(*scene) for scene in scenes]),
                }
            ]
        )
        for name, scenes in CUHK_TRAIN
    ]
    savemat(test / "Train.mat", {"Train": cells(train)}, do_compression=True)
    entries = [
        {
            "Query": struct_array([appearance(*query, last="idname")]),
            "Gallery": struct_array([appearance(*entry) for entry in gallery]),
        }
        for query, gallery in CUHK_TEST
    ]
    for name in protocols:
        savemat(
            test / f"{name}.mat",
            {name: struct_array(entries)},
            do_compression=name != "TestG50",
        )
    for name in CUHK_BOXES if images else ():
        write_image(root / "Image" / "SSM" / name, 100, 120)
    return root


# id, x, y, width, height; -2 has no identity.
PRW_FRAMES = {
    "c1s1_000151": ("box_new", [(1, 10.6, 12.2, 20.9, 40.1), (-2, -3.5, 5, 18, 40)]),
    "c2s1_000176": ("anno_file", [(932, 30, 8, 18, 44), (1, 60, 10, 20, 45)]),
    "c6s3_000201": ("anno_previous", [(479, 5, 5, 16, 32), (-2, 110, 40, 30, 40)]),
    "c1s1_000226": ("box_new", [(479, 40.2, 6.9, 17.4, 33.3), (500, 70, 7, 10, 30)]),
    "c3s1_000251": ("box_new", [(500, 20, 10, 20, 40)]),
}
PRW_TRAIN = ["c1s1_000151", "c2s1_000176"]
PRW_TEST = ["c6s3_000201", "c1s1_000226", "c3s1_000251"]
PRW_QUERIES = "479 5 5 17 32 c6s3_000201\r\n500 70.4 7.4 10.1 30.2 c1s1_000226\r\n"


def write_prw(root: Path, images=True) -> Path:
    """PRW with 2 training and 3 test frames of 100 x 120 pixels."""
    (root / "annotations").mkdir(parents=True)
    for name, (variable, rows) in PRW_FRAMES.items():
        path = root / "annotations" / f"{name}.jpg.mat"
        savemat(path, {variable: np.array(rows, dtype=float)})
        if images:
            write_image(root / "frames" / f"{name}.jpg", 100, 120)
    savemat(root / "frame_train.mat", {"img_index_train": cells(PRW_TRAIN)})
    savemat(root / "frame_test.mat", {"img_index_test": cells(PRW_TEST)})
    savemat(root / "ID_train.mat", {"ID_train": np.array([[1, 2, 932]])})
    savemat(root / "ID_test.mat", {"ID_test2": np.array([[479, 500]])})
    (root / "query_info.txt").write_bytes(PRW_QUERIES.encode())
    return root


def write_coco(root: Path, content: dict | None = None, images=True) -> Path:
    """COCO 2017 with 3 training images, one of them without persons."""
    if content is None:
        sizes = {7: (64, 80), 8: (64, 80), 9: (48, 64)}
        content = {
            "categories": [{"id": 3, "name": "car"}, {"id": 1, "name": "person"}],
            "images": [
                {"id": i, "file_name": f"{i:012d}.jpg", "height": h, "width": w}
                for i, (h, w) in sizes.items()
            ],
            "annotations": [
                coco_box(1, 9, [5, 6, 10, 20]),
                coco_box(2, 7, [1, 2, 30, 40]),
                coco_box(3, 7, [60, 20, 30, 30]),
                coco_box(4, 7, [0, 0, 70, 60], iscrowd=1),
                coco_box(5, 8, [3, 3, 9, 9], category_id=3),
                coco_box(6, 9, [7, 8, 0, 5]),
            ],
        }
    (root / "annotations").mkdir(parents=True)
    path = root / "annotations" / "instances_train2017.json"
    path.write_text(json.dumps(content))
    for image in content["images"] if images else ():
        path = root / "train2017" / image["file_name"]
        write_image(path, image["height"], image["width"])
    return root


def write_own(root: Path) -> Path:
    """Own data of one camera: 2 training and 3 test images of 100 x 120 pixels."""
    images, annotations = [], []
    for number, split in enumerate(("train", "train", "test", "test", "test"), 1):
        image = dict(id=number, file_name=f"f{number}.jpg", height=100, width=120)
        images.append(image | dict(split=split))
        for place, person in enumerate((1 if split == "train" else 2, None)):
            item = coco_box(len(annotations) + 1, number, [10 + 50 * place, 10, 20, 70])
            annotations.append(item | dict(person_id=person))
        write_image(root / f"f{number}.jpg", 100, 120)
    content = dict(images=images, annotations=annotations)
    (root / "annotations.json").write_text(json.dumps(content))
    return root


def coco_box(annotation, image, bbox, category_id=1, iscrowd=0) -> dict:
    return dict(
        id=annotation,
        image_id=image,
        bbox=bbox,
        category_id=category_id,
        iscrowd=iscrowd,
    )
