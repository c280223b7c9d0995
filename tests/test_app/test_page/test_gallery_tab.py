"""What the tab Gallery answers, without a browser."""

import numpy as np
import pytest

from mmpsearch.gallery.filters import Where

gr = pytest.importorskip("gradio", reason="the page needs the extra [app]")


@pytest.fixture
def tab(filled):
    """The tab and the page that it stands on."""
    from mmpsearch.app.page.gallery_tab import GalleryTab

    made = GalleryTab(filled)
    with gr.Blocks() as page:
        made.build(page)
    return made, page


def remove(tab, sure):
    from mmpsearch.app.page.telling import told

    return told(1)(tab.removed_for_good)(
        "people by number", None, None, "0 1", "", sure
    )


def test_whoever_is_not_sure_keeps_the_tick_of_a_moment_later(tab):
    unticked, said = remove(tab[0], sure=False)
    assert unticked == gr.skip() and "first" in said
    assert len(tab[0].service.gallery) == 4


def test_a_removal_unticks_with_its_answer(tab):
    unticked, said = remove(tab[0], sure=True)
    assert unticked is False and "2 records removed" in said
    assert len(tab[0].service.gallery) == 2


@pytest.mark.parametrize(
    ("field", "button"), [("sure", "remove"), ("removed", "allow")]
)
def test_only_the_answer_of_its_own_button_unticks(tab, field, button):
    made, page = tab
    field, button = getattr(made, field), getattr(made, button)
    changing = [
        event
        for event in page.config["dependencies"]
        if field._id in event["outputs"] and field._id not in event["inputs"]
    ]
    assert not changing
    (own,) = [
        event
        for event in page.config["dependencies"]
        if (button._id, "click") in map(tuple, event["targets"])
    ]
    assert field._id in own["outputs"]


def test_what_is_chosen_of_the_removals_stays_chosen(tab):
    made, _ = tab
    for number in (0, 1):
        made.service.care.forget(Where(ids=np.array([number])), "")
    keys = [entry.key for entry in made.service.gallery.suppressed]
    removals = made.refreshed([keys[1], "gone"])[5]
    assert removals["value"] == [keys[1]] and len(removals["choices"]) == 2
    assert made.refreshed(None)[5]["value"] == []
    (left, said) = made.allowed([keys[1]])
    assert left == [] and "1 removals lifted" in said
