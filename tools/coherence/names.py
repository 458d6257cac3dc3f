"""Names for addresses: kernel symbols, fields of slab objects, variables of programs, instructions."""
import bisect
import functools
import os
import re
import subprocess

from coherence import TOP, Unfit

USER_BASE, SLOT_SIZE, CODE_END = 0x40000000, 0x400000, 0x80000000  # castle/address_map.h
STACK, DATA, THREAD_STACKS, THREAD_STACK_SIZE = 0x80001000, 0x80100000, 0xC0000000, 0x40000
PAGE, LINE = 4096, 64
SLAB_HEADER = 20  # sizeof(struct slab), kernel/mem/slab.c
# Caches whose name is not that of their type.
TYPES = {"app thread": "application_thread", "signal": "signal_actions"}


class Symbols:
    """Those of an ELF file, by address."""

    def __init__(self, path):
        if not os.path.exists(path):
            raise Unfit(f"no {os.path.relpath(path, TOP)}: run `make iso` first")
        self.path = path
        listed = subprocess.run(["nm", "-S", "--defined-only", path], stdout=subprocess.PIPE, text=True, check=True)
        found = [line.split() for line in listed.stdout.splitlines()]
        self.symbols = sorted({(int(words[0], 16), int(words[1], 16), words[3]) for words in found
                               if len(words) == 4} |
                              {(int(words[0], 16), 0, words[2]) for words in found if len(words) == 3 and words[1] in "tT"})
        self.starts = [symbol[0] for symbol in self.symbols]

    @staticmethod
    @functools.cache
    def of_program(build, name):
        return Symbols(os.path.join(build, "programs", name))

    def address(self, name):
        """Of a symbol that must be there."""
        found = next((start for start, _, symbol in self.symbols if symbol == name), None)
        if found is None:
            raise Unfit(f"{os.path.relpath(self.path, TOP)} has no {name}")
        return found

    def range(self, name):
        """(start, end) of a symbol; None if it is not there."""
        return next(((start, start + size) for start, size, symbol in self.symbols if symbol == name), None)

    def find(self, address):
        """(symbol, offset); None where there is none."""
        place = bisect.bisect_right(self.starts, address) - 1
        # Several may begin there, and one may lie in another: the first from behind that reaches this far.
        while place >= 0 and self.starts[place] > address - 0x10000:
            start, size, name = self.symbols[place]
            if address < start + size or (not size and address - start < PAGE):
                return name, address - start
            place -= 1
        return None


def slots_of(build):
    """{program: the start of its code package}."""
    path = os.path.join(build, "packages", "slots")
    if not os.path.exists(path):
        raise Unfit("no programs: run `make iso` first")
    with open(path, encoding="ascii") as file:
        return {name: USER_BASE + int(slot) * SLOT_SIZE for name, slot in (line.split() for line in file)}


def with_offset(name, offset):
    return f"{name}+{offset:#x}" if offset else name


