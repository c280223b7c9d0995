"""Sample pictures of others by name, to try a search on."""

from pathlib import Path

from mmpsearch.zoo import http
from mmpsearch.zoo.download import fetch
from mmpsearch.zoo.entry import WeightFile
from mmpsearch.zoo.errors import ZooError

_INTEL = "https://github.com/intel-iot-devkit/sample-videos/raw/master"
# CC BY 4.0, Intel IoT sample videos; the publisher states no digest.
SAMPLES = {
    name: WeightFile(f"{_INTEL}/{file}", f"samples/{file}")
    for name, file in {
        "one-by-one": "one-by-one-person-detection.mp4",
        "people-detection": "people-detection.mp4",
    }.items()
}


def sample(
    name: str, given: Path | None = None, progress: http.Progress | None = None
) -> Path:
    """A sample video on this machine, downloaded unless it is there already.

    Args:
        name: of `SAMPLES`.
        given: a local file in place of the download.
        progress: called with bytes so far and in all (None: not known).

    Raises:
        ZooError: there is no such name.
        DownloadError: it cannot be had.
    """
    if name not in SAMPLES:
        raise ZooError(f"there is no sample {name!r}; there are {', '.join(SAMPLES)}")
    return fetch(SAMPLES[name], given, progress)
