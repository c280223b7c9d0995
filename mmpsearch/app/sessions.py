"""One user's search: what is looked at, who is looked for, what was judged.

A session lies in a folder of its own, so that a page that is loaded again, or a server
that is started again, goes on where it was. It ends when the user ends it, some time
after the page was closed, or when it was not used for long; then its folder, with the
upload in it, is deleted.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from mmpsearch.utils.atomic import replace_when_done

KEY = re.compile(r"[0-9a-f]{32}")
IDLE = 3600.0  # seconds without use after which a session ends
LEFT = 120.0  # seconds after the page was closed
SAME, DIFFERENT = "same", "different"


@dataclass(frozen=True)
class Viewed:
    """The picture in which somebody is looked for.

    Attributes:
        path: Of the file.
        name: As the user knows it.
        uploaded: It is the session's own, and goes with it.
        frame: Of a video; -1 for a still picture.
        time: Of the frame, seconds since the video's start.
    """

    path: str
    name: str
    uploaded: bool
    frame: int = -1
    time: float | None = None


@dataclass(frozen=True)
class Session:
    """What one user is doing; every step makes a new one.

    Attributes:
        key: Unguessable.
        user: Who may go on with it; ``""`` without logins.
        viewed: The picture, if one was chosen.
        people: Boxes found in it, xyxy in pixels.
        embeddings: Theirs, of length 1.
        box: Who is looked for, xyxy in pixels.
        embedding: The person's, of length 1.
        marks: Id in the gallery -> ``same`` or ``different``.
        options: Of the search, as the page has them.
    """

    key: str
    user: str = ""
    viewed: Viewed | None = None
    people: list[list[float]] = field(default_factory=list)
    embeddings: list[list[float]] = field(default_factory=list)
    box: list[float] | None = None
    embedding: list[float] | None = None
    marks: dict[int, str] = field(default_factory=dict)
    options: dict = field(default_factory=dict)

    def looking_at(
        self,
        viewed: Viewed,
        people: list[list[float]],
        embeddings: list[list[float]],
    ) -> Session:
        """Another picture; who was looked for before is forgotten."""
        return Session(
            self.key, self.user, viewed, people, embeddings, options=self.options
        )

    def looking_for(self, box: list[float], embedding: list[float]) -> Session:
        """A person of the picture; judgements of another person do not count."""
        return replace(self, box=box, embedding=embedding, marks={})

    def marked(self, person: int, judgement: str) -> Session:
        """A result was judged; the same judgement again takes it back."""
        marks = dict(self.marks)
        if marks.pop(person, None) != judgement:
            marks[person] = judgement
        return replace(self, marks=marks)


class Sessions:
    """All sessions of a page, on disk.

    Args:
        folder: A folder for each is made here.
        idle: Seconds without use after which one ends.
        left: Seconds after its page was closed.
    """

    def __init__(self, folder: Path, idle: float = IDLE, left: float = LEFT) -> None:
        self.folder, self._idle, self._left = folder, idle, left
        self._ends: dict[str, float] = {}
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for place in folder.iterdir():
            self._ends[place.name] = time.time() + left

    def __len__(self) -> int:
        return len(self._ends)

    def enter(self, key: str | None, user: str = "") -> Session:
        """Go on with a session, or begin a new one where there is none of this user."""
        if key and KEY.fullmatch(key) and (session := self._load(key)):
            if session.user == user:
                self._use(key)
                return session
        return self.begin(user)

    def begin(self, user: str = "") -> Session:
        """A new session."""
        session = Session(secrets.token_hex(16), user)
        self.save(session)
        return session

    def save(self, session: Session) -> None:
        """Keep it as it is now."""
        place = self.place(session)
        place.mkdir(exist_ok=True, mode=0o700)
        with replace_when_done(place / "session.json") as temporary:
            temporary.write_text(json.dumps(asdict(session)), encoding="utf-8")
        self._use(session.key)

    def place(self, session: Session) -> Path:
        """The session's folder."""
        return self.folder / session.key

    def leave(self, key: str) -> None:
        """The page was closed, or is loaded again, which nobody knows yet."""
        with self._lock:
            if key in self._ends:
                self._ends[key] = time.time() + self._left

    def end(self, key: str) -> None:
        """Delete a session and what was uploaded in it."""
        if KEY.fullmatch(key):
            shutil.rmtree(self.folder / key, ignore_errors=True)
        with self._lock:
            self._ends.pop(key, None)

    def sweep(self, now: float | None = None) -> int:
        """End the sessions whose time is over; returns how many."""
        now = time.time() if now is None else now
        with self._lock:
            over = [key for key, end in self._ends.items() if end < now]
        for key in over:
            self.end(key)
        return len(over)

    def _use(self, key: str) -> None:
        with self._lock:
            self._ends[key] = time.time() + self._idle

    def _load(self, key: str) -> Session | None:
        try:
            text = (self.folder / key / "session.json").read_text(encoding="utf-8")
            data = json.loads(text)
            data["marks"] = {int(one): how for one, how in data["marks"].items()}
            data["viewed"] = data["viewed"] and Viewed(**data["viewed"])
            return Session(**data)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None  # it has ended, or was killed while it began
