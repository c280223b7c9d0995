"""Short videos of coloured people, and what extracts them in any process."""

import cv2
import numpy as np

from mmpsearch.apis import PersonSearchInferencer
from tests.test_apis.colour_model import BLUE, GREEN, RED, config, scene

COLOURS = (RED, GREEN, BLUE)


def load():
    return PersonSearchInferencer(config(), device="cpu", score_threshold=0.5)


def write_video(path, number, frames=12):
    """One person of one colour walks to the right; another stands, in odd videos."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 10, (160, 120))
    colour = COLOURS[number % 3]
    for n in range(frames):
        people = [(colour, (5 + n, 20 + number % 5, 35 + n, 110))]
        people += [(BLUE, (120, 10, 150, 90))] if number % 2 else []
        writer.write(np.ascontiguousarray(scene(*people)[:, :, ::-1]))
    writer.release()


def write_videos(folder, count, frames=12):
    folder.mkdir(exist_ok=True)
    for number in range(count):
        write_video(folder / f"video_{number:03}.avi", number, frames)
    return folder


def everybody(archive):
    """All records of an archive, as sorted rows that can be compared."""
    rows = []
    for unit in archive.units.values():
        if archive.state(unit) != "done":
            continue
        found = archive.records(unit)
        for n in range(len(found)):
            rows.append(
                (
                    found.paths[n],
                    int(found.frames[n]),
                    *found.boxes[n].tolist(),
                    *found.embeddings[n].round(5).tolist(),
                    float(found.times[n]),
                    int(found.tracks[n]),
                    found.cameras[n],
                )
            )
    return sorted(rows)
