"""What is damaged, and what reads it: whole files of every kind, and their readers."""

import importlib.util
import io
import json
import pickle
import random
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from scipy.io import savemat

from mmpsearch.apis.detectors.given_boxes import GivenBoxes
from mmpsearch.apis.image_sources import iter_images
from mmpsearch.apis.model_loading import load_weights
from mmpsearch.datasets import CUHKSYSU, COCOPersons, COCOPersonSearch
from mmpsearch.datasets.io.array_cache import CACHE_FOLDER
from mmpsearch.datasets.io.image_files import image_headers, why_unreadable
from mmpsearch.datasets.io.mot_files import read_mot
from mmpsearch.datasets.io.picture_reading import read_picture
from mmpsearch.datasets.person_search.cuhk_protocol import read_cuhk_protocol
from mmpsearch.datasets.person_search.own.people_table import read_people_table
from mmpsearch.datasets.person_search.prw import read_frame
from mmpsearch.datasets.reid.crop_table import read_crop_table
from mmpsearch.errors import UserError
from mmpsearch.evaluation.metrics.search_outputs import SearchOutputs
from mmpsearch.gallery import Detections, GalleryIndex, ModelFingerprint
from mmpsearch.gallery.old_file import FORMAT
from mmpsearch.gallery.suppression import Suppression, people_entries, read_sidecar
from mmpsearch.utils.checkpoint import load_checkpoint
from mmpsearch.utils.work_folder import checkpoint_damage
from tests.fuzzing.mutations import damaged, damaged_json, damaged_table
from tests.toy_training import ToyModel

# An image that is there, beside the file that is read.
SCENE = "scene.jpg"


class Canary:
    """What a checkpoint of a stranger may hold: unpickled, it writes a file."""

    def __reduce__(self):
        return Path.touch, (Path("EXECUTED"),)


@dataclass(frozen=True)
class Kind:
    """Files of one kind.

    Attributes:
        files: name -> content of whole files.
        readers: suffix or whole name -> what reads a file of it.
        change: damages a content.
    """

    files: dict[str, bytes]
    readers: dict[str, tuple[Callable[[Path], object], ...]]
    change: Callable[[bytes, random.Random], bytes] = damaged

    def readers_of(self, name: str) -> tuple[Callable[[Path], object], ...]:
        return self.readers.get(name) or self.readers[Path(name).suffix]


def make_kinds() -> dict[str, Kind]:
    """All kinds by name."""
    return {
        "pictures": _pictures(),
        "mat": _mat(),
        "json": _json(),
        "npz": _npz(),
        "galleries": _galleries(),
        "checkpoints": _checkpoints(),
        "tables": _tables(),
    }


