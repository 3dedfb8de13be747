"""rclone's SMB backend: a tree there and back."""
import os
import subprocess

from case import case, expect_equal
from fixture import PASSWORD


def rclone(t, server, *args):
    t.need("rclone")
    obscured = subprocess.run(["rclone", "obscure", PASSWORD], capture_output=True, text=True,
                              check=True).stdout.strip()
    folder = t.folder()
    with open(f"{folder}/rclone.conf", "w") as f:
        f.write(f"[srv]\ntype = smb\nhost = 127.0.0.1\nport = {server.port}\n"
                f"user = {t.user}\npass = {obscured}\n")
    p = subprocess.run(["rclone", "--config", f"{folder}/rclone.conf", "--retries", "1", *args],
                       capture_output=True, text=True, timeout=100)
    expect_equal(p.returncode, 0, f"rclone {' '.join(args)}\n{p.stderr[-2000:]}")


def tree_of(root):
    return {os.path.relpath(os.path.join(d, n), root): open(os.path.join(d, n), "rb").read()
            for d, _, names in os.walk(root) for n in names}


@case("rclone syncs a tree there and back, and its check is clean")
def sync_there_and_back(t):
    server = t.server(shares={"data": {"read_only": "no"}})
    source, back = t.folder(), t.folder()
    for i in range(60):
        path = f"{source}/dir {i % 5}/sub/file-{i}.bin"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(os.urandom(i * 1001))
    rclone(t, server, "sync", source, "srv:data/tree")
    rclone(t, server, "check", source, "srv:data/tree")
    os.unlink(f"{source}/dir 0/sub/file-0.bin")
    rclone(t, server, "sync", source, "srv:data/tree")
    rclone(t, server, "sync", "srv:data/tree", back)
    expect_equal(tree_of(back), tree_of(source), "tree that came back")
    expect_equal(tree_of(server.path("tree")), tree_of(source), "tree on disk")
