"""What LOPI is compared with must be right, too: source-level instrumentation and -finstrument-functions, as
lopi/bench makes them, count of each function of the corpus the calls that LOPI counts. Without optimisation nothing is
inlined, so that all three see the same calls."""
import functools
import os
import sys

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


def cases(lopi):
    return [(f"lopi-bench: {method.name}", functools.partial(compare, lopi, method))
            for method in methods.ALL if not isinstance(method, methods.Lopi)]
