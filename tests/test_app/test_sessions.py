import time

from mmpsearch.app.sessions import Session, Sessions, Viewed


def test_a_session_goes_on_after_a_restart(tmp_path):
    sessions = Sessions(tmp_path / "s")
    session = sessions.begin("ann").looking_at(
        Viewed("/p.jpg", "p.jpg", False), [[1, 2, 3, 4]], [[1.0, 0.0]]
    )
    session = session.looking_for([1, 2, 3, 4], [1.0, 0.0]).marked(7, "same")
    sessions.save(session)
    again = Sessions(tmp_path / "s").enter(session.key, "ann")
    assert again == session


def test_nobody_else_can_go_on_with_it(tmp_path):
    sessions = Sessions(tmp_path)
    mine = sessions.begin("ann")
    other = sessions.enter(mine.key, "bob")
    assert other.key != mine.key
    for key in ("", None, "../../etc", "0" * 32, "x" * 32):
        assert sessions.enter(key, "ann").key not in (mine.key, key)


def test_judging_twice_takes_it_back_and_changes_the_mind():
    session = Session("k").marked(3, "same").marked(4, "different")
    assert session.marks == {3: "same", 4: "different"}
    assert session.marked(3, "same").marks == {4: "different"}
    assert session.marked(3, "different").marks == {3: "different", 4: "different"}


def test_another_person_begins_without_judgements():
    session = Session("k").marked(3, "same").looking_for([0, 0, 1, 1], [1.0])
    assert session.marks == {}


def test_its_folder_goes_with_it(tmp_path):
    sessions = Sessions(tmp_path / "s", idle=100, left=10)
    kept, closed, ended = (sessions.begin() for _ in range(3))
    for one in (kept, closed, ended):
        (sessions.place(one) / "upload.jpg").write_bytes(b"x")
    sessions.end(ended.key)
    sessions.leave(closed.key)
    assert not sessions.place(ended).exists()
    assert sessions.sweep(time.time() + 5) == 0
    assert sessions.sweep(time.time() + 50) == 1
    assert not sessions.place(closed).exists() and sessions.place(kept).exists()
    assert sessions.sweep(time.time() + 150) == 1
    assert not [*(tmp_path / "s").iterdir()]


def test_a_page_that_is_loaded_again_keeps_its_session(tmp_path):
    sessions = Sessions(tmp_path, idle=100, left=10)
    session = sessions.begin()
    sessions.leave(session.key)
    assert sessions.enter(session.key).key == session.key
    assert sessions.sweep(time.time() + 50) == 0


def test_what_a_crash_left_is_swept(tmp_path):
    key = Sessions(tmp_path).begin().key
    sessions = Sessions(tmp_path, left=10)
    assert len(sessions) == 1
    assert sessions.sweep(time.time() + 50) == 1
    assert not (tmp_path / key).exists()
    (tmp_path / "notes").mkdir()
    assert Sessions(tmp_path, left=-10).sweep() == 1
    assert (tmp_path / "notes").exists()  # not ours
