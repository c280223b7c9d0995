import asyncio

import pytest

from mmpsearch.app.users import Users, add_user, hash_password, read_users
from mmpsearch.errors import InputError


def test_a_file_of_users(tmp_path):
    path = tmp_path / "users.txt"
    add_user(path, "ann", "correct horse")
    add_user(path, "bob: the builder", "battery staple")
    add_user(path, "ann", "another word")
    users = Users(read_users(path))
    assert len(users) == 2 and path.stat().st_mode & 0o077 == 0
    assert "correct horse" not in path.read_text()
    assert users.knows("ann", "another word")
    assert users.knows("bob: the builder", "battery staple")
    for name, password in (
        ("ann", "correct horse"),
        ("ann", ""),
        ("bob", "battery staple"),
        ("", ""),
    ):
        assert not users.knows(name, password)


def test_the_same_password_has_two_hashes():
    assert hash_password("correct horse") != hash_password("correct horse")


@pytest.mark.parametrize("text", ["", "ann\n", "ann:secret\n", ":scrypt$a$b\n"])
def test_files_that_are_none(tmp_path, text):
    path = tmp_path / "users.txt"
    path.write_text(text)
    with pytest.raises(InputError, match="--add-user|no user"):
        read_users(path)


def test_names_and_passwords_that_cannot_be(tmp_path):
    with pytest.raises(InputError, match="8 characters"):
        add_user(tmp_path / "u", "ann", "short")
    for name in ("", " ann", "a\nb"):
        with pytest.raises(InputError, match="no user's name"):
            add_user(tmp_path / "u", name, "long enough")
    with pytest.raises(InputError, match="--add-user"):
        read_users(tmp_path / "missing")


def test_wrong_passwords_wait_and_others_do_not(monkeypatch):
    users = Users({n: hash_password("correct horse") for n in ("ann", "bob")})
    pauses, real_sleep = [], asyncio.sleep

    async def at_once():
        over = asyncio.Event()

        async def sleep(seconds):
            pauses.append(seconds)
            await over.wait()

        monkeypatch.setattr(asyncio, "sleep", sleep)
        guesses = [users.login("ann", f"guess {i}") for i in range(2)]
        waiting = asyncio.gather(*guesses)
        while not pauses:
            await real_sleep(0.01)
        assert await users.login("bob", "correct horse")
        assert pauses == [1.0] and not waiting.done()  # the second waits for the first
        over.set()
        assert await waiting == [False, False]

    asyncio.run(at_once())
    assert pauses == [1.0, 1.0]
