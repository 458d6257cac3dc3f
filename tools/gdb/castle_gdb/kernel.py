"""Reading the kernel's data. Variables and types are looked up in the kernel's own symbols, since programs may
use the same names; memory is read by physical address, which the kernel maps one to one (Figure 3.2)."""
import struct

import gdb

PAGE_SIZE = 4096
PRESENT, WRITABLE, USER, LARGE, GLOBAL = 1, 2, 4, 0x80, 0x100
SLOT = 0x3fc00000  # arch/ia32/smp/slot.h: the CPU-local page, and the application kernel's two pages on
SLOT_APPKERN = SLOT + 2 * PAGE_SIZE
USER_BASE = 0x40000000
KERNEL_PAGE_END = USER_BASE + PAGE_SIZE
CONTAINER_BASE = 0x80000000
INITIAL_END = 0x80400000


class Failed(gdb.GdbError):
    """What was asked for cannot be had; the text says why."""


def objfile():
    """The kernel's symbols."""
    for candidate in gdb.objfiles():
        if candidate.filename and candidate.filename.endswith("castle.elf"):
            return candidate
    raise Failed("the kernel's symbols are not loaded")


def symbol(name, file=None):
    """The kernel's symbol; `file` tells statics of the same name apart. None: this kernel has none."""
    if file:
        for found in gdb.lookup_static_symbols(name):
            if found.symtab.filename.endswith(file):
                return found
        return None
    return objfile().lookup_global_symbol(name) or objfile().lookup_static_symbol(name)


def variable(name, file=None):
    """A variable that is not CPU-local."""
    found = symbol(name, file)
    if found is None:
        raise Failed(f"this kernel has no {name}")
    return found.value()


def has(name, file=None):
    return symbol(name, file) is not None


def read_word(address):
    return struct.unpack("<I", gdb.selected_inferior().read_memory(address, 4).tobytes())[0]


def read_page(address):
    """The 1,024 words of a page."""
    return struct.unpack("<1024I", gdb.selected_inferior().read_memory(address, PAGE_SIZE).tobytes())


def write_word(address, value):
    gdb.selected_inferior().write_memory(address, struct.pack("<I", value))


def at(address, kind):
    """The structure of this type at an address."""
    return gdb.Value(address).cast(kind.pointer()).dereference()


def address_of(value):
    return int(value.address.cast(gdb.lookup_type("unsigned int")))


def text(value):
    """A character array up to its NUL."""
    return value.string(errors="replace").split("\0")[0]


def offset_of(kind, member):
    return next(field.bitpos // 8 for field in kind.fields() if field.name == member)


def entries(head, kind, member):
    """The structures that hang on a list head, by the member that links them."""
    start = address_of(head)
    if int(head["next"]) == 0:
        return  # not initialised yet
    offset = offset_of(kind, member)
    node = int(head["next"])
    while node != start:
        entry = at(node - offset, kind)
        node = read_word(node)
        yield entry


def enumerator(value, prefix):
    """THREAD_WAITING as waiting."""
    return str(value).replace(prefix, "").lower()


def function_at(address):
    """The name of the kernel function there."""
    block = gdb.block_for_pc(address)
    while block and not block.function:
        block = block.superblock
    return block.function.name if block else f"{address:#x}"


def register(name):
    """A register of the selected processor, as an unsigned number."""
    return int(gdb.parse_and_eval(f"(unsigned int)${name}")) & 0xffffffff
