"""A page in a process of its own, to be killed: ROOT PORT SECONDS-A-PICTURE.

A module of the tests, not a test.
"""

import sys
import time
import warnings
from pathlib import Path

from mmpsearch.apis import PersonSearchInferencer
from mmpsearch.app.launch import Address, launch
from mmpsearch.app.media import MediaRoots
from mmpsearch.app.service import SearchService
from mmpsearch.gallery import Gallery
from tests.test_apis.colour_model import config


class Slow(PersonSearchInferencer):
    seconds = 0.0

    def _find(self, batch):
        time.sleep(self.seconds)
        return super()._find(batch)


def main(root, port, seconds):
    warnings.simplefilter("ignore")
    inferencer = Slow(config(), device="cpu")
    inferencer.seconds = seconds
    service = SearchService(
        inferencer,
        Gallery.open(root / "people.gallery"),
        MediaRoots([root / "photos"]),
        root / "state",
    )
    page, url = launch(service, Address(port=port), block=False)
    print(url, flush=True)
    page.block_thread()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
