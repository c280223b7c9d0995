import threading
import time

from mmpsearch.app.turns import Turns


def test_who_waits_at_the_page_goes_before_the_background():
    turns, order, threads = Turns(), [], []

    def take(way, name):
        with way():
            order.append(name)

    with turns.now():
        for way, name in ((turns.later, "background"), (turns.now, "user")):
            threads.append(threading.Thread(target=take, args=(way, name)))
            threads[-1].start()
            time.sleep(0.05)
        while not turns._waiting:  # a busy machine starts a thread late
            time.sleep(0.01)
    for thread in threads:
        thread.join(5)
    assert order == ["user", "background"]


def test_one_at_a_time_also_after_an_error():
    turns = Turns()
    try:
        with turns.now():
            raise KeyError
    except KeyError:
        pass
    with turns.later():
        entered = threading.Event()
        thread = threading.Thread(
            target=lambda: turns.now().__enter__() or entered.set()
        )
        thread.start()
        assert not entered.wait(0.05)
    thread.join(5)
    assert entered.is_set()
