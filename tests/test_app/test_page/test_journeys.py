"""What users do on the page, in a real browser."""

import json
import re

from PIL import Image

from mmpsearch.app.users import hash_password
from tests.test_app.conftest import BOXES, RED, save

from .looks import CONTRAST, OUTSIDE, UNNAMED

ODD = "<img src=x onerror=alert(1)> Straße 😀 " + "lang" * 40


def test_click_judge_look_export_and_load_again(served, visit, query_file):
    visitor = visit(served[1]).enter().upload(query_file).click_person(1)
    tab = visitor.tab
    visitor.finds("a.png", "c.png")
    tab.wait_for_selector("[data-person='1'][aria-pressed=true]")
    before = tab.locator(".mmp-card strong").nth(1).inner_text()
    tab.locator("[data-do=same]").nth(1).click()
    tab.wait_for_selector(".mmp-card.same")
    tab.wait_for_function(
        "(old) => document.querySelectorAll('.mmp-card strong')[1].innerText != old",
        arg=before,
    )
    # the dialog opens with the keyboard and closes with Escape
    tab.locator(".mmp-open").first.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_selector("dialog[open] img")
    tab.keyboard.press("Escape")
    tab.wait_for_selector("dialog[open]", state="detached")
    with tab.expect_download() as download:
        tab.get_by_role("button", name="JSON").click()
    content = json.loads(open(download.value.path(), encoding="utf-8").read())
    assert content["found"] and "same" in [m["judged"] for m in content["matches"]]
    visitor.reload()
    tab.wait_for_selector(".mmp-card.same img")
    tab.wait_for_selector("[data-person='1'][aria-pressed=true]")


def test_a_box_is_drawn(served, visit, query_file):
    visitor = visit(served[1]).enter().upload(query_file)
    tab = visitor.tab
    area = tab.locator(".mmp-scene").bounding_box()
    x, y, width = area["x"], area["y"], area["width"] / 160
    left, top, right, bottom = (width * value for value in BOXES["right"])
    tab.mouse.move(x + left, y + top)
    tab.mouse.down()
    tab.mouse.move(x + (left + right) / 2, y + bottom / 2)
    tab.mouse.move(x + right, y + bottom)
    tab.mouse.up()
    tab.wait_for_selector(".mmp-card img")
    visitor.counts(".mmp-drawn", 1)
    visitor.finds("a.png")


def test_nobody_found_nobody_alike_and_wrong_input(served, visit, tmp_path, query_file):
    visitor = visit(served[1]).enter()
    tab = visitor.tab
    visitor.upload(save(tmp_path / "empty.png"))
    visitor.sees("#mmp-picker figcaption", "Draw a box")
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    visitor.upload(tmp_path / "bad.jpg")
    tab.wait_for_selector("#mmp-said .error")
    visitor.sees("#mmp-said", "bad.jpg")
    visitor.upload(query_file)
    tab.wait_for_selector("[data-person='1']")
    visitor.click_person(1)
    tab.get_by_label("From").fill("yesterday")
    tab.get_by_label("From").press("Enter")
    tab.wait_for_selector("#mmp-said .error")
    tab.get_by_label("From").fill("2000-01-01")
    tab.get_by_label("From").press("Enter")
    tab.wait_for_function(
        "() => document.querySelector('.mmp-verdict').innerText.includes('filters')"
    )


def test_two_users_do_not_mix(own_page, visit, query_file):
    users = {n: hash_password(f"{n}'s password") for n in ("ann", "bob")}
    _, url = own_page(users=users)
    ann, bob = visit(url), visit(url)
    for visitor, name in ((ann, "ann"), (bob, "bob")):
        visitor.tab.goto(url)
        visitor.tab.get_by_label(re.compile("username", re.I)).fill(name)
        password = visitor.tab.get_by_label(re.compile("password", re.I))
        password.fill("wrong")
        visitor.tab.get_by_role("button", name="Login").click()
        visitor.tab.wait_for_timeout(1500)
        assert not visitor.tab.locator("#mmp-picker").count()
        visitor.tab.get_by_label(re.compile("username", re.I)).fill(name)
        password.fill(f"{name}'s password")
        visitor.tab.get_by_role("button", name="Login").click()
        visitor.tab.wait_for_selector("#mmp-picker")
        # a wrong password is answered with 400, which browsers report
        visitor.errors = [e for e in visitor.errors if "400" not in e]
    ann.upload(query_file).click_person(1)
    bob.upload(query_file).click_person(0)
    ann.finds("a.png")
    bob.finds("b.png")
    ann.tab.locator("[data-do=different]").first.click()
    ann.tab.wait_for_selector(".mmp-card.different")
    bob.reload()
    bob.tab.wait_for_selector(".mmp-card img")
    bob.finds("b.png")
    bob.counts(".mmp-card.different", 0)


