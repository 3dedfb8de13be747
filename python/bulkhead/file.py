"""file.py - a file on a server as a Python file object."""
from __future__ import annotations

import io
from typing import Any, Optional

from .errors import Error
from .smb import (CREATE, NON_DIRECTORY_FILE, OPEN, OPEN_IF, OVERWRITE_IF, READ, READ_WRITE,
                  WRITE, Smb)

INFO_FILE, END_OF_FILE = 1, 20

# mode without b: access, disposition
MODES = {
    "r": (READ, OPEN), "r+": (READ_WRITE, OPEN),
    "w": (WRITE, OVERWRITE_IF), "w+": (READ_WRITE, OVERWRITE_IF),
    "x": (WRITE, CREATE), "x+": (READ_WRITE, CREATE),
    "a": (WRITE, OPEN_IF), "a+": (READ_WRITE, OPEN_IF),
}


class File(io.RawIOBase):
    """Unbuffered, positions are this object's; `best` is a good size for one read or write."""

    best = 1 << 20

    def __init__(self, smb: Smb, tree: int, opened: dict[str, Any], mode: str) -> None:
        super().__init__()
        self._smb = smb
        self._tree = tree
        self._file = opened["file"]
        self._mode = mode
        self._over = False
        self.size = int(opened["end_of_file"])
        self._at = self.size if mode.startswith("a") else 0

    @classmethod
    def open(cls, smb: Smb, share: str, path: str, mode: str) -> "File":
        kind = mode.replace("b", "")
        if "b" not in mode or kind not in MODES:
            raise ValueError(f"mode {mode!r}: one of {', '.join(m + 'b' for m in MODES)}")
        access, disposition = MODES[kind]
        tree = smb.tree_connect(share)["tree"]
        try:
            opened = smb.create(tree, path.replace("/", "\\"), desired_access=access,
                                create_disposition=disposition,
                                create_options=NON_DIRECTORY_FILE)
        except BaseException:
            smb.tree_disconnect(tree)
            raise
        return cls(smb, tree, opened, kind)

    def close(self) -> None:
        if not self._over:
            self._over = True
            try:
                self._smb.close(self._file)
                self._smb.tree_disconnect(self._tree)
            finally:
                super().close()

    def fileno(self) -> int:
        raise io.UnsupportedOperation("it is on a server")

    def readable(self) -> bool:
        return self._mode[0] == "r" or "+" in self._mode

    def writable(self) -> bool:
        return self._mode != "r"

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError("before the start")
        self._at = base + offset
        return self._at

    def truncate(self, size: Optional[int] = None) -> int:
        size = self._at if size is None else size
        self._smb.set_info(self._file, INFO_FILE, END_OF_FILE, size.to_bytes(8, "little"))
        self.size = size
        return size

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        data = self._read_at(self._at, min(len(view), self.best))
        view[:len(data)] = data
        self._at += len(data)
        return len(data)

    def read(self, size: Optional[int] = -1) -> bytes:
        if size is None or size < 0:
            return self.readall()
        return self._read_up_to(size)

    def readall(self) -> bytes:
        return self._read_up_to(1 << 63)

    def _read_up_to(self, size: int) -> bytes:
        out = bytearray()
        while len(out) < size:
            data = self._read_at(self._at, min(size - len(out), self.best))
            if not data:
                break
            self._at += len(data)
            out += data
        return bytes(out)

    def _read_at(self, offset: int, length: int) -> bytes:
        if length == 0:
            return b""
        try:
            return self._smb.read(self._file, offset, length)
        except Error as e:
            if e.status == "STATUS_END_OF_FILE":
                return b""
            raise

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        done = 0
        while done < len(view):
            piece = bytes(view[done:done + self.best])
            done += self._smb.write(self._file, self._at + done, piece)
        self._at += done
        self.size = max(self.size, self._at)
        return done

    def flush(self) -> None:
        """Onto the server's disk."""
        if not self._over and self.writable():
            self._smb.flush(self._file)
