"""smb.py - the middle level: one method per SMB2 command, the spec's field names.

[MS-SMB2] 2.2; constants are the spec's numbers.  Buffers are bytes.
"""
from __future__ import annotations

from typing import Any, Optional

from .broker import Broker

READ, WRITE, READ_WRITE = 0x00120089, 0x00120116, 0x0012019F
SHARE_ALL = 7
OPEN, CREATE, OPEN_IF, OVERWRITE_IF = 1, 2, 3, 5
DIRECTORY_FILE, NON_DIRECTORY_FILE = 0x1, 0x40


class Smb:
    """The commands of one session.  Trees and files are handles (numbers)."""

    def __init__(self, broker: Broker, session: Any) -> None:
        self.broker = broker
        self.session = session

    def _call(self, command: str, binary: Optional[bytes] = None, **fields: Any) -> dict[str, Any]:
        return self.broker.call(f"smb.{command}", fields, binary).fields

    def tree_connect(self, path: str) -> dict[str, Any]:
        """path: \\\\server\\share, or the share's name."""
        return self._call("tree_connect", session=self.session, path=path)

    def tree_disconnect(self, tree: int) -> None:
        self._call("tree_disconnect", tree=tree)

    def create(self, tree: int, name: str, *, desired_access: int = READ,
               share_access: int = SHARE_ALL, create_disposition: int = OPEN,
               create_options: int = 0, file_attributes: int = 0, oplock_level: int = 0,
               impersonation: int = 2, contexts: bytes = b"") -> dict[str, Any]:
        return self._call("create", tree=tree, name=name, desired_access=desired_access,
                          share_access=share_access, create_disposition=create_disposition,
                          create_options=create_options, file_attributes=file_attributes,
                          oplock_level=oplock_level, impersonation=impersonation,
                          contexts=contexts.hex())

    def close(self, file: int, flags: int = 0) -> dict[str, Any]:
        return self._call("close", file=file, flags=flags)

    def flush(self, file: int) -> None:
        self._call("flush", file=file)

    def read(self, file: int, offset: int, length: int, *, minimum_count: int = 0,
             flags: int = 0) -> bytes:
        return self.broker.call("smb.read", {"file": file, "offset": offset, "length": length,
                                             "minimum_count": minimum_count,
                                             "flags": flags}).binary

    def write(self, file: int, offset: int, data: bytes, *, flags: int = 0) -> int:
        return int(self._call("write", data, file=file, offset=offset, flags=flags)["count"])

    def lock(self, file: int, locks: bytes, lock_sequence: int = 0) -> None:
        """locks: elements of 24 bytes, 2.2.26.1."""
        self._call("lock", file=file, locks=locks.hex(), lock_sequence=lock_sequence)

    def ioctl(self, ctl_code: int, data: bytes = b"", *, file: int = 0, tree: int = 0,
              max_output_response: int = 65536, max_input_response: int = 0,
              flags: int = 1) -> bytes:
        reply = self._call("ioctl", file=file, tree=tree, ctl_code=ctl_code, input=data.hex(),
                           max_output_response=max_output_response,
                           max_input_response=max_input_response, flags=flags)
        return bytes.fromhex(reply["output"])

    def echo(self) -> None:
        self._call("echo", session=self.session)

    def query_directory(self, file: int, file_information_class: int = 37, *,
                        file_name: str = "*", flags: int = 0, file_index: int = 0,
                        output_buffer_length: int = 65536) -> bytes:
        reply = self._call("query_directory", file=file, file_name=file_name, flags=flags,
                           file_information_class=file_information_class, file_index=file_index,
                           output_buffer_length=output_buffer_length)
        return bytes.fromhex(reply["buffer"])

    def change_notify(self, file: int, completion_filter: int, *, flags: int = 0,
                      output_buffer_length: int = 65536, timeout: float = 60.0) -> bytes:
        reply = self.broker.call("smb.change_notify", {
            "file": file, "completion_filter": completion_filter, "flags": flags,
            "output_buffer_length": output_buffer_length}, timeout=timeout)
        return bytes.fromhex(reply.fields["buffer"])

    def query_info(self, file: int, info_type: int, file_info_class: int, *,
                   additional_information: int = 0, flags: int = 0, data: bytes = b"",
                   output_buffer_length: int = 65536) -> bytes:
        reply = self._call("query_info", file=file, info_type=info_type,
                           file_info_class=file_info_class, flags=flags, input=data.hex(),
                           additional_information=additional_information,
                           output_buffer_length=output_buffer_length)
        return bytes.fromhex(reply["buffer"])

    def set_info(self, file: int, info_type: int, file_info_class: int, buffer: bytes, *,
                 additional_information: int = 0) -> None:
        self._call("set_info", file=file, info_type=info_type, file_info_class=file_info_class,
                   buffer=buffer.hex(), additional_information=additional_information)

    def oplock_break(self, file: int, oplock_level: int) -> int:
        return int(self._call("oplock_break", file=file,
                              oplock_level=oplock_level)["oplock_level"])

    def lease_break(self, file: int, lease_key: bytes, lease_state: int) -> int:
        """Acknowledges: what is left of a lease that a context of create() asked for."""
        return int(self._call("oplock_break", file=file, lease_key=lease_key.hex(),
                              lease_state=lease_state)["lease_state"])
