"""A camera on loopback: MJPEG over HTTP that breaks off when it is told to."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

BOUNDARY = "frame"


def numbered_frame(number, size=(64, 48)):
    """The number as ten black or white fields, most significant bit first."""
    image = np.full((size[1], size[0], 3), 128, np.uint8)
    width = size[0] // 10
    for bit in range(10):
        white = number >> (9 - bit) & 1
        image[:, bit * width : (bit + 1) * width] = 255 if white else 0
    return image


def read_number(image):
    """What ``numbered_frame`` wrote."""
    width = image.shape[1] // 10
    centre = image[image.shape[0] // 2, :, 1]
    bits = [centre[bit * width + width // 2] > 127 for bit in range(10)]
    return int("".join("1" if bit else "0" for bit in bits), 2)


@contextmanager
def mjpeg_server(frames, cuts, pause=0.0, picture=numbered_frame):
    """Serve ``frames`` numbered pictures; the connection ends after each of ``cuts``.

    A camera goes on while nobody listens to it no more than this one: the next
    connection begins with the next picture. After the last one, connections end at
    once.
    """
    state = dict(next=0, connections=0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            state["connections"] += 1
            self.send_response(200)
            kind = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
            self.send_header("Content-Type", kind)
            self.end_headers()
            while state["next"] < frames:
                encoded = cv2.imencode(".jpg", picture(state["next"]))[1]
                state["next"] += 1
                head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\n"
                head += f"Content-Length: {len(encoded)}\r\n\r\n"
                try:
                    self.wfile.write(head.encode() + encoded.tobytes() + b"\r\n")
                except OSError:
                    return
                time.sleep(pause)
                if state["next"] in cuts:
                    return

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/live.mjpg", state
    finally:
        server.shutdown()
        server.server_close()
