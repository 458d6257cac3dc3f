"""Running a machine under GDB: QEMU waits, stopped before its first instruction, and GDB has the terminal.

They talk through a socket in the run's folder, so nothing is open to the network. Castle's console is a terminal of
its own, whose name is printed, and is recorded; `castle console` in GDB shows it.
"""
import os
import re
import signal
import subprocess
import time

from machines.boot_image import TOP
from machines.console import say
from machines.machine import Refused, STATUS_MACHINE_FAILED

PATIENCE = 30  # seconds for QEMU to open its socket
# All other images have the kernel of all modes.
KERNELS = {"castle-up.iso": "kernel-up/castle.elf", "castle-debug.iso": "kernel-debug/castle.elf",
           "castle-up-debug.iso": "kernel-up-debug/castle.elf"}


def kernel_of(options):
    """The kernel in the image, with its debugging information."""
    path = os.path.join(options.build, KERNELS.get(os.path.basename(options.iso), "kernel/castle.elf"))
    if not os.path.exists(path):
        raise Refused(f"no {path}: --build must name the build tree that the image is from")
    return path


def wait_for(path, child, said):
    """Until QEMU has made its socket."""
    deadline = time.monotonic() + PATIENCE
    while not os.path.exists(path):
        if child.poll() is not None or time.monotonic() > deadline:
            with open(said, encoding="utf-8", errors="replace") as file:
                say(file.read().strip() or "QEMU did not start")
            return False
        time.sleep(0.02)
    return True


def console_name(said):
    """The terminal that QEMU has made the console, from what it said."""
    with open(said, encoding="utf-8", errors="replace") as file:
        found = re.search(r"redirected to (\S+)", file.read())
    return found.group(1) if found else "(unknown)"


def gdb_command(options, socket):
    words = ["gdb", "-q", "-nx", "-iex", "set pagination off", "-iex", "set breakpoint pending on", kernel_of(options),
             "-ex", f"source {os.path.join(TOP, 'tools/gdb/castle.py')}", "-ex", f"target remote {socket}"]
    for line in options.gdb_command:
        words += ["-ex", line]
    return words + (["-batch"] if options.gdb_batch else [])


def run_gdb(machine, directory):
    """The status of GDB. The machine ends with it."""
    options = machine.options
    socket, said, console = (os.path.join(directory, name) for name in ("gdb", "said", "console"))
    command = gdb_command(options, socket)
    with open(said, "wb") as file:
        child = machine.spawn(machine.debugged(directory, socket, console), stdin=subprocess.DEVNULL,
                              stdout=file, stderr=file, start_new_session=True)
    try:
        if not wait_for(socket, child, said):
            return STATUS_MACHINE_FAILED
        if not options.gdb_batch:
            print(f"Castle's console is {console_name(said)}; `help castle` lists the commands, `continue` boots.")
        environment = dict(os.environ, CASTLE_BUILD=os.path.abspath(options.build), CASTLE_CONSOLE=console)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl-C is for GDB, and stops the machine
        return machine.spawn(command, env=environment).wait()
    finally:
        child.kill()
        child.wait()
