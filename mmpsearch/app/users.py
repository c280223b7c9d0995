"""Who may use the page: names and passwords, of which only hashes are kept."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from mmpsearch.errors import InputError
from mmpsearch.utils.atomic import replace_when_done

COST, BLOCK, PARALLEL = 2**14, 8, 1  # of scrypt: 16 MB and some 50 ms
FEWEST = 8  # characters of a password
PAUSE = 1.0  # seconds after a wrong password


def hash_password(password: str, salt: str | None = None) -> str:
    """``scrypt$SALT$HASH`` in hexadecimal digits.

    Raises:
        InputError: The password is too short.
    """
    if len(password) < FEWEST:
        raise InputError(f"a password has at least {FEWEST} characters")
    salt = salt or secrets.token_hex(16)
    return f"scrypt${salt}${_scrypt(password, salt)}"


def _scrypt(password: str, salt: str) -> str:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=bytes.fromhex(salt),
        n=COST,
        r=BLOCK,
        p=PARALLEL,
    ).hex()


class Users:
    """Names and hashes; wrong passwords are answered late, one after the other.

    Args:
        hashes: name -> ``hash_password``.
    """

    def __init__(self, hashes: Mapping[str, str]) -> None:
        self._hashes = dict(hashes)
        self._locks: dict[str, asyncio.Lock] = {}
        # so that a name that nobody has takes as long
        self._nobody = hash_password(secrets.token_hex(16))

    def __len__(self) -> int:
        return len(self._hashes)

    def knows(self, name: str, password: str) -> bool:
        """Whether the password is that of the name."""
        _, salt, expected = self._hashes.get(name, self._nobody).split("$")
        same = hmac.compare_digest(_scrypt(password, salt), expected)
        return same and name in self._hashes

    async def login(self, name: str, password: str) -> bool:
        """``knows``, as the page's server asks it: at most one wrong guess a second
        for each name, while everybody else is served.
        """
        lock = self._locks.setdefault(
            name if name in self._hashes else "", asyncio.Lock()
        )
        async with lock:
            known = await asyncio.to_thread(self.knows, name, password)
            if not known:
                await asyncio.sleep(PAUSE)
        return known


def read_users(path: str | os.PathLike) -> dict[str, str]:
    """Names and hashes of a file, a line ``name:hash`` each.

    Raises:
        InputError: No such file, no user, or a line that is none.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: cannot be read ({error}); mmpsearch app --users {path} "
            "--add-user NAME makes it"
        ) from error
    users = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        name, _, hashed = line.strip().rpartition(":")
        parts = hashed.split("$")
        if not name or len(parts) != 3 or parts[0] != "scrypt":
            raise InputError(
                f"{path}, line {number}: is not a user; mmpsearch app --users {path} "
                "--add-user NAME writes one"
            )
        users[name] = hashed
    if not users:
        raise InputError(f"{path}: there is no user in it")
    return users


def add_user(path: str | os.PathLike, name: str, password: str) -> None:
    """Write a user into the file, which only its owner can read; or a new password.

    Raises:
        InputError: The name or the password cannot be used.
    """
    if not name.strip() or name != name.strip() or not name.isprintable():
        raise InputError(f"{name!r} is no user's name")
    users = read_users(path) if Path(path).exists() else {}
    users[name] = hash_password(password)
    with replace_when_done(path) as temporary:
        lines = [f"{one}:{hashed}\n" for one, hashed in users.items()]
        temporary.write_text("".join(lines), encoding="utf-8")
    os.chmod(path, 0o600)
