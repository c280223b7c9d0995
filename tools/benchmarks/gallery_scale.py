"""A gallery of a million people: open, add a thousand, search, and memory.

Beside it, on the same people: the gallery file as it was before (one .npz, NumPy and
FAISS flat over float32), and plain FAISS.

    python tools/benchmarks/gallery_scale.py --people 1000000 --dimension 256

Each side runs in a process of its own, so that its peak memory is its own. People are
random directions around ten thousand centres, some of them nearly equal, as tracks are.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from common import Measurement, PeakMemory, report

from mmpsearch.gallery import Gallery, where
from mmpsearch.gallery.records import Records
from mmpsearch.utils.command_line import one_line_errors

CAMERAS = 50
DAYS = 30
QUERIES = 40
START = 1_790_000_000.0


def people(first: int, count: int, dimension: int) -> Records:
    """Records ``first`` to ``first + count``; the same ones whoever asks."""
    rng = np.random.default_rng(first)
    centres = np.random.default_rng(1).standard_normal((10_000, dimension), np.float32)
    rows = centres[rng.integers(0, len(centres), count)]
    rows += 0.7 * rng.standard_normal((count, dimension), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    paths, cameras = np.empty(count, object), np.empty(count, object)
    numbers = first + np.arange(count)
    paths[:] = [f"/data/{number // 5:07d}.jpg" for number in numbers]
    cameras[:] = [f"camera {number % CAMERAS}" for number in numbers]
    return Records(
        ids=numbers,
        embeddings=rows,
        boxes=np.tile(np.array([1, 2, 30, 90], np.float32), (count, 1)),
        scores=np.full(count, 0.9, np.float32),
        paths=paths,
        cameras=cameras,
        times=np.full(count, np.nan),
        clocks=START + rng.uniform(0, 86400 * DAYS, count),
        frames=np.full(count, -1),
        tracks=np.full(count, -1),
        starts=np.full(count, np.nan),
        ends=np.full(count, np.nan),
        added=np.full(count, START),
        scenes=np.empty((count, 0), np.float32),
    )


def queries(dimension: int) -> np.ndarray:
    return people(10**9, QUERIES, dimension).embeddings


def timed(function) -> tuple[float, object]:
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def spread(seconds: list[float]) -> dict[str, float]:
    return {
        "p50_ms": round(1000 * float(np.percentile(seconds, 50)), 1),
        "p95_ms": round(1000 * float(np.percentile(seconds, 95)), 1),
    }


def add(gallery: Gallery, records: Records) -> None:
    gallery.add_records(records)
    gallery.flush()


def fill(args: argparse.Namespace) -> dict:
    """Write the gallery, as an index that grew over a month would be."""
    with Gallery.open(args.file) as gallery:
        seconds = 0.0
        for first in range(0, args.people, 20_000):
            count = min(20_000, args.people - first)
            records = people(first, count, args.dimension)
            seconds += timed(
                lambda r=records: (gallery.add_records(r), gallery.flush())
            )[0]
    return {"fill_s": round(seconds, 2), "file_mib": round(_mib(args.file), 1)}


def ours(args: argparse.Namespace) -> dict:
    """Open, search, filter, add a thousand, search again."""
    result = {}
    with PeakMemory() as memory:
        opened, gallery = timed(lambda: Gallery.open(args.file))
        with gallery:
            pictures = queries(args.dimension)
            result["open_s"] = round(opened, 2)
            first, _ = timed(lambda: gallery.search(pictures[0], 10))
            result["first_search_s"] = round(first, 2)
            half = [f"camera {number}" for number in range(CAMERAS // 2)]
            week = (["camera 3", "camera 7"], "2026-09-25", "2026-10-01")
            filters = {
                "search": {},
                "one_per_image": {"one_per": "image"},
                "camera": {"where": where(cameras=["camera 3"])},
                "half_the_cameras": {"where": where(half)},
                "camera_and_week": {"where": where(*week)},
                "without_own_picture": {
                    "where": where(not_paths=["/data/0000007.jpg"])
                },
            }
            answers = []
            for name, options in filters.items():
                runs = [
                    timed(lambda q=q, o=options: gallery.search(q, 10, **o)[0])
                    for q in pictures
                ]
                result[name] = spread([seconds for seconds, _ in runs])
                if name == "search":
                    answers = [[m.id for m in found.matches] for _, found in runs]
            new = people(args.people, 1000, args.dimension)
            before = _mib(args.file)
            seconds, _ = timed(lambda: add(gallery, new))
            result["add_1000_s"] = round(seconds, 3)
            result["file_grew_mib"] = round(_mib(args.file) - before, 2)
            seconds, _ = timed(lambda: gallery.search(pictures[0], 10))
            result["search_after_add_s"] = round(seconds, 3)
            victim = new.ids[0]
            seconds, _ = timed(lambda: (gallery.remove(ids=[victim]), gallery.flush()))
            result["remove_one_s"] = round(seconds, 3)
            gallery.remove(ids=gallery.column("ids")[args.people :], suppress=False)
    return {**result, "peak_mib": round(memory.peak_mib, 1), "answers": answers}


def by_blocks(query: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The ten nearest rows by NumPy, as galleries searched before."""
    values = np.concatenate(
        [rows[start : start + 65536] @ query for start in range(0, len(rows), 65536)]
    )
    nearest = np.argpartition(values, -10)[-10:]
    return nearest[np.argsort(-values[nearest])]


