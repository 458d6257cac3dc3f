"""The ways to instrument that are compared: each makes an instrumented copy of a program in a folder of its own. All
have the same payload (read a 4-byte value on entry, accumulate on exit, for each function) in the same functions. A
copy can be made to count calls instead, which is how they are checked."""
import os
import re
import shutil
from collections import Counter

import source
from commands import MACHINE, TOP, command

BENCH = os.path.join(TOP, "lopi/bench")
RUNTIME_CC = ["gcc", MACHINE, "-O2", "-fno-pic", "-Wall", "-Wextra", "-Werror", "-c"]


class Method:
    """A way to instrument. `symbols` are those of the program as it is, as the profile names them."""
    counts = True  # a copy can be made that counts calls,
    checked = True  # which are those of callgrind
    missing = None  # why it cannot be measured here

    def __init__(self, name):
        self.name = name

    def folder(self, program, purpose):
        """An empty folder for a copy."""
        path = os.path.join(program.where, re.sub(r"\W+", "-", f"{self.name} {purpose}").strip("-"))
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        return path

    def around(self, folder):
        """The command that a copy is run by, if it is not run by itself."""
        return []

    def make(self, program, folder, symbols, lopi, counting):
        raise NotImplementedError

    def calls(self, program, folder, symbols):
        """Calls of each function, from what a counting copy has written to lopi.out."""
        raise NotImplementedError


