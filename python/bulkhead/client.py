"""client.py - the high level: a session with a server, and its verbs."""
from __future__ import annotations

import builtins
import contextlib
import os
import random
import uuid
from datetime import datetime, timezone
from typing import Any, Callable, Iterator, NamedTuple, Optional, Union

from . import url
from .broker import Broker, connect
from .credential import Credential, Held
from .errors import Error
from .file import File
from .smb import Smb
from .subscription import Subscription

DIALECTS = {"": 0, "2.0.2": 0x0202, "2.1": 0x0210, "3.0": 0x0300, "3.0.2": 0x0302,
            "3.1.1": 0x0311}
OFFERED, REQUIRED = 3, 2        # CONF_OFFERED, CONF_REQUIRED
RECONNECT, GUEST_OK, BACKUP, DFS, NO_LINKS, NO_CACHE = 1, 2, 4, 8, 16, 32
HASH, NEW, RESUME, DURABLE, WHOLE = 1, 2, 4, 8, 16
FOR_EVER = 10.0 ** 9


class Entry(NamedTuple):
    """A name on a server.  Times are Unix nanoseconds, sizes bytes."""

    name: str
    size: int
    allocation: int
    created: int
    accessed: int
    written: int
    changed: int
    attributes: int
    directory: bool
    file_id: int
    reparse_tag: int
    links: int
    short_name: str

    @property
    def modified(self) -> datetime:
        return datetime.fromtimestamp(self.written / 1e9, timezone.utc)

    @classmethod
    def of(cls, fields: dict[str, Any]) -> "Entry":
        return cls(*(number(fields[name]) if name not in ("name", "short_name", "directory")
                     else fields[name] for name in cls._fields))


def number(v: Any) -> int:
    """Numbers past 2^63 come as decimal strings."""
    return int(v)


