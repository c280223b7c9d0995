"""What the kill tests stop: ``python -m tests.killing NAME FOLDER``.

Each is begun again by the same command, until it comes to its end.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from mmpsearch.apis import update_gallery
from mmpsearch.apis.image_sources import iter_images
from mmpsearch.datasets.synthetic import make_options, make_synthetic
from mmpsearch.gallery import Detections, Gallery
from mmpsearch.gallery.migration import NOTE, migrate

PICTURES = 150


class SlowInferencer:
    """Two people in every picture; embeddings by the picture's name."""

    score_threshold = 0.5
    fingerprint = None

    def iter_detect(
        self, images, frame_step=1, report=None, progress=False
    ) -> Iterator[Detections]:
        for image in iter_images(images, frame_step, report.unreadable.append):
            time.sleep(0.005)
            yield people_of(image.path)


def people_of(path: str) -> Detections:
    draw = np.random.default_rng(list(Path(path).name.encode()))
    embeddings = draw.standard_normal((2, 16)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    boxes = np.array([[0, 0, 4, 8], [4, 0, 8, 8]], np.float32)
    scores = np.ones(2, np.float32)
    return Detections(boxes, scores, embeddings, height=8, width=8, path=path)


def gallery(folder: Path) -> None:
    """Fill a gallery from a folder of pictures."""
    with Gallery.open(folder / "people.gallery") as index:
        update_gallery(SlowInferencer(), index, str(folder.parent / "pictures"))


def migration(folder: Path) -> None:
    """Copy a gallery in small steps."""
    source = Gallery.open(folder.parent / "source.gallery", write=False)
    with Gallery.open(folder / "people.gallery") as target:
        if len(target) == len(source) and NOTE not in target.store.header.notes:
            return  # it was killed behind its end
        migrate(source, target, size=10, tell=lambda done, total: time.sleep(0.02))


def rendering(folder: Path) -> None:
    """Render scenes with two workers."""
    options = make_options(
        "prw", scenes=12, gallery_scenes=4, query_scenes=2, width=96, height=64
    )
    make_synthetic(options, folder / "rendered", workers=2)


def pictures(folder: Path) -> None:
    """Which the gallery is filled from."""
    folder.mkdir(exist_ok=True)
    for number in range(PICTURES):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"{number:03d}.png")


def records(path: Path) -> list[tuple]:
    """Everybody in a gallery, in the order of files, without times of adding."""
    with Gallery.open(path, write=False) as index:
        rows = [
            (str(row_path), box.tolist(), embedding.tolist())
            for part in index.records()
            for row_path, box, embedding in zip(
                part.paths, part.boxes, part.embeddings, strict=True
            )
        ]
        return [sorted(index.files), *sorted(rows)]


TASKS: dict[str, Callable[[Path], None]] = {
    "gallery": gallery,
    "migration": migration,
    "rendering": rendering,
}

if __name__ == "__main__":
    place = Path(sys.argv[2])
    print("ready", flush=True)
    TASKS[sys.argv[1]](place)
