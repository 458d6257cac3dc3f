"""The machine as the kernel sees it: processors, processes, containers, threads of both kernels."""
import gdb

from castle_gdb import kernel
from castle_gdb.kernel import Failed

CR0_PAGING = 1 << 31


def walk(directory, address):
    """The physical address behind a virtual one, by a page directory; None if nothing is there."""
    entry = kernel.read_word(directory + 4 * (address >> 22))
    if not entry & kernel.PRESENT:
        return None
    if entry & kernel.LARGE:
        return (entry & ~0x3fffff) | (address & 0x3fffff)
    page = kernel.read_word((entry & ~0xfff) + 4 * (address >> 12 & 1023))
    return (page & ~0xfff) | (address & 0xfff) if page & kernel.PRESENT else None


class Cpu:
    """The processor that GDB knows as a thread, as it was when this was made: while it was selected."""

    def __init__(self, thread):
        self.thread = thread
        self.eip = kernel.register("eip")
        self.started = bool(kernel.register("cr0") & CR0_PAGING)
        self.directory = kernel.register("cr3") & ~0xfff
        self.local_page = self.application = None
        if self.started:
            self.local_page = walk(self.directory, kernel.SLOT)
            self.find_application_processor()

    def find_application_processor(self):
        page = walk(self.directory, kernel.SLOT_APPKERN)
        if page is not None and kernel.has("application_processors"):
            kind = kernel.variable("application_processors").type.target().target()
            self.application = kernel.at(page, kind)

    def local(self, name):
        """A CPU-local variable of the kernel's. The kernel without multiprocessor code has plain ones."""
        value = kernel.variable(name)
        address = kernel.address_of(value)
        if kernel.SLOT <= address < kernel.SLOT + kernel.PAGE_SIZE:
            if self.local_page is None:
                raise Failed(f"the processor has no CPU-local page, and so no {name}")
            address += self.local_page - kernel.SLOT
        return kernel.at(address, value.type)

    @property
    def number(self):
        if self.application is not None:
            return int(self.application["number"])
        return int(self.local("cpu_number")) if kernel.has("cpu_number") else 0

    @property
    def in_user_mode(self):
        return self.started and self.eip >= kernel.USER_BASE

    def current(self):
        """The thread that it runs, of either kernel; None while it idles."""
        if not self.started:
            return None
        if self.application is not None:
            pointer = self.application["current"]
            return ApplicationThread(pointer.dereference()) if int(pointer) else None
        pointer = self.local("current_thread")
        return KernelThread(pointer.dereference()) if int(pointer) else None

    def state(self):
        if not self.started:
            return "not started"
        if self.in_user_mode:
            return "user"
        if self.application is None and kernel.has("ticket_waiting") and int(self.local("ticket_waiting")):
            return "spinning"
        return "kernel" if self.current() else "idle"

    def select(self):
        self.thread.switch()


def cpus():
    """All processors, in GDB's order; the selected one stays selected."""
    selected = gdb.selected_thread()
    result = []
    for thread in sorted(gdb.selected_inferior().threads(), key=lambda thread: thread.num):
        thread.switch()
        result.append(Cpu(thread))
    if selected:
        selected.switch()
    return result


def this_cpu():
    thread = gdb.selected_thread()
    if thread is None:
        raise Failed("no machine: `make gdb` starts one")
    return Cpu(thread)


class Process:
    def __init__(self, value):
        self.value = value
        self.pid = int(value["pid"])

    @property
    def ended(self):
        return bool(self.value["ended"])

    @property
    def container(self):
        pointer = self.value["container"]
        return Container(pointer.dereference()) if int(pointer) else None

    @property
    def program(self):
        return self.container.program if self.container else "-"

    def threads(self):
        kind = kernel.variable("current_thread").type.target()
        return [KernelThread(value) for value in kernel.entries(self.value["threads"], kind, "siblings")]