class Names:
    """Answers what an address is called, in a kernel and its programs."""

    def __init__(self, build):
        self.build = build
        self.kernel = Symbols(os.path.join(build, "kernel", "castle.elf"))
        self.programs = {start: name for name, start in slots_of(build).items()}
        self.fields = Fields(self.kernel.path)

    def program_at(self, code):
        return self.programs.get(code - code % SLOT_SIZE)

    @functools.cache
    def instruction(self, code):
        """The function that an instruction is in."""
        if code < USER_BASE:
            found = self.kernel.find(code)
            return with_offset(*found) if found else f"{code:#x}"
        program = self.program_at(code)
        found = program and Symbols.of_program(self.build, program).find(code)
        if found:
            return f"{program}: {with_offset(*found)}"
        return "kernel page" if code < USER_BASE + SLOT_SIZE else f"{program or 'user'}: {code:#x}"

    def line(self, line):
        """What a contended line holds, at the first byte that processors fight over."""
        offset = first_byte(line)
        programs = [name for name in (self.program_at(site[1]) for site in line["sites"] if site[1] >= USER_BASE) if name]
        if line["virtual"] >= USER_BASE:
            return self.of_program(max(programs, key=programs.count) if programs else "", line["virtual"] + offset)
        return self.of_kernel(line, offset)

    def of_program(self, program, address):
        found = program and DATA <= address < THREAD_STACKS and Symbols.of_program(self.build, program).find(address)
        if found:
            what = with_offset(*found)
        elif address >= THREAD_STACKS:
            what = f"stack of thread {(address - THREAD_STACKS) // THREAD_STACK_SIZE + 2}"
        elif STACK <= address < DATA:
            what = f"stack {address:#x}"
        else:
            what = f"{'heap' if address >= DATA else 'code'} {address:#x}"
        return f"{program or 'user'}: {what}"

    def of_kernel(self, line, offset):
        address = line["address"] + offset
        found = self.kernel.find(address) or (line["virtual"] and self.kernel.find(line["virtual"] + offset))
        if found:
            name, inside = found
            return self.fields.of_symbol(name, inside) or with_offset(name, inside)
        slab = line.get("slab")
        cache = slab and self.kernel.find(slab["cache"])
        if not cache or slab["size"] < 4 or "cache" not in cache[0]:
            return f"page {address & -PAGE:#x}+{address % PAGE:#x}"
        inside = address % PAGE - -(-SLAB_HEADER // slab["align"]) * slab["align"]
        if inside < 0:
            return f"header of a slab of {slab['name']}"
        inside %= slab["size"]
        name = TYPES.get(slab["name"], slab["name"])
        return f"slab {self.fields.of_type(name, inside) or with_offset(slab['name'], inside)}"


def first_byte(line):
    """The first byte that one processor wrote and another touched; of false sharing, the first written."""
    holders = [(int(one["read"], 16), int(one["written"], 16)) for one in line["holders"]]
    shared = 0
    for number, (_, written) in enumerate(holders):
        for other, (read, also) in enumerate(holders):
            if other != number:
                shared |= written & (read | also)
    shared = shared or functools.reduce(lambda mask, holder: mask | holder[1], holders, 0)
    return (shared & -shared).bit_length() - 1 if shared else 0


class Fields:
    """The fields of the kernel's types, as GDB reads them from its debugging information."""

    # `/* 12 | 4 */ type name;`, with a bit's place behind a colon; nested types end with `} name;`.
    LINE = re.compile(r"^/\*\s*(?:(\d+)(?::\s*\d+)?\s*\|)?\s*(\d+)\s*\*/(\s+)(.*)$")

    def __init__(self, elf):
        self.elf = elf

    def ask(self, what):
        done = subprocess.run(["gdb", "-batch", "-nx", "-ex", "set width 0", "-ex", f"ptype /o {what}", self.elf],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        return done.stdout

    @functools.cache
    def of_what(self, what):
        """[(offset, size, name)] of the outermost fields."""
        fields, depth = [], 0
        for text in self.ask(what).splitlines():
            found = self.LINE.match(text)
            body = found.group(4) if found else text.strip().removeprefix("/* offset      |    size */").strip()
            opens, closes = body.count("{"), body.count("}")
            if found and found.group(1) and depth == 1 and not closes:
                name = re.search(r"(\w+)\)?(?:\[\d+\])*(?:\(.*\))?(?: : \d+)?;", body)
                fields.append([int(found.group(1)), int(found.group(2)), name.group(1) if name and not opens else ""])
            depth += opens - closes
            if closes and depth == 1 and fields:
                name = re.search(r"\}\s*(\w+)", body)
                fields[-1][2] = name.group(1) if name else fields[-1][2]
        return fields

    def field_at(self, what, offset):
        return next((name for start, size, name in self.of_what(what) if start <= offset < start + size and name), None)

    def of_type(self, name, offset):
        field = self.field_at(f"struct {name}", offset)
        return f"{name}.{field}" if field else None

    def of_symbol(self, name, offset):
        field = self.field_at(f"'{name}'", offset) if re.fullmatch(r"\w+", name) else None
        return f"{name}.{field}" if field else None
