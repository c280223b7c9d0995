"""A camera on loopback that speaks RTSP: uncompressed frames (RFC 4175) over TCP."""

import re
import struct
import threading
import time
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer

import cv2
import numpy as np

from tests.test_apis.test_sources.mjpeg_server import numbered_frame

TICKS = 90_000  # of RTP's clock in a second
RATE = 25


def description(width, height):
    return (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\n"
        f"m=video 0 RTP/AVP 96\r\na=rtpmap:96 raw/{TICKS}\r\n"
        "a=fmtp:96 sampling=YCbCr-4:2:2; depth=8; colorimetry=BT601-5; "
        f"width={width}; height={height}\r\na=framerate:{RATE}\r\na=control:video\r\n"
    )


def packet(image, number):
    """One frame as one RTP packet, framed for the RTSP connection.

    Args:
        image: (H, W, 3) uint8, BGR; W even.
        number: Of the frame.
    """
    height, width = image.shape[:2]
    luma, blue, red = np.moveaxis(
        cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb)[:, :, [0, 2, 1]], 2, 0
    )
    lines = np.empty((height, width, 2), np.uint8)
    lines[:, :, 1] = luma
    lines[:, ::2, 0], lines[:, 1::2, 0] = blue[:, ::2], red[:, ::2]
    heads = [
        struct.pack("!HHH", 2 * width, line, (line < height - 1) << 15)
        for line in range(height)
    ]
    time_stamp = (number + 1) * TICKS // RATE  # FFmpeg takes 0 for none
    head = struct.pack("!BBHII", 0x80, 0x80 | 96, number & 0xFFFF, time_stamp, 7)
    rtp = head + b"\0\0" + b"".join(heads) + lines.tobytes()
    return struct.pack("!cBH", b"$", 0, len(rtp)) + rtp


@contextmanager
def rtsp_server(frames, cuts, pause=0.0, picture=numbered_frame):
    """As ``mjpeg_server``: a camera whose connection ends after each of ``cuts``."""
    state = dict(next=0, connections=0)
    height, width = picture(0).shape[:2]

    class Handler(StreamRequestHandler):
        def handle(self):
            state["connections"] += 1
            if state["next"] >= frames:
                return
            while request := self.rfile.readline().decode().split():
                headers = {}
                while line := self.rfile.readline().decode().strip():
                    name, value = line.split(":", 1)
                    headers[name.lower()] = value.strip()
                if not self.answer(request[0], headers):
                    return

        def answer(self, method, headers):
            """Whether the conversation goes on."""
            lines, body = [f"CSeq: {headers.get('cseq', 0)}", "Session: 1"], ""
            if method == "OPTIONS":
                lines.append("Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
            elif method == "DESCRIBE":
                body = description(width, height)
                lines.append("Content-Type: application/sdp")
                lines.append(f"Content-Length: {len(body)}")
            elif method == "SETUP":
                channels = re.search(r"interleaved=\d+-\d+", headers["transport"])
                lines.append(f"Transport: RTP/AVP/TCP;unicast;{channels[0]}")
            head = "\r\n".join(["RTSP/1.0 200 OK", *lines, "", ""])
            self.wfile.write((head + body).encode())
            if method == "PLAY":
                self.play()
            return method not in ("PLAY", "TEARDOWN")

        def play(self):
            while state["next"] < frames:
                number = state["next"]
                state["next"] += 1
                try:
                    self.wfile.write(packet(picture(number), number))
                except OSError:
                    return
                time.sleep(pause)
                if state["next"] in cuts:
                    return

    class Server(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"rtsp://user:secret@127.0.0.1:{server.server_address[1]}/live", state
    finally:
        server.shutdown()
        server.server_close()
