"""Journeys of a minute: large uploads, killed servers."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmpsearch.gallery import Gallery
from tests.test_app.conftest import BLUE, BOXES, RED, save

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]


def test_fifty_megapixels_are_searched_and_a_hundred_refused(served, visit, tmp_path):
    pixels = np.full((6000, 8400, 3), 120, np.uint8)
    pixels[1000:5000, 2000:4000] = RED
    Image.fromarray(pixels).save(tmp_path / "large.png")
    Image.new("1", (10_000, 10_000)).save(tmp_path / "bomb.png")
    visitor = visit(served[1]).enter()
    visitor.upload(tmp_path / "large.png").click_person(0)
    visitor.finds("a.png")
    visitor.upload(tmp_path / "bomb.png")
    visitor.tab.wait_for_selector("#mmp-said .error")
    visitor.sees("#mmp-said", "pixels")


class Server:
    """A page in a process of its own."""

    def __init__(self, root):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.root, self.process = root, None

    def start(self, seconds=0.0):
        script = Path(__file__).with_name("served_slowly.py")
        self.process = subprocess.Popen(
            [sys.executable, script, self.root, str(self.port), str(seconds)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
        )
        return self.process.stdout.readline().strip()

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path):
    (tmp_path / "photos").mkdir()
    made = Server(tmp_path)
    yield made
    made.kill()


def test_a_killed_server_goes_on_with_work_and_search(server, visit, tmp_path):
    for number in range(30):
        save(tmp_path / f"photos/{number:02d}.png", (RED, BOXES["left"]))
    query = save(tmp_path / "q.png", (RED, BOXES["right"]), (BLUE, BOXES["left"]))
    url = server.start(seconds=0.4)
    visitor = visit(url).enter("Gallery")
    tab = visitor.tab
    tab.click("#mmp-add")
    tab.wait_for_selector(".mmp-job.running progress")
    tab.get_by_role("tab", name="Search").click()
    visitor.upload(query)
    visitor.click_person(1)
    server.kill()
    time.sleep(1)
    server.start()
    tab.goto(url)
    visitor.errors.clear()  # of the time without a server, which the console tells
    tab.wait_for_selector("[data-person='1'][aria-pressed=true]")
    tab.get_by_role("tab", name="Gallery").click()
    tab.wait_for_selector(".mmp-job.done")
    assert not visitor.errors
    tab.close()
    server.kill()
    with Gallery.open(tmp_path / "people.gallery", write=False) as gallery:
        assert len(gallery) == 30 and len(set(gallery.files)) == 30
