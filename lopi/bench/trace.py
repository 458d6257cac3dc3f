"""Follows a program instruction by instruction (valgrind's lackey) through simulated caches, and keeps what has been
counted at each of its own instructions: those that its functions have as they are, at the same distance from the
function's beginning in every copy, since LOPI leaves code where it is."""
import bisect
import fcntl
import functools
import itertools
import os
import subprocess
import time
from array import array
from collections import namedtuple

from commands import Broken, command

PIPE = 1 << 20  # bytes
LINE, SETS, WAYS = 32, 128, 4  # 16 KB, 4-way: the thesis's, as in counting.py

# An instruction of the program's own, and what has been counted before it.
Step = namedtuple("Step", "function offset instructions data_misses code_misses")


class Cache:
    """A level-1 cache: who was used least recently goes."""

    def __init__(self):
        self.sets = [[] for _ in range(SETS)]
        self.misses = 0
        self.last = None

    def touch(self, address, size):
        first, last = address // LINE, (address + size - 1) // LINE
        if first == last == self.last:  # as most do: it is there, and nothing else was used since
            return
        self.last = last
        for line in range(first, last + 1):
            ways = self.sets[line % SETS]
            if line in ways:
                ways.remove(line)
            else:
                self.misses += 1
                del ways[WAYS - 1:]
            ways.insert(0, line)


class Functions:
    """Where the functions of a program are. One that has a stub of LOPI's for itself begins there, where direct calls
    may go at once; what is at its old place then is a jump to there, and none of the program's own instructions."""

    def __init__(self, path, names):
        listing = path + ".symbols"
        command(["nm", "-S", "--defined-only", path], os.path.dirname(path), listing)
        found, stubs = [], {}
        with open(listing, encoding="utf-8") as lines:
            for words in (line.split() for line in lines):
                name, _, kind = words[-1].rpartition(".")
                if kind == "lopi" and name in names:
                    stubs.setdefault(int(words[0], 16), []).append(name)
                if len(words) == 4 and words[3] in names:
                    found.append((int(words[0], 16), int(words[0], 16) + int(words[1], 16), words[3]))
        self.found = sorted(found)
        self.stubs = {address: owners[0] for address, owners in stubs.items() if len(owners) == 1}
        self.stubbed = set(self.stubs.values())
        self.starts = array("L", [start for start, _, _ in self.found])

    @functools.cache
    def at(self, address):
        """(function, offset) of an instruction; None if it is none of the program's own."""
        if address in self.stubs:
            return self.stubs[address], 0
        index = bisect.bisect_right(self.starts, address) - 1
        if index < 0 or address >= self.found[index][1]:
            return None
        start, _, name = self.found[index]
        return None if address == start and name in self.stubbed else (name, address - start)


def lines(reader):
    """What comes through a pipe. Lackey writes line by line: who waits for each is woken a million times."""
    rest = b""
    with open(reader, "rb", buffering=0) as pipe:
        while block := pipe.read(PIPE):
            *complete, rest = (rest + block).split(b"\n")
            yield from complete
            if len(block) < PIPE // 2:
                time.sleep(0.01)


def events(arguments, where, environment):
    """(kind, address, size) of each access: I, L, S or M, as lackey prints them."""
    reader, writer = os.pipe()
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, PIPE)
    with subprocess.Popen(["valgrind", "-q", "--tool=lackey", "--trace-mem=yes", f"--log-fd={writer}", *arguments],
                          cwd=where, stdout=subprocess.DEVNULL, pass_fds=[writer], env=environment) as child:
        os.close(writer)
        try:
            for line in lines(reader):
                address, comma, size = line[3:].partition(b",")
                if comma:
                    yield line[:2].strip().decode(), int(address, 16), int(size)
        finally:
            child.kill()  # whoever has seen enough closes this generator


def steps(accesses, functions):
    """The program's own instructions, one after another."""
    code, data, instructions = Cache(), Cache(), 0
    for kind, address, size in accesses:
        if kind != "I":
            data.touch(address, size)
            continue
        own = functions.at(address)
        if own:
            yield Step(*own, instructions, data.misses, code.misses)
        instructions += 1
        code.touch(address, size)


def window(steps_of_program, function, call, length):
    """So many instructions from the CALL-th call of a function."""
    for step in steps_of_program:
        if step.function == function and step.offset == 0:
            call -= 1
            if call == 0:
                return [step, *itertools.islice(steps_of_program, length - 1)]
    raise Broken(f"{function} is not called so often")


def matched(plain, instrumented, reach=64):
    """Pairs an instrumented program's instructions with those of the program as it is: (place in the program as it
    is, its step, the other's). What LOPI has moved to a stub is passed over: it is not at its place any more; and so
    is what it has put in the place."""
    place, known = 0, {step[:2] for step in plain}
    for step in instrumented:
        wanted = step[:2]
        if wanted not in known:
            continue
        found = next((index for index in range(place, min(place + reach, len(plain)))
                      if plain[index][:2] == wanted), None)
        if found is None and place + reach >= len(plain):
            return
        if found is None:
            raise Broken(f"the courses differ at {step.function}+{step.offset}")
        yield found, plain[found], step
        place = found + 1
