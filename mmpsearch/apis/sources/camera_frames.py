"""Pictures of many cameras: files one after the other, then streams at once."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mmpsearch.apis.image_sources import iter_file
from mmpsearch.apis.sources.addresses import shown_address
from mmpsearch.apis.sources.cameras import Camera
from mmpsearch.apis.sources.frame import SourceImage
from mmpsearch.apis.sources.stream import StreamCounts, StreamOptions, iter_stream
from mmpsearch.errors import ImageReadError


class CameraFrames:
    """Reads cameras; iterate it once.

    Args:
        files: Absolute path -> the camera that took it.
        streams: Cameras whose source is a stream; they are read at the same time.
        options: How streams are followed.
        on_error: Called for each file or stream that cannot be read.
        recent: Pictures that ``picture`` remembers.

    Attributes:
        cameras: Path of a picture -> its camera.
        counts: What became of the streams, filled while they are read.
        number_of_files: For a progress bar; None with streams.
    """

    def __init__(
        self,
        files: dict[str, Camera],
        streams: Sequence[Camera] = (),
        options: StreamOptions | None = None,
        on_error: Callable[[ImageReadError], None] | None = None,
        recent: int = 8,
    ) -> None:
        self._files, self._streams = files, streams
        self._options = options or StreamOptions()
        self._on_error = on_error
        self._recent: deque[SourceImage] = deque(maxlen=recent)
        self.cameras = dict(files)
        self.cameras.update({shown_address(one.source): one for one in streams})
        self.counts: list[StreamCounts] = []
        self.number_of_files = None if streams else len(files)

    def __iter__(self) -> Iterator[SourceImage]:
        for path, camera in self._files.items():
            for image in iter_file(path, camera.choice(), self._on_error):
                clock = None
                if camera.start is not None and image.time is not None:
                    clock = camera.start + image.time
                yield replace(image, camera=camera.camera, clock=clock)
        for image in _at_once([self._stream(one) for one in self._streams]):
            self._recent.append(image)
            yield image

    def picture(self, path: str, frame: int) -> SourceImage | None:
        """A picture of a stream that was yielded a moment ago."""
        for image in self._recent:
            if (image.path, image.frame) == (path, frame):
                return image
        return None

    def _stream(self, camera: Camera) -> Iterator[SourceImage]:
        counts = StreamCounts(shown_address(camera.source))
        self.counts.append(counts)
        try:
            stream = iter_stream(camera.source, camera.choice(), self._options, counts)
            for image in stream:
                yield replace(image, camera=camera.camera)
        except ImageReadError as error:
            if self._on_error is None:
                raise
            self._on_error(error)


def _at_once(streams: Sequence[Iterator[SourceImage]]) -> Iterator[SourceImage]:
    """What comes first first, each stream read by a thread of its own."""
    if len(streams) < 2:
        for stream in streams:
            yield from stream
        return
    waiting: queue.Queue = queue.Queue(maxsize=1)
    stopped = threading.Event()

    def put(item: object) -> None:
        while not stopped.is_set():
            try:
                return waiting.put(item, timeout=0.1)
            except queue.Full:
                pass

    def pull(stream: Iterator[SourceImage]) -> None:
        try:
            for image in stream:
                put(image)
                if stopped.is_set():
                    return
            put(None)
        except Exception as error:  # told to the consumer
            put(error)

    for stream in streams:
        threading.Thread(target=pull, args=(stream,), daemon=True).start()
    ended = 0
    try:
        while ended < len(streams):
            item = waiting.get()
            if isinstance(item, Exception):
                raise item
            if item is None:
                ended += 1
            else:
                yield item
    finally:
        stopped.set()
