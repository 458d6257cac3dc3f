"""Decoding page directories (Figure 3.2 and 3.4)."""
import gdb

from castle_gdb import kernel, model
from castle_gdb.commands import command
from castle_gdb.kernel import Failed

REGIONS = [(0x40000000, "kernel"), (0x80000000, "code packages"), (0x80400000, "initial 4 MB"),
           (0xc0000000, "heap"), (0xff000000, "thread stacks"), (1 << 32, "beyond the programs")]


def packages():
    """The names of the code packages that are boot modules, by the directory entry that their code has to itself."""
    if not kernel.has("packages"):
        return {}
    kind = gdb.lookup_type("struct package")
    return {int(package["code_start"]) >> 22: kernel.text(package["name"])
            for package in kernel.entries(kernel.variable("packages"), kind, "packages")}


def region_of(address, names):
    if kernel.SLOT <= address < kernel.USER_BASE:
        return "CPU-local slot"
    region = next(name for end, name in REGIONS if address < end)
    return f"code of {names[address >> 22]}" if address >> 22 in names else region


def flags_of(entry):
    words = ["user" if entry & kernel.USER else "kernel", "writable" if entry & kernel.WRITABLE else "read-only"]
    words += ["global"] if entry & kernel.GLOBAL else []
    words += ["uncached"] if entry & 0x18 == 0x18 else []
    return " ".join(words)


def describe(entry):
    """What a directory entry leads to, without the address where that is one of many."""
    if entry & kernel.LARGE:
        return f"4 MB pages, {flags_of(entry)}"
    table = entry & ~0xfff
    pages = sum(word & kernel.PRESENT for word in kernel.read_page(table))
    return f"page table {table:08x}: {pages} pages, {flags_of(entry)}"


def runs(directory):
    """(first index, index behind the last, what is there); neighbours that look the same are one run."""
    result, names = [], packages()
    for index, entry in enumerate(kernel.read_page(directory)):
        if not entry & kernel.PRESENT:
            continue
        text = f"{describe(entry)}, {region_of(index << 22, names)}"
        if result and result[-1][1] == index and result[-1][2] == text:
            result[-1] = (result[-1][0], index + 1, text)
        else:
            result.append((index, index + 1, text))
    return result


def directories_of(name):
    """(whose, address) of each page directory that `name`, a process or a CPU as cpuN, has."""
    if name is None:
        cpu = model.this_cpu()
        return [(f"loaded on CPU {cpu.number}", cpu.directory)]
    if name.startswith("cpu"):
        found = [cpu for cpu in model.cpus() if cpu.started and f"cpu{cpu.number}" == name]
        if not found:
            raise Failed(f"no {name} runs the kernel; `castle cpus` lists the processors")
        return [(f"loaded on CPU {found[0].number}", found[0].directory)]
    process = model.process_find(name)
    if not process.container:
        raise Failed(f"process {process.pid} has ended: it has no page directory any more")
    if not process.container.directory:
        raise Failed(f"process {process.pid} runs in the global page directory, with the entry "
                     f"{process.container.initial_entry:08x} for its initial 4 MB")
    return process.container.directories()


def show_walk(directory, address):
    entry = kernel.read_word(directory + 4 * (address >> 22))
    print(f"  directory entry {address >> 22}: {entry:08x}, "
          f"{describe(entry) if entry & kernel.PRESENT else 'absent'}")
    if not entry & kernel.PRESENT or entry & kernel.LARGE:
        return
    page = kernel.read_word((entry & ~0xfff) + 4 * (address >> 12 & 1023))
    print(f"  page table entry {address >> 12 & 1023}: {page:08x}, "
          f"{flags_of(page) if page & kernel.PRESENT else 'absent'}")


@command("directory", "[PROCESS|cpuN] [ADDRESS]")
def show_directory(name=None, address=None):
    """Decodes page directories: those of a process, or the one loaded on a processor; with ADDRESS, the way to it."""
    for whose, directory in directories_of(name):
        print(f"page directory {directory:08x}, {whose}:")
        if address is not None:
            show_walk(directory, int(address, 0))
            continue
        for first, end, text in runs(directory):
            print(f"  {first << 22:08x}-{(end << 22) - 1:08x}  {text}")
