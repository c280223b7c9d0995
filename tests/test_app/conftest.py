import warnings

import cv2
import numpy as np
import pytest
from PIL import Image

from mmpsearch.apis import PersonSearchInferencer
from mmpsearch.app.media import MediaRoots
from mmpsearch.app.service import SearchService
from mmpsearch.gallery import Gallery
from tests.test_apis.colour_model import BLUE, GREEN, RED, config, scene

# Three pictures: a red and a green person together, a blue one, a darker red one.
BOXES = {"left": (10, 20, 40, 100), "right": (80, 30, 120, 110)}
DARK_RED = (200, 60, 40)


def save(path, *people):
    Image.fromarray(scene(*people)).save(path)
    return str(path)


# Four people side by side, as ``save_video`` shows them.
ROW = [(left, 20, left + 25, 100) for left in (5, 45, 85, 125)]


def save_video(path, *people, seconds=2, rate=10):
    """A video in which nobody moves."""
    frame = cv2.cvtColor(scene(*people), cv2.COLOR_RGB2BGR)
    kind = cv2.VideoWriter_fourcc(*"VP80")
    writer = cv2.VideoWriter(str(path), kind, rate, frame.shape[1::-1])
    for _ in range(seconds * rate):
        writer.write(frame)
    writer.release()
    return str(path)


@pytest.fixture(scope="session")
def colour_inferencer():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return PersonSearchInferencer(config(), device="cpu")


@pytest.fixture
def photos(tmp_path):
    """A folder of pictures whose people are known."""
    folder = tmp_path / "photos"
    folder.mkdir()
    save(folder / "a.png", (RED, BOXES["left"]), (GREEN, BOXES["right"]))
    save(folder / "b.png", (BLUE, BOXES["left"]))
    save(folder / "c.png", (DARK_RED, BOXES["right"]))
    return folder


@pytest.fixture
def query_file(tmp_path):
    """A picture of a red and a blue person, as it is uploaded."""
    return save(
        tmp_path / "Straße 😀.png", (RED, BOXES["right"]), (BLUE, BOXES["left"])
    )


@pytest.fixture
def service(tmp_path, photos, colour_inferencer):
    """A page without a page: model, empty gallery, and the photos as media."""
    gallery = Gallery.open(tmp_path / "people.gallery")
    made = SearchService(
        colour_inferencer, gallery, MediaRoots([photos]), tmp_path / "state"
    )
    yield made
    made.close()


@pytest.fixture
def filled(service, photos):
    """The same, with the photos in the gallery."""
    job = service.jobs.wait(service.add(str(photos), camera="door").number, 30)
    assert job.state == "done", job.text
    return service


def box_of(name):
    return np.array(BOXES[name], np.float32)