def _saved(write: Callable[[io.BytesIO], object]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def _pictures() -> Kind:
    noise = np.random.default_rng(0)
    pixels = noise.integers(0, 255, (24, 32, 3), dtype=np.uint8)
    picture = Image.fromarray(pixels)
    turned = Image.Exif()
    turned[0x0112] = 6
    more = dict(save_all=True, append_images=[picture.rotate(90)])
    options = {
        "a.jpg": dict(format="JPEG", exif=turned),
        "progressive.jpg": dict(format="JPEG", progressive=True),
        "a.png": dict(format="PNG"),
        "a.webp": dict(format="WEBP", lossless=True),
        "moving.webp": dict(format="WEBP", **more),
        "a.tif": dict(format="TIFF", compression="tiff_lzw"),
        "plain.tif": dict(format="TIFF"),
        "a.bmp": dict(format="BMP"),
        "a.gif": dict(format="GIF", **more),
    }
    files = {
        name: _saved(lambda s, o=o: picture.save(s, **o)) for name, o in options.items()
    }
    deep = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    files["deep.png"] = _saved(lambda s: deep.save(s, "PNG"))
    files["mask.png"] = _saved(lambda s: picture.convert("RGBA").save(s, "PNG"))
    files["palette.png"] = _saved(lambda s: picture.quantize(7).save(s, "PNG"))
    readers = (
        read_picture,
        lambda path: why_unreadable(path),
        lambda path: image_headers([str(path)]),
        lambda path: list(iter_images([str(path)], on_error=lambda error: None)),
    )
    suffixes = {Path(name).suffix for name in files}
    return Kind(files, dict.fromkeys(suffixes, readers))


def _mat() -> Kind:
    def mat(content: dict, compressed: bool) -> bytes:
        return _saved(lambda s: savemat(s, content, do_compression=compressed))

    box = np.array([[1.0, 2, 3, 4]])
    gallery = np.empty((1, 2), dtype=[("imname", "O"), ("idlocate", "O")])
    gallery[0, 0], gallery[0, 1] = ("s1.jpg", box), ("s2.jpg", np.zeros((0, 0)))
    query = {"imname": "s2.jpg", "idlocate": box}
    protocol = np.empty((1, 1), dtype=[("Query", "O"), ("Gallery", "O")])
    protocol[0, 0] = (query, gallery)
    scenes = np.empty((1, 2), dtype=[("imname", "O"), ("box", "O")])
    scenes[0, 0] = ("s1.jpg", {"idlocate": box})
    scenes[0, 1] = ("s2.jpg", {"idlocate": box})
    frame = np.array([[1.0, 5, 6, 20, 40], [-2, 1, 2, 10, 30]])
    files = {}
    for compressed in (False, True):
        name = "packed" if compressed else "plain"
        files[f"frame_{name}.mat"] = mat({"box_new": frame}, compressed)
        files[f"protocol_{name}.mat"] = mat({"TestG50": protocol}, compressed)
        files[f"images_{name}.mat"] = mat({"Img": scenes}, compressed)
    readers = (
        read_frame,
        lambda path: read_cuhk_protocol(path, "TestG50", ["s1.jpg", "s2.jpg"]),
        _read_cuhk,
    )
    train = np.empty((1, 1), dtype=object)
    shown = np.empty((1, 1), dtype=[("imname", "O"), ("idlocate", "O")])
    shown[0, 0] = ("s1.jpg", box)
    train[0, 0] = {"idname": "p1", "scene": shown}
    Path("whole_pool").write_bytes(mat({"pool": ["s2.jpg"]}, False))
    Path("whole_train").write_bytes(mat({"Train": train}, False))
    files["train.mat"] = Path("whole_train").read_bytes()
    Path("whole_images").write_bytes(files["images_plain.mat"])
    return Kind(files, {".mat": readers})


def _read_cuhk(path: Path) -> None:
    """The file as each of those that a data set of this layout has."""
    images, pool, train = (Path(f"whole_{n}") for n in ("images", "pool", "train"))
    reader = CUHKSYSU.__new__(CUHKSYSU)
    reader.split = "train"
    for files in ((path, pool, train), (images, path, train), (images, pool, path)):
        with suppress(UserError):
            reader._read(*files)


def _json() -> Kind:
    image = {"id": 1, "file_name": SCENE, "height": 24, "width": 32, "split": "train"}
    person = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [3, 4, 10, 12]}
    coco = {
        "images": [image],
        "annotations": [
            {**person, "iscrowd": 0, "area": 120.0, "person_id": 7},
            {**person, "id": 2, "person_id": "B", "is_query": True},
        ],
        "categories": [{"id": 1, "name": "person"}],
    }
    index = GalleryIndex()
    index.add(_detections("/a.jpg"))
    entries = [one for part in index.records() for one in people_entries(part, "why")]
    files = {
        "annotations.json": json.dumps(coco).encode(),
        "suppressed.json": Suppression(entries).to_json().encode(),
        "boxes.json": json.dumps({SCENE: [[1, 2, 9, 20, 0.9]]}).encode(),
    }
    readers = {
        "annotations.json": (_read_persons, _read_search, GivenBoxes),
        "suppressed.json": (read_sidecar,),
        "boxes.json": (GivenBoxes,),
    }
    return Kind(files, readers, damaged_json)


def _without_cache(folder: Path) -> None:
    shutil.rmtree(folder / CACHE_FOLDER, ignore_errors=True)


def _read_persons(path: Path) -> None:
    root = path.parent / "coco"
    (root / "annotations").mkdir(parents=True, exist_ok=True)
    (root / "train2017").mkdir(exist_ok=True)
    shutil.copy(path.parent / SCENE, root / "train2017" / SCENE)
    shutil.copy(path, root / "annotations" / "instances_train2017.json")
    _without_cache(root)
    COCOPersons(str(root), pipeline=[])


def _read_search(path: Path) -> None:
    _without_cache(path.parent)
    options = dict(ann_file=path.name, image_prefix="", pipeline=[])
    COCOPersonSearch(str(path.parent), **options)


