"""What LOPI is compared with must be right, too: source-level instrumentation and -finstrument-functions, as
lopi/bench makes them, count of each function of the corpus the calls that LOPI counts. Without optimisation nothing is
inlined, so that all three see the same calls."""
import functools
import importlib.machinery
import importlib.util
import os
import re
import sys
import types

from common import CORPUS, TOP, functions_of, run, want
from corpus import MODULES

sys.path.insert(0, os.path.join(TOP, "lopi/bench"))
import methods  # noqa: E402
import programs  # noqa: E402
import source  # noqa: E402

# Modules whose functions the program's first thread alone calls, since counts are a thread's own; and which clang, which
# says where functions are, sees as gcc does. Another one has nested functions for gcc.
COMPARED = ["control", "jumps", "through", "storage"]
OTHERS = ["assembly.S", "starts.S", "exceptions.cc"]
UNSEEN = {"outer", "inner.0"}


class Corpus(programs.Program):
    """The corpus as a program to be measured."""
    name = "corpus"
    sources = tuple(f"{name}.c" for name in MODULES)
    flags = ("-O0",)

    def __init__(self, where):  # pylint: disable=super-init-not-called
        self.where, self.source = where, CORPUS

    def compile(self, target, source=None, flags=()):
        super().compile(target, source, flags)
        for name in OTHERS:
            run(["g++", "-m32", "-fno-pic", "-w", "-O0", "-c", os.path.join(CORPUS, name), "-o",
                 os.path.join(target, name + ".o")])

    def link(self, folder, libraries=()):
        run(["g++", "-m32", "-no-pie", *self.objects(folder), *libraries,
             *[os.path.join(folder, f"{name}.o") for name in OTHERS],
             "-lpthread", "-o", os.path.join(folder, "program")])


def lopi_calls(lopi, program):
    """What LOPI counts, of the functions that it can instrument and that are compared."""
    folder = os.path.join(program.where, "none")
    program.compile(folder)
    program.link(folder)
    expected = run([os.path.join(folder, "program")], where=folder)
    out = os.path.join(program.where, "lopi")
    os.makedirs(out)
    lopi("--all", "--quiet", "--payload", "calls", "-d", out, *program.objects(folder))
    run(["cp", *[os.path.join(folder, f"{name}.o") for name in OTHERS], out])
    program.link(out, [os.path.join(out, "liblopi.a")])
    run([os.path.join(out, "program")], where=out, environment={"LOPI_OUT": "lopi.out"})
    files = {f"{name}.c" for name in COMPARED}
    names = {one.name for one in source.definitions(program) if one.file in files}
    calls = functions_of(os.path.join(out, "lopi.out"))
    return expected, {name: calls[name][0] for name in sorted(names & calls.keys())}


def compare(lopi, method):
    program = Corpus(lopi.directory(f"bench {method.name}"))
    expected, calls = lopi_calls(lopi, program)
    want(len(calls) > 30, f"only {len(calls)} functions to compare")
    folder = method.folder(program, "counting")
    method.make(program, folder, list(calls), lopi.path, True)
    printed = run([os.path.join(folder, "program")], where=folder, environment={"LOPI_OUT": "lopi.out"})
    want(printed == expected, "the output differs")
    found = method.calls(program, folder, list(calls))
    wrong = [f"{name}: {found[name]}, LOPI {calls.get(name, 0)}" for name in sorted((calls.keys() | found.keys()) - UNSEEN)
             if found[name] != calls.get(name, 0)]
    want(not wrong, f"calls differ: {'; '.join(wrong[:8])}")
    return len(calls)


# What is linked in an order of its own must be all there; main has a section of its own (.text.startup).
ORDERED = """
extern int other(int n);
static __attribute__((noinline)) int twice(int n) { __asm__ volatile(""); return n + n; }
int main(void) { int sum = 0; for (int n = 0; n < 5; n++) sum += other(twice(n)); return sum != 25; }
"""
OTHER = "int other(int n) { __asm__ volatile(\"\"); return n + 1; }\n"


class Ordered(programs.Program):
    """A program of two files."""
    name, sources = "ordered", ("main.c", "other.c")

    def __init__(self, where):  # pylint: disable=super-init-not-called
        self.where = self.source = where
        self.order = None


def addresses(folder):
    """Where the program's own functions, and LOPI's stubs, are."""
    listing = run(["nm", "-n", os.path.join(folder, "program")])
    return re.findall(r"^\w+ [tT] (main|other|twice|main\.lopi|other\.lopi|twice\.lopi)$", listing, re.M)


def orders(lopi):
    """The sections of code of a program in several orders: it computes the same, and what a copy has in addition does not move the others."""
    program = Ordered(lopi.directory("bench orders"))
    for name, text in zip(program.sources, [ORDERED, OTHER]):
        with open(os.path.join(program.where, name), "w", encoding="ascii") as file:
            file.write(text)
    base, method, found = os.path.join(program.where, "none"), methods.ALL[-1], set()
    program.compile(base)
    for program.order in range(8):
        program.link(base)
        folder = method.folder(program, "ordered")
        method.make(program, folder, ["main", "other", "twice"], lopi.path, True)
        for one in [base, folder]:
            run([os.path.join(one, "program")], where=one, environment={"LOPI_OUT": "lopi.out"})
        calls = {name: number for name, (number, _) in functions_of(os.path.join(folder, "lopi.out")).items()}
        want(calls == {"main": 1, "other": 5, "twice": 5}, f"order {program.order}: {calls}")
        before, after = addresses(base), addresses(folder)
        want(before == [name for name in after if not name.endswith(".lopi")], f"order {program.order}: {before}, {after}")
        found.add(tuple(after))
    want(len(found) > 2, f"eight orders are {len(found)}")
    return 9


def held():
    """What is held is the mean over programs and orders, and more than the bound is a failure."""
    loader = importlib.machinery.SourceFileLoader("run_of_bench", os.path.join(TOP, "lopi/bench/run"))
    bench = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(bench)

    def results(*ratios):
        return {number: types.SimpleNamespace(ratios={bench.STATIC: {bench.SHUFFLED: ratio}}, spread_of_orders={bench.STATIC: (0.9, 1.1)})
                for number, ratio in enumerate(ratios)}
    want(bench.STATIC in [method.name for method in methods.ALL], bench.STATIC)
    want(bench.hold_orders(results(1.03, 0.985), 5), "a mean below the bound")
    want(not bench.hold_orders(results(1.03, 0.995), 5), "a mean above the bound")
    return 3


def cases(lopi):
    return [(f"lopi-bench: {method.name}", functools.partial(compare, lopi, method))
            for method in methods.ALL if not isinstance(method, methods.Lopi)] + [
                ("lopi-bench: orders of linking", functools.partial(orders, lopi)), ("lopi-bench: held to", held)]
