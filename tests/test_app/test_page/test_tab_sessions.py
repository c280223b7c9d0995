import time
from types import SimpleNamespace

import pytest

pytest.importorskip("gradio", reason="the page needs the extra [app]")


def request_of(tab, user=None):
    return SimpleNamespace(session_hash=tab, username=user)


def test_a_tab_without_its_key_has_one_session(service):
    from mmpsearch.app.page.tab_sessions import TabSessions

    tabs = TabSessions(service.sessions)
    first = tabs.of("", request_of("one"))  # a picture is dropped at once
    assert tabs.of("", request_of("one")).key == first.key
    assert tabs.of(first.key, request_of("one")).key == first.key
    assert tabs.of("", request_of("two")).key != first.key
    # nor does it become somebody else's
    assert tabs.of("", request_of("one", "ann")).key != first.key


def test_calls_that_no_tab_makes_share_nothing(service):
    from mmpsearch.app.page.tab_sessions import TabSessions

    tabs = TabSessions(service.sessions)
    first, second = (tabs.of("", request_of(None)) for _ in range(2))
    assert first.key != second.key
    assert tabs.of(first.key, request_of(None)).key == first.key


def test_the_search_of_a_tab_that_is_closed_ends_a_while_later(service):
    from mmpsearch.app.page.tab_sessions import TabSessions
    from mmpsearch.app.sessions import LEFT

    tabs = TabSessions(service.sessions)
    closed, kept = (tabs.of("", request_of(tab)) for tab in ("one", "two"))
    tabs.leave(request_of("one"))
    tabs.leave(request_of("never seen"))
    assert service.sessions.sweep(time.time() + LEFT + 1) == 1
    assert tabs.of(kept.key, request_of("two")).key == kept.key
    assert tabs.of(closed.key, request_of("one")).key != closed.key