class Session:
    """A logon at one server.  Paths are '/'-separated, below `share`."""

    def __init__(self, broker: Broker, info: dict[str, Any], share: str = "",
                 owns_broker: bool = False) -> None:
        self.broker = broker
        self.id = info["session"]
        self.opened = info
        self.share = share
        self.smb = Smb(broker, self.id)
        self._owns_broker = owns_broker
        self._held: Optional[Held] = None       # to be dropped with the session

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        try:
            self.broker.call("client.close", {"session": self.id})
            if self._held is not None:
                self._held.drop()
        finally:
            if self._owns_broker:
                self.broker.close()

    # ---- the server ----

    def info(self) -> dict[str, Any]:
        """Dialect, signing, encryption, user, limits and counters as they are now."""
        return self.broker.call("client.info", {"session": self.id}).fields

    def shares(self) -> list[dict[str, Any]]:
        return list(self.broker.call("client.shares", {"session": self.id}).fields["shares"])

    def server(self, what: str) -> list[dict[str, Any]]:
        """what: "network" or "sessions"."""
        return list(self.broker.call("client.server", {"session": self.id, "what": what})
                    .fields["servers"])

    def use(self, share: str) -> "Session":
        """This share from now on; fails at once if it cannot be had."""
        self.broker.call("client.use", {"session": self.id, "share": share})
        self.share = share
        return self

    def rpc(self, pipe: str, interface: str, version: tuple[int, int], opnum: int,
            stub: bytes) -> bytes:
        """One DCE/RPC call; interface: a UUID with dashes, or its 16 bytes on the wire in hex."""
        if "-" in interface:
            interface = uuid.UUID(interface).bytes_le.hex()
        reply = self.broker.call("client.rpc", {
            "session": self.id, "pipe": pipe, "interface": interface, "major": version[0],
            "minor": version[1], "opnum": opnum, "stub": stub.hex()})
        return bytes.fromhex(reply.fields["stub"])

    # ---- names ----

    def _where(self, path: str, **more: Any) -> dict[str, Any]:
        return {"session": self.id, "share": self.share, "path": path.strip("/"), **more}

    def _ask(self, verb: str, path: str, **more: Any) -> dict[str, Any]:
        return self.broker.call(f"client.{verb}", self._where(path, **more)).fields

    def ls(self, path: str = "", pattern: str = "") -> Iterator[Entry]:
        """The names in a folder, page by page; pattern has * and ?."""
        cursor: Any = 0
        while True:
            try:
                page = self._ask("ls", path, pattern=pattern, cursor=cursor)
            except Error as e:
                if pattern and e.status == "STATUS_NO_SUCH_FILE":
                    return
                raise
            yield from map(Entry.of, page["entries"])
            cursor = page["cursor"]
            if number(cursor) == 0:
                return

    def walk(self, path: str = "") -> Iterator[tuple[str, list[Entry]]]:
        """(folder, its entries), top down; what a symlink leads to is left out."""
        entries = list(self.ls(path))
        yield path, entries
        for e in entries:
            if e.directory and not e.reparse_tag:
                yield from self.walk(f"{path}/{e.name}" if path else e.name)

    tree = walk

    def stat(self, path: str = "") -> Entry:
        return Entry.of(self._ask("stat", path))

    def exists(self, path: str) -> bool:
        try:
            self.stat(path)
            return True
        except Error as e:
            if e.status in ("STATUS_OBJECT_NAME_NOT_FOUND", "STATUS_OBJECT_PATH_NOT_FOUND"):
                return False
            raise

    def df(self, path: str = "") -> dict[str, Any]:
        return self._ask("df", path)

    def mkdir(self, path: str) -> None:
        self._ask("mkdir", path)

    def rmdir(self, path: str) -> None:
        self._ask("rmdir", path)

    def rm(self, path: str) -> None:
        self._ask("rm", path)

    def mv(self, path: str, to: str, replace: bool = False) -> None:
        self._ask("mv", path, to=to.strip("/"), replace=replace)

    def cp(self, path: str, to: str, *, to_share: str = "", replace: bool = False) -> int:
        """A copy made by the server; the number of bytes."""
        reply = self.broker.call("client.copy", self._where(
            path, to=to.strip("/"), to_share=to_share or self.share, replace=replace),
            timeout=FOR_EVER)
        return number(reply.fields["bytes"])

    def attrib(self, path: str, set: int = 0, clear: int = 0) -> Entry:
        return Entry.of(self._ask("attrib", path, set=set, clear=clear))

    def times(self, path: str, *, created: int = 0, accessed: int = 0, written: int = 0,
              changed: int = 0) -> Entry:
        """Unix nanoseconds; 0 leaves one as it is."""
        return Entry.of(self._ask("times", path, created=created, accessed=accessed,
                                  written=written, changed=changed))

    def getsd(self, path: str, info: int = 7) -> dict[str, Any]:
        """owner, group, sddl, and sd in hex; info: OWNER 1, GROUP 2, DACL 4, SACL 8."""
        return self._ask("getsd", path, info=info)

    def setsd(self, path: str, sddl: str, info: int = 4) -> None:
        self._ask("setsd", path, info=info, sddl=sddl)

    # ---- contents ----

    def read(self, path: str) -> bytes:
        """A file of at most 8 MiB, in one call."""
        return self.broker.call("client.get", self._where(path)).binary

    def cat(self, path: str) -> bytes:
        """All of a file, of any size."""
        with self.open(path) as f:
            return f.readall()

    def write(self, path: str, content: bytes, *, new: bool = False) -> None:
        """A file of at most 8 MiB, in one call; new: it must not be there."""
        self.broker.call("client.put", self._where(path, flags=NEW if new else 0), content)

    def open(self, path: str, mode: str = "rb") -> File:
        """A file object: modes r, w, x, a, r+, w+ with b."""
        return File.open(self.smb, self.share, path.strip("/"), mode)

    def get(self, path: str, local: str, *, resume: bool = False, checksum: bool = False,
            progress: Optional[Callable[[int, int], None]] = None) -> dict[str, Any]:
        """A file of any size into a local one, many reads at once.

        resume: what is there already stays.  progress(done, total).  The answer
        has bytes, size, and with checksum the SHA-256 of what was moved.
        """
        if self.broker.runtime_directory is None:
            return self._get_by_frames(path, local, progress)
        with builtins.open(local, "r+b" if resume and os.path.exists(local) else "w+b") as f:
            offset = os.path.getsize(local) if resume else 0
            return self._move("client.get", path, f.fileno(), offset, checksum * HASH, progress)

    def put(self, local: str, path: str, *, resume: bool = False, new: bool = False,
            checksum: bool = False, durable: bool = False, whole: bool = False,
            progress: Optional[Callable[[int, int], None]] = None) -> dict[str, Any]:
        """The other way.  new: it must not be there; durable: it is on the disk afterwards;
        whole: what is there is replaced when all has come, unless the answer says "in_place"."""
        if self.broker.runtime_directory is None:
            return self._put_by_frames(local, path, new, progress)
        with builtins.open(local, "rb") as f:
            offset = self.stat(path).size if resume and self.exists(path) else 0
            flags = (new * NEW | checksum * HASH | durable * DURABLE | whole * WHOLE
                     | (RESUME if offset else 0))
            return self._move("client.put", path, f.fileno(), offset, flags, progress)

    def _move(self, method: str, path: str, fd: int, offset: int, flags: int,
              progress: Optional[Callable[[int, int], None]]) -> dict[str, Any]:
        job = new_number()
        fields = self._where(path, local=self.broker.hand_in(fd), offset=offset, flags=flags,
                             job=job)

        def look() -> None:
            try:
                p = self.broker.call("client.progress", {"job": job}).fields
            except Error as e:
                if e.status != "STATUS_NOT_FOUND":      # it has just ended
                    raise
                return
            if progress:
                progress(number(p["done"]), number(p["total"]))

        try:
            moved = self.broker.call(method, fields, timeout=FOR_EVER,
                                     idle=look if progress else None).fields
            if progress:
                progress(offset + number(moved["bytes"]), number(moved["size"]))
            return moved
        except KeyboardInterrupt:
            self.broker.call("client.cancel", {"job": job})
            raise

    def _get_by_frames(self, path: str, local: str,
                       progress: Optional[Callable[[int, int], None]]) -> dict[str, Any]:
        done = 0
        with self.open(path) as src, builtins.open(local, "wb") as dst:
            while chunk := src.read(src.best):
                dst.write(chunk)
                done += len(chunk)
                if progress:
                    progress(done, src.size)
        return {"bytes": done}

    def _put_by_frames(self, local: str, path: str, new: bool,
                       progress: Optional[Callable[[int, int], None]]) -> dict[str, Any]:
        done, total = 0, os.path.getsize(local)
        with builtins.open(local, "rb") as src, self.open(path, "xb" if new else "wb") as dst:
            while chunk := src.read(dst.best):
                dst.write(chunk)
                done += len(chunk)
                if progress:
                    progress(done, total)
        return {"bytes": done}

    # ---- the rest ----

    def watch(self, path: str = "", *, recursive: bool = True, filter: int = 0) -> Subscription:
        """Changes below path from now on, until it is closed; kind is "change", last "ended"."""
        watch = new_number()
        return Subscription(self.broker, "client.watch",
                            self._where(path, filter=filter, recursive=recursive, watch=watch),
                            "client.unwatch", {"watch": watch})

    def raw(self, message: bytes, *, fill: bool = True, sign: bool = False,
            encrypt: bool = False, wait: float = 10.0) -> bytes:
        """These bytes as an SMB2 message; the answer's bytes.

        fill: our next message id, session id and credits are put in.
        """
        flags = fill * 1 | sign * 2 | encrypt * 4
        return self.broker.call("smb.raw", {"session": self.id, "flags": flags,
                                            "wait_ms": int(wait * 1000)}, message,
                                timeout=wait + 30).binary


