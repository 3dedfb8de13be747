"""kube.py - deploy/kubernetes.yaml: what it says, and `podman kube play` of it.

The file is played as it is but for port, join key, the init container (podman's
emptyDir needs none) and the kinds and fields that podman leaves out; those are
checked by reading.
"""
import base64
import json
import os
import pathlib
import re

import yaml

from package import check
from pods import ROOT, SERVICES, Instance, started, until

FILE = ROOT / "deploy/kubernetes.yaml"
# PodSecurity "baseline" allows no other to be added; "restricted" only NET_BIND_SERVICE.
BASELINE = {"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
            "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"}
CAPS = {"runtime": set(), "smbd": set(), "clientd": set(), "broker": {"CHOWN", "DAC_OVERRIDE"},
        "authd": {"CHOWN", "DAC_OVERRIDE"}, "fsd": {"DAC_OVERRIDE", "FOWNER"}}
SPAWNER = {"SETUID", "SETGID", "KILL"}


def documents():
    docs = list(yaml.safe_load_all(FILE.read_text()))
    return docs, {(d["kind"], d["metadata"]["name"]): d for d in docs}


def reading():
    """What an API server and PodSecurity would look at, and podman does not."""
    docs, by = documents()
    check("every object has apiVersion, kind and a name", all(
        {"apiVersion", "kind", "metadata"} <= set(d) and d["metadata"].get("name") for d in docs))
    pod = by["Deployment", "bulkhead"]["spec"]["template"]["spec"]
    labels = by["Deployment", "bulkhead"]["spec"]["template"]["metadata"]["labels"]
    for kind in ("Service", "NetworkPolicy"):
        spec = by[kind, "bulkhead"]["spec"]
        select = spec.get("selector") or spec["podSelector"]["matchLabels"]
        check(f"{kind} means this pod", select.items() <= labels.items(), select)
    names = {c["name"] for c in pod["containers"]}
    check("a container per service", names == set(SERVICES), names)
    check("no host namespaces, no token", not any(pod.get(k) for k in (
        "hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace")) and
        pod["automountServiceAccountToken"] is False, pod)
    check("a seccomp profile", pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault")
    volumes = {v["name"]: v for v in pod["volumes"]}
    check("sockets lie in memory", volumes["run"]["emptyDir"]["medium"] == "Memory")
    for v in volumes.values():
        want = (("PersistentVolumeClaim", v["persistentVolumeClaim"]["claimName"])
                if "persistentVolumeClaim" in v else ("Secret", v["secret"]["secretName"])
                if "secret" in v else ("ConfigMap", v["configMap"]["name"])
                if "configMap" in v else None)
        check(f"the volume {v['name']} is of an object in the file", want is None or want in by)
    for c in pod["containers"] + pod["initContainers"]:
        contained(c, volumes)


def contained(c, volumes):
    name, s = c["name"], c["securityContext"]
    caps = set(s["capabilities"].get("add", []))
    check(f"{name}: read-only root, no more privileges, capabilities as stated",
          s["readOnlyRootFilesystem"] and s["allowPrivilegeEscalation"] is False and
          s["capabilities"]["drop"] == ["ALL"] and caps <= BASELINE and
          caps == (CAPS[name] | SPAWNER if name != "runtime" else set()), s)
    mounts = {m["name"]: m for m in c["volumeMounts"]}
    check(f"{name}: mounts what is there", mounts.keys() <= volumes.keys(), mounts)
    check(f"{name}: only fsd mounts shares, only authd accounts, only smbd has a port",
          ("files" in mounts) == (name == "fsd") and
          ("accounts" in mounts) == (name == "authd") and
          bool(c.get("ports")) == (name == "smbd"), c)
    check(f"{name}: probes", name == "runtime" or {"startupProbe", "readinessProbe"} <= c.keys())


class Played(Instance):
    def __init__(self, podman, port):
        super().__init__(podman, lambda service: f"bulkhead-pod-0-{service}", port)
        self.file = f"{podman.where}/kubernetes.yaml"
        docs = list(yaml.safe_load_all(FILE.read_text().replace("4450", str(port))))
        by = {d["kind"]: d for d in docs}
        key = os.urandom(32).hex()
        if self.decodes():
            key = base64.b64encode(key.encode()).decode()
        by["Secret"]["data"]["join.key"] = key
        # podman 4.3 removes it while it still holds it for running, and gives the pod up.
        del by["Deployment"]["spec"]["template"]["spec"]["initContainers"]
        pathlib.Path(self.file).write_text(yaml.safe_dump_all(docs))

    def decodes(self):
        """podman before 4.4 hands a Secret's data on as it stands in the file."""
        version = self.podman("version", "-f", "{{.Client.Version}}").stdout.strip()
        return tuple(int(n) for n in re.findall(r"\d+", version)[:2]) >= (4, 4)

    def play(self):
        p = self.podman("kube", "play", self.file)
        if p.returncode != 0:
            return check("the pod file is played", False, p.stdout)
        return until(lambda: self.podman("container", "exists",
                                         self.name("smbd")).returncode == 0)

    def files(self):
        return json.loads(self.podman("volume", "inspect", "bulkhead-files").stdout)[0]["Mountpoint"]


def serving(k):
    for s in ("broker", "authd", "fsd", "smbd"):
        k.healthy(s)                     # livenessProbe: the one that podman plays
    pod = documents()[1]["Deployment", "bulkhead"]["spec"]["template"]["spec"]
    for c in pod["containers"]:
        argv = [str(w).replace("4450", str(k.port)) for w in c["readinessProbe"]["exec"]["command"]]
        p = until(lambda: (p := k.exec(c["name"], *argv)).returncode == 0 and p)
        check(f"{c['name']} is ready, by its own probe", p, "" if p else k.exec(
            c["name"], *argv).stdout + k.logs())
    os.chown(k.files(), 7001, 7001)      # the administrator's part: shares belong to somebody
    p = k.exec("broker", "bulkhead", "user", "add", "alice", password="pass-word")
    check("an account is added in the pod", p.returncode == 0, p.stdout)
    k.works("smbclient writes to the pod", "put /etc/hostname new; ls")
    st = os.stat(f"{k.files()}/new")
    check("with the owner of the ConfigMap's map", (st.st_uid, st.st_gid) == (7001, 7001), st)
    p = k.exec("broker", "bulkhead", "call", "version", "{}")
    check("a script's call is answered in the pod", p.returncode == 0, p.stdout)


def inspected(k):
    for s in SERVICES:
        i = k.podman.inspect(k.name(s))
        have = {c.removeprefix("CAP_") for c in i["EffectiveCaps"] or []}
        check(f"{s} of the pod has its capabilities and no others", have == CAPS[s] | SPAWNER, have)
        check(f"{s} of the pod has a read-only root", i["HostConfig"]["ReadonlyRootfs"])


def played(podman, port):
    reading()
    k = Played(podman, port)
    if k.play():
        serving(k)
        inspected(k)
        before = k.pids("smbd")
        podman("kill", "-s", "KILL", k.name("smbd"))
        check("the pod's smbd starts again", started(k, "smbd"), k.logs())
        k.works("SMB works after the pod's smbd died")
        check("no other container of the pod noticed", k.pids("smbd") == before)
    p = podman("kube", "down", k.file)
    left = podman("ps", "-a", "-q").stdout.strip()
    check("the pod file is taken down", p.returncode == 0 and not left, p.stdout + left)
    print("note  podman 4.3 races with init containers; played without.  It ignores Service, NetworkPolicy, startup and readiness probes and subPath; "
          "they were read, and the probes' commands run")
