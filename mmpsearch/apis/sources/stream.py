"""Camera streams and webcams, followed through interruptions.

A thread reads the stream, so that a slow consumer never makes the camera wait: a live
stream loses its oldest waiting frames instead, and they are counted. When a stream
breaks off it is opened again and again, until ``patience`` seconds have passed without
a frame. A video that a server sends as a file (it has a length) is followed too, but
waits for the consumer and ends where it ends.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2

from mmpsearch.apis.sources.addresses import is_webcam, shown_address
from mmpsearch.apis.sources.frame import FrameChoice, SourceImage
from mmpsearch.apis.sources.video_file import TimeStamps
from mmpsearch.datasets.io.picture_arrays import array_to_bgr
from mmpsearch.errors import ImageReadError

OPEN_SECONDS, READ_SECONDS = 10, 10  # that FFmpeg waits for an answer
FIRST_TRIES = 3
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds between attempts to open again


@dataclass(frozen=True)
class StreamOptions:
    """How a stream is followed.

    Attributes:
        patience: Seconds without a frame after which a stream counts as ended.
        buffer: Frames that wait at most.
        seconds: Stop after so many seconds; None: at the stream's end.
    """

    patience: float = 30.0
    buffer: int = 8
    seconds: float | None = None


@dataclass
class StreamCounts:
    """What became of a stream.

    Attributes:
        address: Without user name and password.
        frames: Received, whether looked at or not.
        interruptions: After which it went on.
        dropped: Frames to be looked at that came too fast for the consumer.
    """

    address: str
    frames: int = 0
    interruptions: int = 0
    dropped: int = 0

    def __str__(self) -> str:
        text = f"{self.address}: {self.frames} frames received"
        if self.interruptions:
            text += f", interrupted {self.interruptions} times"
        if self.dropped:
            text += f", {self.dropped} dropped because they came too fast"
        return text


def iter_stream(
    source: str | int,
    choice: FrameChoice,
    options: StreamOptions | None = None,
    counts: StreamCounts | None = None,
    clock: Callable[[], float] = time.time,
) -> Iterator[SourceImage]:
    """Frames of a stream, with the time of the clock at which they arrived.

    Args:
        source: Address, or number of a webcam.
        choice: Which frames are looked at.
        options: How it is followed.
        counts: Receives what became of it.
        clock: Unix time of now.

    Yields:
        Frames, numbered on through interruptions; ``time`` counts from the first one.

    Raises:
        ImageReadError: It cannot be opened.
    """
    counts = counts or StreamCounts("")
    counts.address = shown_address(source)
    reader = _StreamReader(source, choice, options or StreamOptions(), counts, clock)
    thread = threading.Thread(target=reader.run, daemon=True, name=counts.address)
    thread.start()
    try:
        while (image := reader.next()) is not None:
            yield image
    finally:
        reader.stop()
        thread.join(timeout=1.0)
    if reader.error is not None:
        raise reader.error


class _StreamReader:
    """The thread's side: opens, grabs, opens again; a bounded queue to the consumer."""

    def __init__(
        self,
        source: str | int,
        choice: FrameChoice,
        options: StreamOptions,
        counts: StreamCounts,
        clock: Callable[[], float],
    ) -> None:
        self.error: Exception | None = None
        self._source = source
        self._choice = choice
        self._options = options
        self._counts = counts
        self._clock = clock
        self._waiting: deque[SourceImage] = deque()
        self._changed = threading.Condition()
        self._ended = False  # by the reader
        self._stopped = threading.Event()  # by the consumer
        self._first_clock: float | None = None

    def run(self) -> None:
        """Follow the stream to its end."""
        try:
            self._follow()
        except Exception as error:  # told to the consumer
            self.error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def next(self) -> SourceImage | None:
        """The next frame, waited for; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended)
            if not self._waiting:
                return None
            image = self._waiting.popleft()
            self._changed.notify_all()
            return image

    def stop(self) -> None:
        """End without reading on."""
        with self._changed:
            self._stopped.set()
            self._changed.notify_all()

    def _follow(self) -> None:
        failures, last_frame = 0, time.monotonic()
        while not self._stopped.is_set():
            capture, before = _open(self._source), self._counts.frames
            try:
                if capture is not None and self._read(capture):
                    return
            finally:
                if capture is not None:
                    capture.release()
            if self._counts.frames > before:
                failures, last_frame = 0, time.monotonic()
            elif self._counts.frames == 0 and self._hopeless(failures):
                reason = "no stream can be opened there"
                raise ImageReadError(self._counts.address, reason)
            elif time.monotonic() - last_frame >= self._options.patience:
                return
            self._stopped.wait(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1

    def _hopeless(self, failures: int) -> bool:
        return is_webcam(self._source) or failures + 1 >= FIRST_TRIES

    def _read(self, capture: cv2.VideoCapture) -> bool:
        """Read until the stream breaks off; whether it is over."""
        length = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        stamps = TimeStamps(capture) if length > 0 else None
        number = 0
        while not self._stopped.is_set() and capture.grab():
            stamp = None if stamps is None else stamps.next()
            number += 1
            if number == 1 and self._counts.frames:
                self._counts.interruptions += 1
            if stamps is not None and number <= self._counts.frames:
                continue  # of a file that is sent again from its beginning
            now = self._clock()
            if self._first_clock is None:
                self._first_clock = now
            since = now - self._first_clock if stamp is None else stamp
            if self._options.seconds is not None and since > self._options.seconds:
                return True
            frame = self._counts.frames
            self._counts.frames += 1
            if self._choice.wants(frame, since):
                decoded, pixels = capture.retrieve()
                if decoded:
                    address = self._counts.address
                    pixels = array_to_bgr(pixels)
                    image = SourceImage(pixels, address, since, frame, clock=now)
                    self._put(image, wait=stamps is not None)
        return self._stopped.is_set() or 0 < length <= self._counts.frames

    def _put(self, image: SourceImage, wait: bool) -> None:
        with self._changed:
            if wait:
                self._changed.wait_for(
                    lambda: (
                        len(self._waiting) < self._options.buffer
                        or self._stopped.is_set()
                    )
                )
            elif len(self._waiting) >= self._options.buffer:
                self._waiting.popleft()
                self._counts.dropped += 1
            self._waiting.append(image)
            self._changed.notify_all()


def _open(source: str | int) -> cv2.VideoCapture | None:
    if is_webcam(source):
        capture = cv2.VideoCapture(int(source))
    else:
        limits = [
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
            1000 * OPEN_SECONDS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC,
            1000 * READ_SECONDS,
        ]
        capture = cv2.VideoCapture(str(source), cv2.CAP_FFMPEG, limits)
    if capture.isOpened():
        return capture
    capture.release()
    return None
