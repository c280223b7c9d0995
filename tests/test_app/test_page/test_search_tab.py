from types import SimpleNamespace

import pytest

pytest.importorskip("gradio", reason="the page needs the extra [app]")


def request_of(tab, user=None):
    return SimpleNamespace(session_hash=tab, username=user)


def test_a_tab_without_its_key_has_one_session(service):
    from mmpsearch.app.page.search_tab import SearchTab

    page = SearchTab(service)
    first = page.session("", request_of("one"))  # a picture is dropped at once
    assert page.session("", request_of("one")).key == first.key
    assert page.session(first.key, request_of("one")).key == first.key
    assert page.session("", request_of("two")).key != first.key
    # nor does it become somebody else's
    assert page.session("", request_of("one", "ann")).key != first.key


def test_calls_that_no_tab_makes_share_nothing(service):
    from mmpsearch.app.page.search_tab import SearchTab

    page = SearchTab(service)
    first, second = (page.session("", request_of(None)) for _ in range(2))
    assert first.key != second.key
    assert page.session(first.key, request_of(None)).key == first.key
