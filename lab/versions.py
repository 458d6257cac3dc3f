"""What a measurement depends on: the source, the images, the tools, the host."""
import datetime
import functools
import hashlib
import os
import platform
import re
import subprocess
from typing import Optional

from lab import TOP

# A tool, and the command whose first line has its version.
TOOLS = {"compiler": ["gcc", "--version"], "qemu": ["qemu-system-i386", "--version"],
         "bochs": ["dpkg-query", "-W", "-f", "Bochs ${Version}", "bochs"],
         "sloccount": ["dpkg-query", "-W", "-f", "sloccount ${Version}", "sloccount"],
         "valgrind": ["valgrind", "--version"],
         "pmccabe": ["dpkg-query", "-W", "-f", "pmccabe ${Version}", "pmccabe"]}
# What images are made of: the kernel, programs and files.
IMAGE_SOURCES = ("arch", "boot", "include", "iso", "kernel", "linker.ld", "uapps")
# What a run on each machine depends on, beside its image and command line.
RELEVANT = {"bochs": ("bochs",), "icount": ("qemu",), "qemu": ("qemu", "host"),
            "host": ("compiler", "sloccount", "pmccabe", "valgrind"), "timed": ("compiler", "host")}


def first_line(command: list[str]) -> str:
    """What a command says first; empty if it is not to be had."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
                              cwd=TOP, stdin=subprocess.DEVNULL)
    except OSError:
        return ""
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return lines[0].strip() if done.returncode == 0 and lines else ""


def processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            found = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.M)
    except OSError:
        found = None
    return f"{found.group(1) if found else platform.machine()}, {os.cpu_count()} CPUs"


@functools.cache
def tools() -> dict[str, str]:
    """Name and version of each tool, and the host's processor."""
    found = {name: first_line(command) or "absent" for name, command in TOOLS.items()}
    return {**found, "host": processor()}


@functools.cache
def commit() -> dict[str, object]:
    """The commit that the tree is at, and whether something is not committed."""
    name = first_line(["git", "rev-parse", "HEAD"])
    return {"commit": name or "unknown", "dirty": bool(first_line(["git", "status", "--porcelain"]))}


def image_commit(name: str) -> str:
    """The last commit, at or before this one, that changed what is in an image."""
    return first_line(["git", "log", "-1", "--format=%H", name, "--", *IMAGE_SOURCES]) or name


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")


def digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def digest_of_source(folders: tuple[str, ...]) -> str:
    """Of all files below some folders of the tree, as they are now, that git does not ignore."""
    listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard", "--", *folders], cwd=TOP,
                            stdout=subprocess.PIPE, check=True).stdout
    sums = hashlib.sha256()
    for name in sorted(set(listed.split(b"\0")) - {b""}):
        path = os.path.join(os.fsencode(TOP), name)
        if os.path.isfile(path):
            sums.update(name + b"\0" + digest(os.fsdecode(path)).encode())
    return sums.hexdigest()


def relevant(machine: str) -> dict[str, str]:
    return {name: tools()[name] for name in RELEVANT[machine]}


def environment(image: Optional[str]) -> dict[str, object]:
    """What is kept with every result."""
    return {"date": now(), **commit(), "image": image, **tools()}
