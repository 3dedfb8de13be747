"""attempts.py - single logons with NTLM, from an address of one's choice."""
import socket
import threading
import time

from case import Skip, expect

LOCAL, ELSEWHERE = "127.0.0.1", "127.0.0.2"
SLACK = 2.5                 # seconds that a busy machine may add; the owner would wait 5


# impacket knows no source address: each thread has its own.
source_of = threading.local()


def from_source(session, peer, timeout=None):
    return socket.create_connection(peer, timeout, (source_of.address, 0))


def logon(port, user, password, source=LOCAL):
    """(accepted, seconds) of one logon from that address."""
    try:
        from impacket import nmb
        from impacket.smbconnection import SMBConnection
    except ImportError:
        raise Skip("python3-impacket is not installed")
    nmb.NetBIOSTCPSession._setup_connection = from_source
    source_of.address = source
    smb = SMBConnection(LOCAL, LOCAL, sess_port=port, timeout=60)
    start = time.monotonic()
    try:
        smb.login(user, password)
        accepted = True
    except Exception as e:                      # impacket has one class per layer
        expect("STATUS_LOGON_FAILURE" in str(e), f"refused with {e}")
        accepted = False
    seconds = time.monotonic() - start
    smb.close()
    return accepted, seconds