def _detections(path: str) -> Detections:
    return Detections(
        boxes=np.array([[1, 2, 9, 20], [3, 3, 8, 8]], np.float32),
        scores=np.array([0.9, 0.8], np.float32),
        embeddings=np.eye(2, 8, dtype=np.float32),
        height=24,
        width=32,
        path=path,
        fingerprint=ModelFingerprint("c.py", "w.pth", "0" * 64),
    )


def _search(path: Path) -> None:
    """No similarity may be more than 1, whatever the file holds."""
    index = GalleryIndex.load(path)
    for result in index.search(np.eye(1, 8, dtype=np.float32), top_k=5):
        for match in result.matches:
            assert -1.001 <= match.similarity <= 1.001, match.similarity
            assert np.isfinite(match.box).all()


def _npz() -> Kind:
    count = 3
    columns = {
        "ids": np.arange(count),
        "files": np.zeros(count, np.int64),
        "boxes": np.ones((count, 4), np.float32),
        "scores": np.ones(count, np.float32),
        "cameras": np.zeros(count, np.int64),
        "times": np.zeros(count),
        "frames": np.full(count, -1),
        "embeddings": np.eye(count, 8, dtype=np.float32),
    }
    header = {
        "format": FORMAT,
        "version": 1,
        "files": {"/a.jpg": {"number": 0, "size": 1, "modified": 1}},
        "fingerprint": {"config": "c", "checkpoint": "w", "sha256": "0"},
        "settings": {"score_threshold": 0.5},
        "next_id": count,
    }
    columns["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
    outputs = vars(SearchOutputs.nothing())
    files = {
        "old_gallery.npz": _saved(lambda s: np.savez(s, **columns)),
        "packed_gallery.npz": _saved(lambda s: np.savez_compressed(s, **columns)),
        "outputs.npz": _saved(lambda s: np.savez(s, **outputs)),
        "objects.npz": _saved(lambda s: np.savez(s, a=np.array([Canary()]))),
    }
    return Kind(files, {".npz": (_search, SearchOutputs.load)})


def _galleries() -> Kind:
    def saved(count: int) -> bytes:
        index = GalleryIndex()
        for number in range(count):
            index.add(_detections(f"/{number}.jpg"))
        place = Path("made.gallery")
        index.save(place)
        index.remove(path="/0.jpg")
        index.save(place)
        index.store.close()
        content = place.read_bytes()
        place.unlink()
        return content

    files = {"one.gallery": saved(1), "five.gallery": saved(5)}
    return Kind(files, {".gallery": (_search,)})


def _checkpoints() -> Kind:
    state = ToyModel().state_dict()
    whole = {"state_dict": state, "meta": {"epoch": 3, "seed": None}}
    odd = {"state_dict": {1: 2, None: "x", "hidden.weight": [1]}, "meta": []}
    old = dict(_use_new_zipfile_serialization=False)
    files = {
        "a.pth": _saved(lambda s: torch.save(whole, s)),
        "old.pth": _saved(lambda s: torch.save(whole, s, **old)),
        "odd.pth": _saved(lambda s: torch.save(odd, s)),
        "canary.pth": _saved(lambda s: torch.save({"a": Canary()}, s)),
        "canary_old.pth": _saved(lambda s: torch.save({"a": Canary()}, s, **old)),
        "pickle.pth": pickle.dumps({"state_dict": Canary()}),
    }
    if importlib.util.find_spec("safetensors"):
        from safetensors.torch import save

        files["a.safetensors"] = save(state)
    model = ToyModel()
    readers = (
        load_checkpoint,
        lambda path: load_weights(model, path),
        checkpoint_damage,
    )
    return Kind(files, {".pth": readers, ".safetensors": readers[:2]})


def _tables() -> Kind:
    files = {
        "people.csv": b"camera,track,first,last,boxes,person,looks_like\n"
        b"c1,1,1,20,20,Anna,\nc1,2,3,9,7,,c1/1\nc2,1,1,5,5,discard,\n",
        "crops.csv": b"path,person_id,camera_id,split\n"
        b"a/1.jpg,Anna,c1,train\na/2.jpg,Anna,c2,query\nb/1.jpg,7,c1,gallery\n",
        "gt.txt": b"1,1,10,20,30,60,1,1,0.9\n2,1,11,20,30,60,1,1,0.9\n"
        b"2,-1,50,20,30,60,0.5,-1,-1\n",
    }
    readers = {
        "people.csv": (read_people_table,),
        "crops.csv": (lambda path: read_crop_table(path, str(path.parent)),),
        "gt.txt": (read_mot, GivenBoxes),
    }
    return Kind(files, readers, damaged_table)
