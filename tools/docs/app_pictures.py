#!/usr/bin/env python
"""Take the pictures of docs/app.md: a real page, used by a real browser.

    python tools/docs/app_pictures.py --out docs/images

Renders two cameras of drawn people, fills a gallery with them through the page, looks
for one of them, judges, opens the other tabs, and photographs what is seen. Needs the
extra [app], playwright and Chromium.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from mmpsearch.apis import load_inferencer
from mmpsearch.app.launch import Address, launch
from mmpsearch.app.media import MediaRoots
from mmpsearch.app.service import SearchService
from mmpsearch.gallery import Gallery
from mmpsearch.utils.command_line import one_line_errors

ROOT = Path(__file__).parents[2]
MODEL = "spnet-tiny"
WIDE, TALL, PHONE = (1280, 860), 1180, (390, 844)
QUALITY = 80


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--work", type=Path, help="keeps what was rendered")
    return parser.parse_args()


def tool(name: str, *arguments: object) -> None:
    subprocess.run(
        [sys.executable, ROOT / "tools" / name, *map(str, arguments)], check=True
    )


def render(work: Path) -> tuple[Path, Path]:
    """Videos of two cameras, and the tracks of one."""
    videos, tracks = work / "videos", work / "tracks"
    if not videos.exists():
        tool("dataset_tools/make_synthetic_video.py", "--out", videos, "--cameras", 2)
    if not tracks.exists():
        truth = videos / "truth" / "camera1" / "gt" / "gt.txt"
        tool(
            "own_data/track_people.py",
            videos / "camera1.mp4",
            "--out",
            tracks,
            "--detector",
            truth,
            "--embedder",
            ROOT / "configs/reid/bot/bot_r18_synth.py",
        )
    return videos, tracks


class Camera:
    """Photographs a tab of the browser.

    Args:
        tab: Playwright's page.
        out: Folder of the pictures.
    """

    def __init__(self, tab, out: Path) -> None:
        self.tab, self.out = tab, out

    def take(self, name: str) -> None:
        self.tab.wait_for_timeout(800)
        with tempfile.NamedTemporaryFile(suffix=".png") as file:
            self.tab.screenshot(path=file.name)
            picture = Image.open(file.name).convert("RGB")
            picture.save(self.out / f"{name}.jpg", quality=QUALITY, optimize=True)


def visit(url: str, videos: Path, browser, out: Path) -> None:
    """The journey that the documentation tells."""
    tab = browser.new_page(viewport=dict(width=WIDE[0], height=WIDE[1]))
    tab.set_default_timeout(300_000)
    camera = Camera(tab, out)
    tab.goto(url)
    tab.get_by_role("tab", name="Gallery").click()
    for video in sorted(videos.glob("*.mp4")):
        field = tab.locator("#mmp-path input")
        field.fill(str(video))
        field.press("Enter")
        tab.get_by_label("Name of the camera").fill(video.stem)
        tab.get_by_label("The video begins at").fill("2026-11-29T08:30:00")
        tab.click("#mmp-add")
        tab.wait_for_selector(f".mmp-job:has-text('{video.name}')")
    tab.wait_for_selector(".mmp-job.running progress")
    camera.take("app_gallery")
    tab.wait_for_selector(".mmp-job.running, .mmp-job.waiting", state="detached")
    tab.reload()
    tab.get_by_role("button", name="Or one of the gallery").click()
    tab.locator("#mmp-file input").click()
    tab.get_by_role("option").first.click()
    tab.wait_for_selector("#mmp-picker figure")
    tab.locator("#mmp-moment input[type=number]").fill("10")
    tab.wait_for_selector("#mmp-picker [data-person='1']")
    tab.click("#mmp-picker [data-person='1']")
    tab.wait_for_selector(".mmp-card img")
    tab.get_by_role("button", name="Or one of the gallery").click()
    tab.locator("[data-do=same]").nth(0).click()
    tab.wait_for_selector(".mmp-card.same")
    tab.wait_for_selector("#mmp-timeline img")
    tab.set_viewport_size(dict(width=WIDE[0], height=TALL))
    tab.evaluate("window.scrollTo(0, 0)")
    camera.take("app_search")
    tab.set_viewport_size(dict(width=WIDE[0], height=WIDE[1]))
    tab.locator(".mmp-open").nth(1).click()
    tab.wait_for_selector("dialog[open] img")
    camera.take("app_frame")
    tab.keyboard.press("Escape")
    tab.get_by_role("tab", name="Tracks and labels").click()
    tab.wait_for_selector(".mmp-track img")
    camera.take("app_labels")
    tab.emulate_media(color_scheme="dark")
    tab.set_viewport_size(dict(width=PHONE[0], height=PHONE[1]))
    tab.reload()
    tab.get_by_role("tab", name="Search").click()
    tab.wait_for_selector(".mmp-card img")
    tab.locator("#mmp-results").evaluate("(results) => results.scrollIntoView()")
    camera.take("app_phone")


def main() -> None:
    args = parse_args()
    from playwright.sync_api import sync_playwright

    work = args.work or Path(tempfile.mkdtemp(prefix="app-pictures-"))
    videos, tracks = render(work)
    shutil.rmtree(work / "page", ignore_errors=True)
    args.out.mkdir(parents=True, exist_ok=True)
    service = SearchService(
        load_inferencer(MODEL, device="cpu"),
        Gallery.open(work / "page" / "people.gallery"),
        MediaRoots([videos]),
        work / "page" / "state",
        model_name=MODEL,
        tracks=tracks,
    )
    page, url = launch(service, Address(port=0), block=False)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                args=["--no-sandbox", "--disable-gpu"],
            )
            visit(url, videos, browser, args.out)
            browser.close()
    finally:
        page.close(verbose=False)
        service.close()
    print(f"pictures in {args.out}")


if __name__ == "__main__":
    with one_line_errors():
        main()
