from PIL import Image

from mmpsearch.visualization.timeline import TimelineBar, timeline_html


def embed(picture, kind, words):
    return "" if picture is None else f"[{kind}]"


def bar(camera, start, end, **more):
    words = dict(begins=f"{start} s", ends=f"{end} s")
    return TimelineBar(camera, start, end, similarity=0.5, **words, **more)


def test_bars_lie_on_their_cameras_lane_in_proportion():
    page = timeline_html(
        [bar("door", 10, 20), bar("yard", 30, 50), bar("door", 45, 50)], embed
    )
    lanes = page.split('<div class="camera">')[1:]
    assert len(lanes) == 2 and lanes[0].startswith("door")
    assert "left:0.00%;width:25.00%" in lanes[0]
    assert "left:87.50%;width:12.50%" in lanes[0]
    assert "left:50.00%;width:50.00%" in lanes[1]
    assert "<span>10 s</span><span>50 s</span>" in page
    assert page.count("<tr><td>") == 3


def test_seconds_of_two_videos_have_an_axis_each():
    page = timeline_html([bar("a", 0, 5, axis="A"), bar("b", 0, 500, axis="B")], embed)
    assert page.count('class="scale"') == 2 and page.count("width:99.60%") == 2


def test_words_are_escaped_and_pictures_optional():
    picture = Image.new("RGB", (4, 4))
    page = timeline_html([bar("<b>", 1, 1, picture=picture), bar("c", 2, 2)], embed)
    assert "<b>" not in page and "&lt;b&gt;" in page
    assert page.count("[seen]") == 1
    assert timeline_html([], embed) == ""
