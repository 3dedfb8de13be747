"""weight.py - what the processes of a server hold: descriptors and memory, from /proc."""
import os
import time

from case import expect, expect_equal

SLACK_FDS = 4
SLACK_KB = 20_000
PATIENCE = 8


def resident(pid):
    """KB of memory of its own; 0 in a build that checks memory, which keeps what was freed."""
    with open(f"/proc/{pid}/status") as f:
        kb = {l.split(":")[0]: int(l.split()[1]) for l in f if l.startswith(("VmSize", "RssAnon"))}
    return 0 if kb.get("VmSize", 0) > 1 << 30 else kb.get("RssAnon", 0)


class Weight:
    """A look at all processes but the workers, which come and go."""

    def __init__(self, server):
        self.rows = {}
        for row in server.processes():
            pid = row["pid"]
            try:
                rss = resident(pid)
                fds = len(os.listdir(f"/proc/{pid}/fd"))
            except OSError:
                continue
            self.rows.setdefault(row["role"], []).append((pid, fds, rss, row["restarts"]))

    def descriptors(self, role):
        return sum(fds for _, fds, _, _ in self.rows.get(role, []))

    def resident(self, role):
        """Of the largest."""
        return max((rss for _, _, rss, _ in self.rows.get(role, [])), default=0)

    def complaint(self, now):
        for role in ("gate", "fsd", "store", "directory"):
            if now.descriptors(role) > self.descriptors(role) + SLACK_FDS:
                return (f"{role}: {self.descriptors(role)} descriptors before, "
                        f"{now.descriptors(role)} after")
            if now.resident(role) > self.resident(role) + SLACK_KB:
                return f"{role}: {self.resident(role)} KB before, {now.resident(role)} after"
        return None

    def expect_same(self, server):
        """Nothing restarted, and after a moment nothing kept."""
        until = time.monotonic() + PATIENCE
        while (why := self.complaint(now := Weight(server))) and time.monotonic() < until:
            time.sleep(0.2)
        expect(not why, why)
        for role, rows in now.rows.items():
            expect_equal(sum(r[3] for r in rows), 0, f"restarts of {role}")