def new_number() -> int:
    """For a job or a watch; the broker's own lie above."""
    return random.getrandbits(61) + 1


def open(target: str, *, password: Optional[str] = None,
         credential: Union[Credential, Held, None] = None,
         broker: Optional[Broker] = None, min_dialect: str = "", max_dialect: str = "",
         require_signing: bool = False, require_encryption: bool = False, guest: bool = False,
         reconnect: bool = True, dfs: bool = False, links: bool = True, backup: bool = False,
         timeout: float = 30.0, spn: str = "", workstation: str = "",
         channels: int = 1, cache: bool = True, socket: Optional[Any] = None) -> Session:
    """A session with the server of an smb:// URL; its share, if named, is in use.

    password is for the URL's user; credential is anything else; with neither
    the logon is anonymous.  dfs: go on where a referral leads, with the same
    credential, also to other servers; the host may be a domain.  links: follow
    relative symbolic links within a share.  backup: open with backup intent.
    socket: a connected TCP socket to use instead of dialling.  broker: a
    connection to share; otherwise one is made and closed with the session.
    cache=False: every call asks the server; else a file that is
    asked about again and again is kept open under a lease and answered from memory
    until the server takes that back.
    """
    u = url.parse(target)
    if password is not None:
        credential = Credential.password(u.user, password)
    ours: list[Any] = []            # what ends with a session that fails to begin, last first
    try:
        if broker is None:
            broker = connect()
            ours.append(broker.close)
        held = credential if isinstance(credential, Held) else None
        if isinstance(credential, Credential):
            held = broker.keep(credential)
            ours.append(held.drop)
        info = broker.call("client.open", {
            "host": u.host, "port": u.port, "cred": held.number if held else 0, "spn": spn,
            "workstation": workstation, "min_dialect": DIALECTS[min_dialect],
            "max_dialect": DIALECTS[max_dialect],
            "signing": REQUIRED if require_signing else OFFERED,
            "encrypt": REQUIRED if require_encryption else OFFERED,
            "timeout_ms": int(timeout * 1000), "channels": channels,
            "flags": (reconnect * RECONNECT | guest * GUEST_OK | backup * BACKUP | dfs * DFS
                      | (not links) * NO_LINKS | (not cache) * NO_CACHE),
            **({"socket": broker.hand_in(socket.fileno())} if socket else {}),
        }, timeout=timeout + 30).fields
        session = Session(broker, info, owns_broker=broker.close in ours)
        session._held = held if isinstance(credential, Credential) else None
        ours[:] = [session.close]
        if u.share:
            session.use(u.share)
        return session
    except BaseException:
        for undo in reversed(ours):
            with contextlib.suppress(Error):
                undo()
        raise
