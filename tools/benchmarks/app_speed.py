#!/usr/bin/env python
"""From the click on a person to the results of the page, in a gallery of 10,000.

    python tools/benchmarks/app_speed.py
    python tools/benchmarks/app_speed.py --model yolox-nano+retail-0287 --browser

The gallery's embeddings are drawn, its pictures rendered; the query is embedded by the
model, since a box is drawn. ``ours`` is the page's whole answer (embedding, ranking,
appearances, the cards with their pictures); ``baseline`` is ``search_person`` alone.
With ``--browser`` a headless Chromium draws the box, and takes the time from letting go
of the mouse until the pictures of twelve other people are decoded: ``browser_s`` is the
median, ``browser_most_s`` the longest.
"""

import argparse
import os
import tempfile
from pathlib import Path

import cv2
import numpy as np
from common import measure, report

from mmpsearch.apis import load_inferencer, search_person
from mmpsearch.app import cards
from mmpsearch.app.answers import SearchOptions
from mmpsearch.app.media import MediaRoots
from mmpsearch.app.service import SearchService
from mmpsearch.gallery import Detections, Gallery
from mmpsearch.gallery.detections import normalise
from mmpsearch.utils.command_line import one_line_errors

PICTURES = 64  # different ones; the others are links to them
TOGETHER = 4  # people in a picture
SIZE = (720, 1280)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", default="spnet-tiny", help="(spnet-tiny)")
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--browser", action="store_true", help="also in Chromium")
    return parser.parse_args()


def fill(gallery: Gallery, folder: Path, inferencer, people: int) -> None:
    """Drawn embeddings in rendered pictures of ``TOGETHER`` people each."""
    generator = np.random.default_rng(0)
    grey = np.full((*SIZE, 3), 128, np.uint8)
    length = inferencer.embed(grey, [[10, 10, 60, 160]]).shape[1]
    boxes = np.array(
        [[40 + 150 * i, 100, 120 + 150 * i, 400] for i in range(TOGETHER)], np.float32
    )
    count = -(-people // TOGETHER)
    for number in range(count):
        path = folder / f"{number:06d}.jpg"
        if number < PICTURES:
            noise = generator.integers(
                0, 255, (SIZE[0] // 8, SIZE[1] // 8, 3), np.uint8
            )
            cv2.imwrite(str(path), cv2.resize(noise, SIZE[::-1]))
        else:
            os.link(folder / f"{number % PICTURES:06d}.jpg", path)
        drawn = generator.normal(size=(TOGETHER, length)).astype(np.float32)
        gallery.add(
            Detections(
                boxes=boxes,
                scores=np.ones(TOGETHER, np.float32),
                embeddings=normalise(drawn),
                height=SIZE[0],
                width=SIZE[1],
                path=str(path),
                camera=f"camera {number % 4}",
                clock=1.79e9 + 10 * number,
                fingerprint=inferencer.fingerprint,
            )
        )
    gallery.flush()


# From letting go of the mouse to another frame with twelve decoded pictures of others.
STOPWATCH = """() => {
  const ids = () => [...document.querySelectorAll(".mmp-open")].map(
    (card) => card.dataset.id).join();
  document.addEventListener("pointerup", () => {
    const [begin, before] = [performance.now(), ids()];
    window.seconds = null;
    const look = () => {
      const pictures = [...document.querySelectorAll(".mmp-card img")];
      const there = pictures.length === 12 && ids() !== before &&
        pictures.every((one) => one.complete && one.naturalWidth);
      if (there) window.seconds = (performance.now() - begin) / 1000;
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, true);
}"""


def in_browser(service: SearchService, file: Path, repeats: int) -> list[float]:
    """Seconds of each repeat after a first one, which warms up."""
    from playwright.sync_api import sync_playwright

    from mmpsearch.app.launch import Address, launch

    page, url = launch(service, Address(port=0), block=False)
    seconds = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        tab = browser.new_page(viewport=dict(width=1600, height=1000))
        tab.goto(url)
        tab.wait_for_selector("#mmp-rates .mmp-note")
        tab.set_input_files("#mmp-upload input[type=file]", str(file))
        tab.wait_for_selector(".mmp-scene")
        tab.evaluate(STOPWATCH)
        for number in range(repeats + 1):
            area = tab.locator(".mmp-scene").bounding_box()
            x, y = area["x"] + 20 + 3 * number, area["y"] + 20
            tab.mouse.move(x, y)
            tab.mouse.down()
            tab.mouse.move(x + 60, y + 160)
            tab.mouse.up()
            tab.wait_for_function("window.seconds", polling=100)
            seconds.append(tab.evaluate("window.seconds"))
            tab.wait_for_timeout(1000)
        browser.close()
    page.close(verbose=False)
    return seconds[1:]


def main() -> None:
    args = parse_args()
    inferencer = load_inferencer(args.model, device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "photos").mkdir()
        gallery = Gallery.open(root / "people.gallery")
        fill(gallery, root / "photos", inferencer, args.people)
        service = SearchService(
            inferencer, gallery, MediaRoots([root / "photos"]), root / "state"
        )
        session = service.viewing.open_file(
            service.sessions.begin(), str(root / "photos" / "000000.jpg")
        )
        image, options = service.viewing.image(session), SearchOptions()
        lefts = iter(range(1, 10_000))

        def ours() -> list[int]:
            left = next(lefts)
            drawn = service.draw(session, (left, 20, left + 120, 380))
            answer = service.answer(drawn, options)
            crops = service.pictures.crops(cards.shown_matches(answer))
            assert all(crops) and cards.results(answer, crops)
            return [match.id for match in answer.result.matches]

        def baseline() -> list[int]:
            left = next(lefts)
            query = service.embed(image, (left, 20, left + 120, 380))
            return [m.id for m in search_person(gallery, query, 12).matches]

        runs = measure({"ours": ours, "baseline": baseline}, args.repeats)
        same = service.draw(session, (50, 20, 170, 380))
        query = service.embed(image, (50, 20, 170, 380))
        found = service.answer(same, options).result.matches
        equal = [m.id for m in found] == [
            m.id for m in search_person(gallery, query, 12).matches
        ]
        further = {"people": len(gallery), "model": args.model}
        if args.browser:
            file = root / "query.jpg"
            cv2.imwrite(str(file), image.pixels)
            seconds = in_browser(service, file, args.repeats)
            further["browser_s"] = float(np.median(seconds))
            further["browser_most_s"] = max(seconds)
        service.close()
    report("app_speed", runs["ours"], runs["baseline"], equal=equal, **further)


if __name__ == "__main__":
    with one_line_errors():
        main()
