"""One session for every page that is open: its editor, its last translation, its scores; nothing is shared between two.

A session is known by a token that the page sends in a header of its own. There are no cookies, so another web site can
make a browser send neither.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from pathlib import Path
from typing import Any

HEADER = 'X-Nightgen-Session'
NAME_HEADER = 'X-Nightgen-Name'
"""What a downloaded file is called, percent-encoded."""


class Refused(Exception):
    """What a request is answered with when it cannot be done.

    Args:
        status: HTTP status.
        text: One sentence for the person at the page.
    """

    def __init__(self, status: int, text: str):
        super().__init__(text)
        self.status, self.text = status, text


class Session:
    """What belongs to one open page.

    Attributes:
        token: Its name; 256 random bits.
        lock: Held by whoever reads or changes the session.
        rooms: By name, what each tab keeps.
        done: Share of the running translation, 0 to 1; read without the lock.
    """

    def __init__(self) -> None:
        self.token, self.lock = secrets.token_urlsafe(32), threading.RLock()
        self.rooms: dict[str, Any] = {}
        self.done = 0.0
        self.folder = Path(tempfile.mkdtemp(prefix='nightgen_page_'))
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)


class Sessions:
    """The sessions there are.

    Args:
        most: How many; the one that was not used for the longest time makes room for a new one.
    """

    def __init__(self, most: int = 8):
        self.most, self._lock = most, threading.Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def open(self) -> Session:
        """A new session."""
        session = Session()
        with self._lock:
            self._sessions[session.token] = session
            while len(self._sessions) > self.most:
                self._sessions.popitem(last=False)
        return session

    def find(self, token: str | None) -> Session:
        """The session of a token.

        Raises:
            Refused: There is none (any more).
        """
        with self._lock:
            if token not in self._sessions:
                raise Refused(410, 'this session has ended, since the program was started again or many pages were '
                                   'opened after this one; reload the page')
            self._sessions.move_to_end(token)
            return self._sessions[token]