def test_add_reload_failures_remove_and_let_come_back(own_page, visit, tmp_path):
    service, url = own_page(fill=False)
    (tmp_path / "photos" / "bad.png").write_bytes(b"no picture")
    visitor = visit(url).enter("Gallery")
    tab = visitor.tab
    visitor.sees("#mmp-sources", "empty")
    tab.click("#mmp-add")
    tab.wait_for_selector(".mmp-job")
    visitor.reload("Gallery")
    tab.wait_for_selector(".mmp-job.done")
    tab.locator(".mmp-job summary").click()
    visitor.sees(".mmp-job", "bad.png")
    tab.wait_for_selector("#mmp-sources td")
    tab.get_by_role("button", name="Remove for good").click()
    tab.get_by_label("a camera").click()
    tab.get_by_label("people by number").click()
    tab.get_by_label("Numbers, as in the export").fill("0 1")
    tab.click("#mmp-remove")
    tab.wait_for_selector("text=first")
    assert len(service.gallery) == 4
    tab.get_by_label("Yes, remove them for good").check()
    tab.click("#mmp-remove")
    tab.wait_for_selector("text=2 records removed")
    assert len(service.gallery) == 2
    tab.get_by_role("button", name="Removed for good, and").click()
    tab.get_by_label(re.compile("person .* in .*a.png")).first.check()
    tab.get_by_role("button", name="Let these come back").click()
    tab.wait_for_selector("text=1 removals lifted")
    assert len(service.gallery.suppressed) == 1
    # added again, one is there and the other one stays away
    tab.click("#mmp-add")
    tab.wait_for_selector(".mmp-job.done:has-text('2 files unchanged')")
    assert len(service.gallery) == 3
    # and the other tab knows
    tab.get_by_role("tab", name="Search").click()
    tab.wait_for_selector("#mmp-results:has-text('Results appear here')")
    tab.get_by_role("tab", name="Gallery").click()
    # nothing is added from anywhere else
    tab.locator("#mmp-path input").fill("/tmp/../etc")
    tab.locator("#mmp-path input").press("Enter")
    tab.click("#mmp-add")
    tab.wait_for_selector(".mmp-note.error:has-text('--media')")


def test_odd_names_narrow_and_wide_dark_and_light(
    own_page, visit, tmp_path, query_file
):
    service, url = own_page(fill=False)
    photos = tmp_path / "photos"
    save(photos / f"{ODD}.png", (RED, BOXES["left"]))
    job = service.add(str(photos), camera=ODD[:120])
    service.jobs.wait(job.number, 60)
    upload = tmp_path / f"{ODD[:60]}.png"
    Image.open(query_file).save(upload)
    for width, scheme in ((390, "light"), (1600, "dark")):
        visitor = visit(url, width=width, color_scheme=scheme).enter()
        tab = visitor.tab
        tab.on("dialog", visitor.alerted)
        visitor.upload(upload).click_person(1)
        visitor.counts("#mmp-results .mmp-name", 1, text=ODD)
        assert not tab.evaluate(OUTSIDE), "names reach out of their cards"
        tab.screenshot(path=tmp_path / f"{width}.png")
        for name in ("Search", "Gallery", "Model")[: 2 + (width > 1000)]:
            tab.get_by_role("tab", name=name).click()
            tab.wait_for_timeout(300)
            faint = tab.evaluate(CONTRAST)
            assert not faint, f"{name}, {scheme}: {faint}"
            assert not tab.evaluate(UNNAMED)
            wide = tab.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name}: {wide} pixels at {width}"