class Container:
    def __init__(self, value):
        self.value = value
        self.address = kernel.address_of(value)
        self.program = kernel.text(value["package"]["name"])
        self.directory = int(value["directory"])  # 0: runs in the global one
        self.initial_entry = int(value["initial_table"]) | kernel.PRESENT | kernel.WRITABLE | kernel.USER

    def directories(self):
        """Its page directories, whose they are: the container's own with its owner, further ones by CPU."""
        if not self.directory:
            return []
        result = [("owner", self.directory)]
        if "directories" in [field.name for field in self.value.type.fields()]:
            directories = self.value["directories"]
            owner = int(directories["owner"])
            result = [(f"CPU {owner}" if owner < 0xffffffff else "no owner yet", self.directory)]
            if int(directories["others"]):
                others = [int(directories["others"][i]) for i in range(int(kernel.variable("cpu_count")))]
                result += [(f"CPU {i}", other) for i, other in enumerate(others) if other]
        return result


class Thread:
    """A thread of either kernel: `name` is what commands call it."""
    kind = name = None

    def __init__(self, value):
        self.value = value
        self.address = kernel.address_of(value)
        self.frame = self.registers_of(value)["frame"]

    @staticmethod
    def registers_of(value):
        """The structure that has the thread's frame."""
        return value

    def __eq__(self, other):
        return isinstance(other, Thread) and self.address == other.address

    def cpu(self):
        """The processor that it runs on now; None if it does not."""
        return next((cpu for cpu in cpus() if cpu.current() == self), None)

    def registers(self):
        """Its user registers, saved at the last kernel entry."""
        names = ("eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", "eip")
        return {name: int(self.frame[name]) & 0xffffffff for name in names}


class KernelThread(Thread):
    kind = "kernel"

    def __init__(self, value):
        super().__init__(value)
        self.id = int(value["tid"])
        self.name = str(self.id)
        self.process = Process(value["process"].dereference())
        self.pid = self.process.pid

    @property
    def container(self):
        return self.process.container

    def state(self):
        return kernel.enumerator(self.value["state"], "THREAD_")

    def where(self):
        """What it will do when it runs again, or the system call that it is in."""
        if int(self.value["continuation"]):
            return f"then {kernel.function_at(int(self.value['continuation']))}"
        return ""


class ApplicationThread(Thread):
    kind = "application"

    @staticmethod
    def registers_of(value):
        return value["registers"]

    def __init__(self, value):
        super().__init__(value)
        self.id = int(value["id"])
        self.name = f"a{self.id}"
        self.pid = int(value["pid"])

    @property
    def container(self):
        return Container(self.value["owner"]["space"]["container"].dereference())

    def state(self):
        return kernel.enumerator(self.value["state"], "APPLICATION_")

    def where(self):
        return f"pair of thread {int(self.value['tid'])}"


def processes():
    """All processes, by pid; none before their table is made."""
    kind = kernel.variable("current_thread").type.target()["process"].type.target()
    table = kernel.symbol("pid_table", "kernel/proc/process.c").value()
    low, high = table.type.range()
    found = [Process(value) for i in range(low, high + 1)
             for value in kernel.entries(table[i]["processes"], kind, "hash")]
    return sorted(found, key=lambda process: process.pid)


def application_threads():
    """All application threads, from the application kernel's lookup table."""
    table = kernel.symbol("thread_table", "kernel/appkern/thread.c")
    if table is None:
        return []
    table = table.value()
    kind = kernel.variable("application_processors").type.target().target()["current"].type.target()
    low, high = table.type.range()
    found = [ApplicationThread(value) for i in range(low, high + 1)
             for value in kernel.entries(table[i], kind, "hash")]
    return sorted(found, key=lambda thread: thread.id)


def threads():
    return [thread for process in processes() for thread in process.threads()] + application_threads()


def process_find(name):
    """By pid, or by the name of the program, which must be unique."""
    found = [process for process in processes() if name in (str(process.pid), process.program)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Failed(f"several processes run {name}: {', '.join(str(process.pid) for process in found)}")
    raise Failed(f"no process {name}; `castle processes` lists them")


def thread_find(name):
    """By tid, or aN for application thread N."""
    for thread in threads():
        if thread.name == name:
            return thread
    raise Failed(f"no thread {name}; `castle threads` lists them")
