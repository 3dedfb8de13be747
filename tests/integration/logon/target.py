"""Which server a client means: names in what its proof covers."""
from case import case


def server_of(t, level, names=""):
    return t.server(conf={"spn validation": level, **({"spn names": names} if names else {})})


@case("clients that name an address of ours are let in once it is listed, and not before")
def listed(t):
    for level in ("if provided", "required"):
        server = server_of(t, level)
        t.client(server).refused("ls", "LOGON_FAILURE")
        server.must_log('names a server that is not this one target="cifs/127.0.0.1"')
        server.conf["spn names"] = "files.example.org 127.0.0.1"
        server.write_conf()
        server.must("reload")
        t.client(server).eventually("ls")
        server.stop()
