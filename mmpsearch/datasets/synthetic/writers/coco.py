"""The COCO 2017 layout: ``train2017/*.jpg``, ``annotations/instances_train2017.json``.

People are category 1 without identity; occluders with a COCO category are annotated
too, and the members of a crowd share one annotation with ``iscrowd`` 1.
"""

from __future__ import annotations

import json
from pathlib import Path

from mmpsearch.datasets.synthetic.manifest import write_atomically
from mmpsearch.datasets.synthetic.options import SyntheticOptions
from mmpsearch.datasets.synthetic.plan import SceneSpec

CATEGORIES = {
    "person": (1, "person"),
    "bicycle": (2, "vehicle"),
    "fire hydrant": (11, "outdoor"),
    "stop sign": (13, "outdoor"),
    "bench": (15, "outdoor"),
    "suitcase": (33, "accessory"),
    "potted plant": (64, "furniture"),
}
_PROP_CATEGORY = {
    "bicycle": "bicycle",
    "hydrant": "fire hydrant",
    "sign": "stop sign",
    "bench": "bench",
    "suitcase": "suitcase",
    "planter": "potted plant",
}


def _annotation(item: dict, image_id: int, category: str, crowd: bool = False) -> dict:
    x0, y0, x1, y1 = item["box"]
    return {
        "segmentation": item.get("outline"),
        "area": float(item["area"]),
        "iscrowd": int(crowd),
        "image_id": image_id,
        "bbox": [float(x0), float(y0), float(x1 - x0), float(y1 - y0)],
        "category_id": CATEGORIES[category][0],
    }


def annotations_of(record: dict, image_id: int) -> list[dict]:
    """COCO annotations of one picture, without their ids."""
    found = [_annotation(item, image_id, "person") for item in record["people"]]
    for item in record["props"]:
        if item["id"] in _PROP_CATEGORY:
            category = _PROP_CATEGORY[item["id"]]
            found.append(_annotation(item, image_id, category))
    if "crowd" in record:
        crowd = _annotation(record["crowd"], image_id, "person", crowd=True)
        size = [record["height"], record["width"]]
        crowd["segmentation"] = {"counts": record["crowd"]["runs"], "size": size}
        found.append(crowd)
    return found


def write_coco(
    root: Path, options: SyntheticOptions, plan: list[SceneSpec], records: list[dict]
) -> dict[str, int]:
    """Write the annotation file of a rendered data set; returns what was counted."""
    images, annotations = [], []
    for spec, record in zip(plan, records, strict=True):
        image_id = int(Path(spec.name).stem)
        images.append(
            {
                "license": 1,
                "file_name": spec.name,
                "coco_url": "",
                "height": record["height"],
                "width": record["width"],
                "date_captured": "2017-01-01 00:00:00",
                "flickr_url": "",
                "id": image_id,
            }
        )
        annotations += annotations_of(record, image_id)
    for number, annotation in enumerate(annotations):
        annotation["id"] = 100_001 + number
    document = {
        "info": {
            "description": "Synthetic people in the COCO 2017 layout",
            "url": "",
            "version": "1.0",
            "year": 2017,
            "contributor": "mmpsearch",
            "date_created": "2017/09/01",
        },
        "licenses": [{"url": "", "id": 1, "name": "Apache License 2.0"}],
        "images": images,
        "annotations": annotations,
        "categories": [
            {"supercategory": group, "id": number, "name": name}
            for name, (number, group) in CATEGORIES.items()
        ],
    }
    folder = root / "annotations"
    folder.mkdir(exist_ok=True)
    data = json.dumps(document).encode()
    write_atomically(folder / "instances_train2017.json", data)
    people = [a for a in annotations if a["category_id"] == 1]
    return {
        "images": len(images),
        "annotations": len(annotations),
        "people": sum(not a["iscrowd"] for a in people),
        "crowds": sum(a["iscrowd"] for a in people),
    }
