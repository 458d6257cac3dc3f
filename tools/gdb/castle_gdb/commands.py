"""The commands that list things, and those that look at one thread."""
import os
import re

import gdb

from castle_gdb import kernel, model, view
from castle_gdb.kernel import Failed


class Castle(gdb.Command):
    """Castle: processors, processes, containers and threads of the stopped machine."""

    def __init__(self):
        super().__init__("castle", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


Castle()


class Listing(gdb.Command):
    """A command `castle NAME`, made of a function that takes the words behind it."""

    def __init__(self, function, name, usage):
        self.__doc__ = f"{function.__doc__}\nUsage: castle {name}{' ' if usage else ''}{usage}"
        self.function = function
        self.words = (usage.count("[") == 0 and len(usage.split()), len(usage.split()))
        self.usage = f"castle {name} {usage}".strip()
        super().__init__(f"castle {name}", gdb.COMMAND_DATA)

    def invoke(self, argument, from_tty):
        words = gdb.string_to_argv(argument)
        if not self.words[0] <= len(words) <= self.words[1]:
            raise gdb.GdbError(f"usage: {self.usage}")
        self.function(*words)


def command(name, usage=""):
    """Makes the function the command `castle NAME`; its first line of documentation is the help."""
    def make(function):
        Listing(function, name, usage)
        return function
    return make


def table(*rows):
    """Prints rows in columns; the first row is the heading."""
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def place(cpu):
    return f"{cpu.eip:08x} {gdb.execute(f'info symbol {cpu.eip:#x}', to_string=True).split(' in section')[0].strip()}"


@command("cpus")
def list_cpus():
    """The processors: what each does, for which thread, and where."""
    rows = [("CPU", "GDB", "KERNEL", "STATE", "THREAD", "PID", "PROGRAM", "AT")]
    for cpu in model.cpus():
        if not cpu.started:
            rows.append(("-", cpu.thread.num, "-", cpu.state(), "-", "-", "-", f"{cpu.eip:08x}"))
            continue
        current = cpu.current()
        if cpu.in_user_mode and current:
            view.symbols_load(current.container.program)
        rows.append((cpu.number, cpu.thread.num, "kernel" if cpu.application is None else "application",
                     cpu.state(), *((current.name, current.pid, current.container.program) if current
                                    else ("-", "-", "-")), place(cpu)))
    table(*rows)


@command("processes")
def list_processes():
    """All processes, with their containers."""
    rows = [("PID", "PARENT", "STATE", "THREADS", "CONTAINER", "PROGRAM")]
    for process in model.processes():
        parent = process.value["parent"]
        rows.append((process.pid, int(parent["pid"]) if int(parent) else 0,
                     "ended" if process.ended else "alive", int(process.value["thread_count"]),
                     f"{process.container.address:08x}" if process.container else "-", process.program))
    table(*rows)


@command("containers")
def list_containers():
    """All containers: pages owned, heap, and which page directory each processor uses for them."""
    rows = [("CONTAINER", "PIDS", "PAGES", "HEAP", "DIRECTORIES", "PROGRAM")]
    found = {}
    for process in model.processes():
        if process.container:
            found.setdefault(process.container.address, (process.container, []))[1].append(str(process.pid))
    for container, pids in found.values():
        directories = ", ".join(f"{address:08x} ({whose})" for whose, address in container.directories())
        value = container.value
        rows.append((f"{container.address:08x}", ",".join(pids), int(value["pages"]),
                     f"{int(value['break_start']):08x}-{int(value['break_end']):08x}",
                     directories or "global", container.program))
    table(*rows)


@command("threads", "[PROCESS]")
def list_threads(name=None):
    """Threads with their states, those of the application kernel as aN; PROCESS is a pid or a program."""
    wanted = model.process_find(name).pid if name else None
    running = {cpu.current().address: cpu for cpu in model.cpus() if cpu.current()}
    rows = [("THREAD", "PID", "PROGRAM", "STATE", "PRIORITY", "ON CPU", "USER EIP", "")]
    for thread in model.threads():
        if wanted not in (None, thread.pid):
            continue
        cpu = running.get(thread.address)
        eip = cpu.eip if cpu and cpu.in_user_mode else int(thread.frame["eip"])
        rows.append((thread.name, thread.pid, thread.container.program, thread.state(),
                     int(thread.value["priority"]), cpu.number if cpu else "-", f"{eip:08x}", thread.where()))
    table(*rows)


def queue_rows(name, queue, kind, make):
    """The rows of a ready queue; it says itself which priorities are in use."""
    in_use = int(queue["in_use"])
    for priority in range(32):
        if not in_use & 1 << priority:
            continue
        for value in kernel.entries(queue["threads"][priority], kind, "queue"):
            thread = make(value)
            yield (name, priority, thread.name, thread.pid, thread.container.program)


@command("queue")
def list_ready():
    """The ready queues: the common one, each processor's own, and the application kernel's, in running order."""
    kind = kernel.variable("current_thread").type.target()
    rows = [("QUEUE", "PRIORITY", "THREAD", "PID", "PROGRAM")]
    rows += queue_rows("common", kernel.variable("ready_threads"), kind, model.KernelThread)
    queues = kernel.symbol("queues", "kernel/smp/affinity.c")
    if queues and int(kernel.variable("cpu_count")) > 1:
        for cpu in range(int(kernel.variable("cpu_count"))):
            rows += queue_rows(f"CPU {cpu}", queues.value()[cpu], kind, model.KernelThread)
    ready = kernel.symbol("ready", "kernel/appkern/scheduler.c")
    if ready and model.application_threads():
        kind = model.application_threads()[0].value.type
        rows += queue_rows("application", ready.value(), kind, model.ApplicationThread)
    table(*rows)


def call_of(thread):
    """The system call that a thread has made, if its registers say so."""
    eip = int(thread.frame["eip"])
    number = int(thread.frame["eax"])
    if not kernel.USER_BASE <= eip < kernel.KERNEL_PAGE_END:
        return None
    calls = kernel.variable("call_table")
    if not 0 <= number <= calls.type.range()[1]:
        return "a system call"
    return f"the system call {kernel.function_at(int(calls[number])).replace('sys_', '')}"


def describe(thread):
    print(f"Thread {thread.name} of process {thread.pid} ({thread.container.program}), {thread.state()}"
          f"{', ' if thread.where() else ''}{thread.where()}")


def backtrace_user(thread):
    """By the registers that the kernel saved."""
    call = call_of(thread)
    print(f"In user mode{f', in {call}' if call else ''}:")
    selected = gdb.selected_thread()
    view.enter_thread(thread)
    try:
        gdb.execute("backtrace")
    finally:
        view.restore()
        selected.switch()


@command("bt", "THREAD")
def backtrace(name):
    """A backtrace of any thread: in the kernel if it is there now, then in user mode with its program's symbols."""
    view.restore()
    thread = model.thread_find(name)
    describe(thread)
    cpu = thread.cpu()
    if not cpu:
        backtrace_user(thread)
        return
    view.symbols_load(thread.container.program)
    selected = gdb.selected_thread()
    cpu.select()
    print(f"On CPU {cpu.number}, in {'user mode' if cpu.in_user_mode else 'the kernel'}:")
    gdb.execute("backtrace")
    selected.switch()
    if not cpu.in_user_mode:
        backtrace_user(thread)


@command("thread", "THREAD")
def enter_thread(name):
    """Looks at a thread as if it ran here: backtrace, info locals, x, print. It ends with `castle back`, or when
the machine goes on."""
    view.restore()
    thread = model.thread_find(name)
    describe(thread)
    cpu = thread.cpu()
    if cpu and cpu.in_user_mode:
        cpu.select()
        view.symbols_load(thread.container.program)
    else:
        view.enter_thread(thread)
    gdb.execute("frame")


@command("space", "PROCESS")
def enter_space(name):
    """Switches to the address space of a process, a pid or a program, and loads its symbols, until `castle back`."""
    process = model.process_find(name)
    if not process.container:
        raise Failed(f"process {process.pid} has ended: it has no address space any more")
    view.enter_space(process.container)
    print(f"In the address space of process {process.pid} ({process.program})")


@command("back")
def leave():
    """Ends `castle thread` and `castle space`: the processor is itself again."""
    view.restore()


@command("symbols", "PROGRAM")
def load_symbols(program):
    """Loads the symbols of a program."""
    if not view.symbols_load(program):
        raise Failed(f"the build has no program {program}")


shown = 0
# What the boot loader moves the cursor and colours its menu with.
ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[A-Za-z])")


@command("console")
def console():
    """What has been printed on Castle's console since the last time."""
    global shown
    path = os.environ.get("CASTLE_CONSOLE")
    if not path or not os.path.exists(path):
        raise Failed("the console is not recorded: start the machine with `make gdb`")
    with open(path, "rb") as file:
        file.seek(shown)
        data = file.read()
    shown += len(data)
    print(ESCAPES.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n"), end="")
