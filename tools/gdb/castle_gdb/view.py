"""Looking at a thread as if it ran: its registers and address space are put into a stopped processor, so that all
of GDB's own commands work on it, and taken out again before the machine goes on."""
import os

import gdb

from castle_gdb import kernel, model
from castle_gdb.kernel import Failed

RESUMING = ("continue", "step", "stepi", "next", "nexti", "finish", "until", "advance", "jump", "signal",
            "detach", "kill", "quit")


class View:
    """What a processor had before: registers by name, words of memory by address."""

    def __init__(self, cpu):
        self.cpu = cpu
        self.registers = {}
        self.words = {}

    def set_register(self, name, value):
        self.registers.setdefault(name, kernel.register(name))
        gdb.execute(f"set var ${name} = {value:#x}", to_string=True)

    def set_word(self, address, value):
        self.words.setdefault(address, kernel.read_word(address))
        kernel.write_word(address, value)


active = None


def restore():
    """The processor gets back what it had."""
    global active
    view, active = active, None
    if not view:
        return
    view.cpu.select()
    gdb.execute("frame 0", to_string=True)
    for address, value in view.words.items():
        kernel.write_word(address, value)
    for name, value in view.registers.items():
        gdb.execute(f"set var ${name} = {value:#x}", to_string=True)


def borrowed_cpu():
    """A processor to show things in: the selected one if the kernel runs on it, else the first of those."""
    cpu = model.this_cpu()
    if not cpu.started:
        cpu = next((cpu for cpu in model.cpus() if cpu.started), None)
    if cpu is None:
        raise Failed("the kernel does not run yet")
    return cpu


def global_directory_of(cpu):
    if cpu.application is not None:
        return int(cpu.application["spaces"]["global"])
    return int(cpu.local("global_directory"))


def enter_space(container):
    """Puts a container's address space into a processor."""
    global active
    restore()
    cpu = borrowed_cpu()
    cpu.select()
    gdb.execute("frame 0", to_string=True)
    active = View(cpu)
    if container.directory:
        active.set_register("cr3", container.directory)
    else:
        directory = global_directory_of(cpu)
        active.set_word(directory + 4 * (kernel.CONTAINER_BASE >> 22), container.initial_entry)
        active.set_register("cr3", directory)
    symbols_load(container.program)


def enter_thread(thread):
    """Puts a thread's user registers and address space into a processor."""
    enter_space(thread.container)
    registers = thread.registers()
    in_call = kernel.USER_BASE <= registers["eip"] < kernel.KERNEL_PAGE_END
    if in_call:
        # The stub of the kernel page has no symbols and but one thing on the stack: who called it.
        registers["eip"] = kernel.read_word(physical(registers["esp"]))
        registers["esp"] += 4
    for name, value in registers.items():
        active.set_register(name, value)


def physical(address):
    """By the address space that is in the processor."""
    place = model.walk(kernel.register("cr3") & ~0xfff, address)
    if place is None:
        raise Failed(f"the thread has nothing at {address:#x}")
    return place


def symbols_load(program):
    """Loads a program's symbols, if the build has them and they are not loaded."""
    path = os.path.join(os.environ.get("CASTLE_BUILD", "build"), "programs", program)
    if any(objfile.filename == os.path.abspath(path) for objfile in gdb.objfiles()):
        return True
    if not os.path.exists(path):
        return False
    confirm = gdb.parameter("confirm")
    gdb.execute("set confirm off")
    try:
        gdb.execute(f"add-symbol-file {os.path.abspath(path)}", to_string=True)
    finally:
        gdb.execute(f"set confirm {'on' if confirm else 'off'}")
    return True


def install_hooks():
    """GDB runs hook-COMMAND before the command: nothing runs with another's registers."""
    for command in RESUMING:
        gdb.execute(f"define hook-{command}\npython castle_gdb.view.restore()\nend")
    gdb.execute("python import castle_gdb.view")
    # What is read changes with the address space behind GDB's back.
    gdb.execute("set stack-cache off")
    gdb.execute("set code-cache off")


install_hooks()