class Lopi(Method):
    """The object files of the program as it is, rewritten."""
    def __init__(self, strategy, name):
        super().__init__(name)
        self.strategy = strategy

    def make(self, program, folder, symbols, lopi, counting):
        command([lopi, "-fn", ",".join(symbols), "--strategy", self.strategy, "--quiet", "-d", folder,
                 "--payload", "calls" if counting else "counter",
                 *program.objects(os.path.join(program.where, "none"))], program.where)
        program.link(folder, [os.path.join(folder, "liblopi.a")])

    def calls(self, program, folder, symbols):
        calls = Counter()
        with open(os.path.join(folder, "lopi.out"), encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("function "):
                    words = line.rstrip("\n").split(" ", 6)
                    calls[words[6]] += int(words[2])
        return calls


class Source(Method):
    """The source with the payload at each opening brace and exit; inlined, or calls of two functions."""
    def __init__(self, how, name):
        super().__init__(name)
        self.how = how

    def make(self, program, folder, symbols, lopi, counting):
        copy = os.path.join(folder, "source")
        source.with_payload(program, copy, source_names(symbols))
        flags = [f"-DLOPI_BENCH_{self.how}", *(["-DLOPI_BENCH_COUNT"] if counting else [])]
        program.compile(folder, copy, [*flags, "-include", os.path.join(BENCH, "source.h")])
        runtime = os.path.join(folder, "runtime.o")
        command([*RUNTIME_CC, *flags, os.path.join(BENCH, "source.c"), "-o", runtime], program.where)
        program.link(folder, [runtime])

    def calls(self, program, folder, symbols):
        names = source_names(symbols)
        return Counter({names[number]: calls for number, calls in pairs(folder) if number < len(names)})


class Compiler(Method):
    """What gcc inserts, in the same functions: all others have an attribute that excepts them. What it inserts is told
    a function's address alone."""
    def __init__(self, name, flags, attribute="no_instrument_function", handlers=("handlers.c",)):
        super().__init__(name)
        self.flags, self.attribute, self.handlers = flags, attribute, handlers

    def make(self, program, folder, symbols, lopi, counting):
        copy = os.path.join(folder, "source")
        source.with_exceptions(program, copy, source_names(symbols), self.attribute)
        program.compile(folder, copy, self.flags)
        runtime = [os.path.join(folder, f"{name}.o") for name in self.handlers]
        for name, path in zip(self.handlers, runtime):
            command([*RUNTIME_CC, *(["-DLOPI_BENCH_COUNT"] if counting else []), os.path.join(BENCH, name), "-o", path],
                    program.where)
        program.link(folder, runtime)

    def calls(self, program, folder, symbols):
        """Those of functions that should not be there, too: they have the names of their symbols."""
        listing = os.path.join(folder, "symbols")
        command(["nm", "--defined-only", os.path.join(folder, "program")], folder, listing)
        slots = {}
        with open(listing, encoding="utf-8") as lines:
            for address, kind, name in (line.split() for line in lines):
                if kind in "tTwW":
                    slots.setdefault(int(address, 16) // 16 % 65536, source.source_name(name))
        calls = Counter()
        for slot, count in pairs(folder):
            calls[slots.get(slot, f"slot {slot}")] += count
        return calls


class Entries(Compiler):
    """What is told of entries alone, and only of functions that are not inlined: so its calls are nobody else's."""
    checked = False


class Room(Compiler):
    """Instructions that do nothing, which somebody might overwrite while the program runs: what they cost until then.
    They count nothing, so that their calls are those of the program as it is."""
    counts = False


class Uftrace(Compiler):
    """Calls of uftrace's library, which another process writes to files: every call is recorded, with its times. The
    functions are those that -pg tells of, which are not inlined."""
    checked = False

    def __init__(self):
        super().__init__("uftrace, recording", ["-pg", "-mfentry"], handlers=())
        if not shutil.which("uftrace"):
            self.missing = "not installed"
        elif MACHINE == "-m32":
            self.missing = "Debian's package has its library for the machine's own word size alone"

    def around(self, folder):
        return ["uftrace", "record", "--force", "--no-libcall", "--no-event", "-d", os.path.join(folder, "uftrace.data"), "--"]

    def calls(self, program, folder, symbols):
        listing = os.path.join(folder, "report")
        command(["uftrace", "report", "--no-pager", "-d", os.path.join(folder, "uftrace.data"), "-f", "call"], folder, listing)
        names = set(source_names(symbols))
        with open(listing, encoding="utf-8") as lines:
            found = Counter()
            for count, name in (line.split() for line in lines if len(line.split()) == 2):
                found[source.source_name(name)] += int(count) if source.source_name(name) in names else 0
            return found


class Missing(Method):
    """One that people would look for."""
    def __init__(self, name, why):
        super().__init__(name)
        self.missing = why


class Off(Lopi):
    """Functions that can be switched on, and are not. They count nothing, either."""
    counts = False

    def __init__(self):
        super().__init__("static", "LOPI, switched off")

    def make(self, program, folder, symbols, lopi, counting):
        command([lopi, "-fn", ",".join(symbols), "--switched", "--keep-going", "--quiet", "-d", folder, "--payload", "calls",
                 *program.objects(os.path.join(program.where, "none"))], program.where)
        program.link(folder, [os.path.join(folder, "liblopi.a")])


def source_names(symbols):
    return sorted({source.source_name(symbol) for symbol in symbols})


def pairs(folder):
    with open(os.path.join(folder, "lopi.out"), encoding="ascii") as lines:
        return [tuple(int(word) for word in line.split()) for line in lines]


ALL = [
    Source("INLINE", "source, inlined"),
    Source("CALL", "source, called"),
    Compiler("-finstrument-functions", ["-finstrument-functions", "-finstrument-functions-exclude-file-list=/usr/"]),
    Lopi("thesis", "LOPI, thesis"),
    Lopi("paired", "LOPI, paired"),
    Lopi("static", "LOPI, static exits"),
]

# Those that do not do the same: what they leave out is in their names.
OTHERS = [
    Entries("-pg -mfentry, entries", ["-pg", "-mfentry"], handlers=("handlers.c", "fentry.S")),
    Uftrace(),
    Missing("Dyninst", "Debian has no package of it"),
    Off(),
    Room("-fpatchable-function-entry=5", ["-fpatchable-function-entry=5"], "patchable_function_entry(0)", ()),
]