def before(args: argparse.Namespace) -> dict:
    """One .npz that is read and written as a whole; FAISS flat over float32."""
    import faiss

    pictures = queries(args.dimension)
    file = Path(args.file).with_suffix(".old.npz")
    parts = [
        people(first, min(20_000, args.people - first), args.dimension)
        for first in range(0, args.people, 20_000)
    ]
    rows = np.concatenate([part.embeddings for part in parts])
    numbers = np.arange(len(rows))
    del parts
    with open(file, "wb") as stream:
        np.savez(stream, ids=numbers, embeddings=rows)
    del rows
    result = {}
    with PeakMemory() as memory:

        def read():
            with np.load(file) as archive:
                return archive["embeddings"]

        seconds, rows = timed(read)
        result["open_s"] = round(seconds, 2)

        def build():
            index = faiss.IndexFlatIP(args.dimension)
            index.add(rows)
            return index

        seconds, index = timed(build)
        seconds_first, _ = timed(lambda: index.search(pictures[:1], 10))
        result["first_search_s"] = round(seconds + seconds_first, 2)
        runs = [timed(lambda q=q: index.search(q[None], 10)) for q in pictures]
        result["search"] = spread([seconds for seconds, _ in runs])
        answers = [found[1][0].tolist() for _, found in runs]
        blocks = [timed(lambda q=q: by_blocks(q, rows))[0] for q in pictures[:8]]
        result["numpy_search"] = spread(blocks)
        allowed = np.ones(len(rows), bool)
        allowed[35:40] = False
        masked = [
            timed(lambda q=q: by_blocks(q, rows[np.flatnonzero(allowed)]))[0]
            for q in pictures[:4]
        ]
        result["without_own_picture"] = spread(masked)

        def add():
            more = people(args.people, 1000, args.dimension).embeddings
            with open(file, "wb") as stream:
                np.savez(stream, ids=numbers, embeddings=np.concatenate([rows, more]))

        result["add_1000_s"] = round(timed(add)[0], 2)
    file.unlink()
    return {**result, "peak_mib": round(memory.peak_mib, 1), "answers": answers}


def _mib(path: str) -> float:
    return os.path.getsize(path) / 2**20


def run_alone(part: str, args: argparse.Namespace) -> dict:
    """A side in a fresh process; its last line is its result."""
    command = [sys.executable, __file__, "--part", part, "--file", args.file]
    command += ["--people", str(args.people), "--dimension", str(args.dimension)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(output.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--dimension", type=int, default=256)
    parser.add_argument("--file", help="where to write; default: a temporary folder")
    parser.add_argument("--part", choices=("fill", "ours", "before"))
    args = parser.parse_args()
    if args.part:
        print(json.dumps(globals()[args.part](args)))
        return
    with tempfile.TemporaryDirectory() as folder:
        args.file = args.file or os.path.join(folder, "people.gallery")
        filled = run_alone("fill", args)
        mine, old = run_alone("ours", args), run_alone("before", args)
    equal = mine.pop("answers") == old.pop("answers")
    measured = []
    for one in (mine, old):
        p50 = one["search"]["p50_ms"] / 1000
        measured.append(Measurement([p50], [p50], 0.0, one["peak_mib"]))
    report(
        "gallery_scale",
        *measured,
        equal=equal,
        people=args.people,
        dimension=args.dimension,
        gallery={**filled, **mine},
        before=old,
    )


if __name__ == "__main__":
    with one_line_errors():
        main()
