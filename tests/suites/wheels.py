"""wheels.py - the package as others get it: an sdist of python/, a wheel of that sdist without any
network, and the package's own tests against the wheel, installed in an environment of its own.
"""
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PYTHON = "/usr/bin/python3"
NEEDED = {"setuptools": "python3-setuptools", "wheel": "python3-wheel", "pip": "python3-pip",
          "venv": "python3-venv", "pytest": "python3-pytest"}
SDIST = "import sys, setuptools.build_meta as b; b.build_sdist(sys.argv[1])"


class Wrong(Exception):
    """What is not as it should be."""


def run(*argv, **how):
    p = subprocess.run(argv, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       timeout=600, check=False, **how)
    if p.returncode != 0:
        raise Wrong(f"{' '.join(map(str, argv))}: exit {p.returncode}\n{p.stdout[-3000:]}")
    return p.stdout


def equal(got, want, what):
    if got != want:
        raise Wrong(f"{what}: got {got!r}, want {want!r}")


def missing():
    """Debian's package of what is not there, or None."""
    for module, package in NEEDED.items():
        p = subprocess.run([PYTHON, "-c", f"import {module}"], capture_output=True, check=False)
        if p.returncode != 0:
            return package
    return None


def version():
    """CMake's, which is the project's."""
    text = (ROOT / "CMakeLists.txt").read_text()
    return re.search(r"project\(bulkhead VERSION ([0-9.]+)", text).group(1)


def sdist(work):
    """The unpacked sdist of a copy, since building writes beside the sources."""
    shutil.copytree(ROOT / "python", work / "python", ignore=shutil.ignore_patterns("__pycache__"))
    run(PYTHON, "-W", "ignore", "-c", SDIST, work, cwd=work / "python")
    name = f"bulkhead-{version()}"
    with tarfile.open(work / f"{name}.tar.gz") as tar:
        tar.extractall(work / "sdist")
    return work / "sdist" / name


def wheel(work, source):
    run(PYTHON, "-m", "pip", "--isolated", "wheel", "-q", "--no-build-isolation", "--no-deps", "--no-index",
        "--no-cache-dir", "-w", work, source)
    return work / f"bulkhead-{version()}-py3-none-any.whl"


def check_content(path):
    info = f"bulkhead-{version()}.dist-info"
    with zipfile.ZipFile(path) as z:
        names = set(z.namelist())
        package = {f"bulkhead/{p.name}" for p in (ROOT / "python/bulkhead").iterdir() if p.is_file()}
        equal({n for n in names if not n.startswith(info)}, package, "files of the wheel")
        equal(z.read(f"{info}/LICENSE"), (ROOT / "LICENSE").read_bytes(), "the licence")
        metadata = z.read(f"{info}/METADATA").decode()
    for line in (f"Version: {version()}", "Requires-Dist: pyzmq"):
        if f"\n{line}" not in metadata:
            raise Wrong(f"no {line!r} in the metadata:\n{metadata[:600]}")


def check_installed(work, source, path):
    """The package's tests, where nothing else is called bulkhead."""
    venv = work / "venv"
    run(PYTHON, "-m", "venv", "--without-pip", "--system-site-packages", venv)
    python = venv / "bin/python3"
    run(PYTHON, "-m", "pip", "--isolated", "--python", python, "install", "-q", "--no-index", "--no-deps",
        "--no-cache-dir", path)
    shutil.copytree(source / "tests", work / "alone/tests")
    where = run(python, "-c", "import bulkhead; print(bulkhead.__version__, bulkhead.__file__)",
                cwd=work / "alone").split()
    equal(where[0], version(), "version")
    if not where[1].startswith(str(venv)):
        raise Wrong(f"another package is in the way: {where[1]}")
    print(run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=work / "alone"))


def check():
    """The word of the count that it adds to."""
    if package := missing():
        print(f"skip  wheel: {package} is not installed")
        return "skipped"
    with tempfile.TemporaryDirectory(prefix="bh.wheel.", dir="/tmp") as work:
        work = pathlib.Path(work)
        try:
            source = sdist(work)
            path = wheel(work, source)
            check_content(path)
            check_installed(work, source, path)
        except Wrong as e:
            print(f"FAIL  wheel\n{e}")
            return "failed"
    print("pass  wheel")
    return "passed"
