"""Machines that begin where the boot loader has handed over to the kernel: firmware and boot loader take ten times as long as
the kernel itself, and leave the same machine behind each time. Only the command line comes later, from fw_cfg.

A machine is stopped by a breakpoint at the kernel's first instruction and saved as QEMU's migration saves it; others of the same
image, memory and processors start from that file.
"""
import fcntl
import hashlib
import json
import os
import re
import socket
import struct
import subprocess
import time

MULTIBOOT2_HEADER, MULTIBOOT2_EAX = 0xE85250D6, 0x36D76289  # Multiboot2 Specification 2.0, sections 3.1.1 and 3.3
SECTOR = 2048
ELF_ENTRY = 24
PATIENCE = 300  # seconds until the kernel must have been reached: to catch hangs
# A machine that was saved in a breakpoint wakes in it. What is saved says so as a length and a name (QEMU's "globalstate").
STOPPED, RUNNING = b"\0\0\0\6debug\0\0", b"\0\0\0\x08running"


class Failed(Exception):
    """The machine cannot be saved there; it must boot."""


def entry_point(image):
    """Where the kernel in an image starts: that of the file with a Multiboot2 header."""
    for found in re.finditer(re.escape(struct.pack("<I", MULTIBOOT2_HEADER)), image):
        header = struct.unpack_from("<4I", image, found.start())
        start = image.rfind(b"\x7fELF", 0, found.start())
        if sum(header) & 0xFFFFFFFF == 0 and start >= 0 and start % SECTOR == 0:
            return struct.unpack_from("<I", image, start + ELF_ENTRY)[0]
    raise Failed("no kernel in the image")


class Debugger:
    """The few packets of GDB's remote protocol that it takes."""

    def __init__(self, channel):
        self.channel = channel

    def byte(self):
        byte = self.channel.read(1)
        if not byte:
            raise Failed("the machine ended before the kernel began")
        return byte

    def until(self, end):
        text = b""
        while not text.endswith(end):
            text += self.byte()
        return text[:-1]

    def ask(self, text):
        self.channel.write(b"$%s#%02x" % (text, sum(text) & 0xFF))
        self.until(b"$")
        answer = self.until(b"#")
        self.byte(), self.byte()
        self.channel.write(b"+")
        return answer

    def run_to(self, address):
        """The boot loader unpacks itself where the kernel will be; so what the kernel gets in eax tells that it is there."""
        self.ask(b"Z1,%x,1" % address)
        while self.ask(b"c").startswith(b"T"):
            registers = bytes.fromhex(self.ask(b"g").decode())
            if struct.unpack_from("<I", registers)[0] == MULTIBOOT2_EAX:
                return
        raise Failed("the machine ended before the kernel began")


class Monitor:
    """QEMU's machine protocol."""

    def __init__(self, channel):
        self.channel = channel
        self.channel.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.channel.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while True:
            answer = json.loads(self.channel.readline() or '{"error": "it ended"}')
            if "error" in answer:
                raise Failed(f"{command}: {answer['error']}")
            if "return" in answer:
                return answer["return"]

    def save(self, path):
        self.ask("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
        self.ask("migrate", uri=f"exec:cat >'{path}'")
        while (status := self.ask("query-migrate")["status"]) != "completed":
            if status == "failed":
                raise Failed("it cannot be saved")
            time.sleep(0.05)


def channel():
    """Two ends of a connection: ours, to read and write at once, and a socket for QEMU."""
    ours, theirs = socket.socketpair()
    ours.settimeout(PATIENCE)
    return ours.makefile("rwb", buffering=0), theirs


def make_runnable(path):
    with open(path, "rb") as file:
        saved = file.read()
    if saved.count(STOPPED) != 1:
        raise Failed("this QEMU does not say in what state a machine was saved")
    with open(path, "wb") as file:
        file.write(saved.replace(STOPPED, RUNNING))


def save(machine, command, entry, path):
    """Boots to the kernel's first instruction, and saves the machine in `path`."""
    debugger, debugged = channel()
    monitor, monitored = channel()
    ends = [debugged.fileno(), monitored.fileno()]
    child = machine.spawn([*command, "-S", "-chardev", f"socket,id=debugger,fd={ends[0]}", "-gdb", "chardev:debugger",
                           "-chardev", f"socket,id=monitor,fd={ends[1]}", "-mon", "chardev=monitor,mode=control"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=ends,
                          start_new_session=True)
    debugged.close(), monitored.close()
    try:
        Debugger(debugger).run_to(entry)
        Monitor(monitor).save(path)
        make_runnable(path)
    finally:
        child.kill()
        child.wait()


def saved(machine, folder, image, key, make_command):
    """The file with the machine `key`, made now if it is not there yet, which others wait for; None if there can be none."""
    with open(image, "rb") as file:
        content = file.read()
    name = hashlib.sha256("\0".join([*key, hashlib.sha256(content).hexdigest()]).encode()).hexdigest()[:16]
    path = os.path.join(folder, name)
    with open(f"{path}.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path):
            try:
                save(machine, make_command(), entry_point(content), f"{path}.new")
                os.rename(f"{path}.new", path)
            except (Failed, OSError, ValueError):
                open(path, "wb").close()
    return path if os.path.getsize(path) else None
