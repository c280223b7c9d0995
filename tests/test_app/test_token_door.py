import asyncio

import httpx
import pytest

from mmpsearch.app.launch import Address
from mmpsearch.app.token_door import COOKIE, TokenDoor, read_token
from mmpsearch.errors import InputError

TOKEN = "a-token-that-nobody-guesses"
BROWSER = {"accept": "text/html,*/*"}


async def inside(scope, receive, send):
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"inside"})


@pytest.fixture
def ask(monkeypatch):
    """Asks the door, and returns the answer."""
    monkeypatch.setattr("mmpsearch.app.token_door.PAUSE", 0.0)
    door = TokenDoor(inside, TOKEN)

    def asked(method, path, **options):
        async def asks():
            transport = httpx.ASGITransport(door)
            url = "http://127.0.0.1"
            async with httpx.AsyncClient(transport=transport, base_url=url) as client:
                return await client.request(method, path, **options)

        return asyncio.run(asks())

    return asked


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer "},
        {"cookie": f"{COOKIE}={TOKEN}"},
        {"cookie": f"{COOKIE}="},
        {"cookie": "\xff;;=="},
    ],
)
def test_nobody_comes_in_without_it(ask, headers):
    headers = {key: value.encode("latin-1") for key, value in headers.items()}
    for method, path in (("GET", "/config"), ("POST", "/gradio_api/queue/join")):
        answer = ask(method, path, headers=headers)
        assert answer.status_code == 401 and "inside" not in answer.text
    assert ask("GET", f"/?token={TOKEN}").status_code == 401


def test_a_program_sends_it_with_every_request(ask):
    for kind in ("Bearer", "bearer"):
        answer = ask("GET", "/config", headers={"authorization": f"{kind} {TOKEN}"})
        assert (answer.status_code, answer.text) == (200, "inside")


def test_a_browser_fills_in_a_form_and_gets_a_cookie(ask):
    form = ask("GET", "/", headers=BROWSER)
    assert form.status_code == 200 and 'name="token"' in form.text
    wrong = ask("POST", "/login", data={"token": "wrong"}, headers=BROWSER)
    assert wrong.status_code == 401 and 'role="alert"' in wrong.text
    assert "set-cookie" not in wrong.headers
    right = ask("POST", "/login", data={"token": TOKEN})
    assert (right.status_code, right.headers["location"]) == (303, "./")
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and TOKEN not in cookie
    again = ask("GET", "/", headers=BROWSER | {"cookie": cookie.partition(";")[0]})
    assert again.text == "inside"


def test_a_form_without_end_is_refused(ask):
    answer = ask(
        "POST", "/login", content=b"x" * 1_000_000 + f"&token={TOKEN}".encode()
    )
    assert answer.status_code == 401


def test_a_file_of_it_is_made_for_its_owner_alone(tmp_path):
    path = tmp_path / "token"
    token = read_token(path)
    assert len(token) >= 43 and path.stat().st_mode & 0o077 == 0
    assert read_token(path) == token != read_token(tmp_path / "other")


@pytest.mark.parametrize("text", ["", "short", "two words of a token", "täken" * 5])
def test_files_that_are_none(tmp_path, text):
    path = tmp_path / "token"
    path.write_text(text)
    with pytest.raises(InputError, match="16 characters"):
        read_token(path)
    with pytest.raises(InputError, match="--token-file"):
        read_token(tmp_path / "no folder" / "token")


def test_another_address_takes_a_token_in_place_of_users():
    address = Address("0.0.0.0", token=TOKEN)
    assert TOKEN not in repr(address)
    with pytest.raises(InputError, match="not both"):
        Address(users={"ann": "x"}, token=TOKEN)
