"""Drive Bulkhead's SMB client and server over its scripting socket.

    import bulkhead
    with bulkhead.open("smb://alice@server/docs", password="...") as session:
        for entry in session.ls("reports"):
            print(entry.name, entry.size)

Three levels: a Session's verbs (high), session.smb (one method per SMB2
command), session.raw (bytes as they are).  Only pyzmq is needed; whatever is
here can be said by any ZeroMQ binding (docs/API.md).
"""
from .broker import Broker, connect
from .client import Entry, Session, open
from .credential import Credential, Held
from .errors import Error, Unreachable
from .file import File
from .hooks import ANSWER, BUILTIN, Answer, Hooks, deny, events
from .server import Server
from .subscription import Subscription

__all__ = ["Broker", "Credential", "Entry", "Error", "File", "Held", "Server", "Session",
           "Subscription", "Unreachable", "connect", "open"]
__version__ = "0.1.0"
