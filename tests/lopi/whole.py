#!/usr/bin/env python3
"""Whole programs, all functions of which are instrumented in each strategy: what they print, and how they end, must not
change. Programs are gcc's own tests of what its code computes (gcc.c-torture/execute, from Debian's source), those of a
generator (csmith), or all C files of folders. Each is built for one combination of compiler, level and word size after
the other, as far as COUNT goes; without COUNT, the tests of gcc are built for all of them.

That takes hours: so the tests of gcc keep an account of how far they are, and --continue goes on there, with COUNT more,
and tells of all.

usage: tests/lopi/whole.py [--build DIR] [--seed N] [--from N | --continue] torture [COUNT] | csmith COUNT | folder FOLDER...
"""
import argparse
import collections
import functools
import glob
import hashlib
import itertools
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import Failed, Lopi, TOP, run, run_both, status_of, want  # noqa: E402

HANGS_AFTER = 20
STRATEGIES, PAYLOADS = ["static", "paired", "thesis"], ["calls", "cycles", "callgraph", "counter"]
COMBINATIONS = list(itertools.product(["gcc", "clang"], ["-O0", "-O1", "-O2", "-Os", "-O3"], ["-m32", "-m64"]))
TESTS = "gcc/testsuite/gcc.c-torture/execute"
NOTHING_INSTRUMENTED = 1  # the tool's status
TOGETHER = 200  # programs, what clang compiles of them for one combination it compiles at once; then a line is printed
LEFT_OUT = "left out, since they fail as they are, or differ by themselves"
NOTHING, OBJECT, PROGRAM = "/dev/null", "OBJECT.o", "PROGRAM"  # in what drivers say


# --- building -----------------------------------------------------------------------------------------------
# Most of what a build takes is the start of drivers, and of clang's library: so the linker, and clang's compiler for many
# sources, are called as their drivers say that they call them.

def said_by(driver):
    """The last command that a driver says it would execute."""
    said = run_both([*driver, "-###"])[2]
    return shlex.split([line for line in said.splitlines() if line.startswith(" ")][-1])


@functools.lru_cache(maxsize=None)
def linking(machine):
    """What gcc has gold do, whatever compiled the objects, without what is for link-time optimisation."""
    command = said_by(["gcc", "-fuse-ld=gold", machine, OBJECT, "-o", PROGRAM])[1:]
    dropped = {place + also for place, one in enumerate(command) if one.startswith("-plugin") for also in range(1 + (one == "-plugin"))}
    return ["ld.gold", *[one for place, one in enumerate(command) if place not in dropped and one != "-fuse-ld=gold"]]


def link(where, machine, objects, program, libraries):
    parts = {OBJECT: [*objects, *libraries], PROGRAM: [program]}
    run([one for part in linking(machine) for one in parts.get(part, [part])], where=where)


def compile_with_clang(where, programs, level, machine):
    """Compiles programs of one source each, as far as it takes them, in the places that compile_one() has."""
    command = said_by(["clang", machine, level, "-w", "-x", "c", "-c", NOTHING, "-o", OBJECT])
    for option in ("-o", "-main-file-name"):
        place = command.index(option)
        del command[place:place + 2]
    links = []
    for source in programs:
        links.append(object_of(source)[:-1] + "c")  # an object comes to lie beside its source
        os.symlink(source, os.path.join(where, links[-1]))
    run_both([*command[:command.index(NOTHING)], *links], where)


def object_of(source):
    """Sources of several folders have the same names."""
    return source.replace("/", "_")[-100:-2] + ".o"


def compile_one(where, source, compiler, machine, flags):
    if not os.path.exists(os.path.join(where, object_of(source))):
        run([compiler, machine, "-w", *flags, "-c", source, "-o", object_of(source)], where=where)
    return object_of(source)


def build(where, sources, compiler, machine, flags):
    """Compiles and links a program as it is. Returns its object files and libraries, or nothing if the compiler does not take it."""
    try:
        objects = [compile_one(where, source, compiler, machine, flags) for source in sources]
        for libraries in ([], ["-lm"]):
            try:
                link(where, machine, objects, "plain", libraries)
                return objects, libraries
            except Failed:
                pass
    except Failed:
        pass
    return [], []


def outcome(command, where):
    """Status and output of a program, or nothing if it runs too long."""
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, timeout=HANGS_AFTER, check=False,
                              stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return None


def digest_of(paths):
    found = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            found.update(hashlib.sha256(file.read()).digest())
    return found.hexdigest()[:20]


# --- comparing ----------------------------------------------------------------------------------------------

def try_program(lopi, where, sources, number, flags, account):
    """Tries a program in the number's combination, and has the account know."""
    compiler, level, machine = COMBINATIONS[number % len(COMBINATIONS)]
    objects, libraries = build(where, sources, compiler, machine, [level, *flags])
    expected = objects and outcome(["./plain"], where)
    if not expected or expected[0] != 0:
        account.add(LEFT_OUT)
        return
    digest = digest_of([os.path.join(where, name) for name in objects])
    if (digest, account.tool) in account.seen:
        account.add("programs", account.seen[digest, account.tool], digest)
        return
    compared, copies = 0, [f"{name[:-2]}.lopi.o" for name in objects]
    for turn, strategy in enumerate(STRATEGIES):
        payload = PAYLOADS[(int(digest[:4], 16) + turn) % len(PAYLOADS)]
        case = f"{sources[0]}, {compiler} {machine} {level} {' '.join(flags)}, {strategy}, {payload}"
        status, _, errors = run_both([lopi.path, "--all", "--quiet", "--strategy", strategy, "--payload", payload, *objects], where)
        if status == NOTHING_INSTRUMENTED:
            continue
        want(status == 0, f"{case}: {errors}")
        link(where, machine, [*copies, "liblopi.a"], "instrumented", libraries)
        found = outcome(["./instrumented"], where)
        if found != expected and outcome(["./plain"], where) != expected:
            account.add(LEFT_OUT)  # it prints addresses, or the time
            return
        want(found == expected, f"{case}: {expected}, {found}")
        compared += 1
    account.add("programs", compared, digest)


class Account:
    """What became of the programs so far: a line for each of them, in a file, if there is one. Levels of optimisation often
    make the same object files of a source: what has been compared of these once by the same tool is not compared again."""

    def __init__(self, tool, path="", goes_on=False):
        self.tool, self.done, self.tally, self.bad, self.seen = tool, 0, collections.Counter(), [], {}
        kept = []
        if path and goes_on and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                kept = [json.loads(line) for line in file]
        self.file = open(path, "w", encoding="utf-8") if path else None  # pylint: disable=consider-using-with
        for line in kept:
            self.note(line)

    def note(self, line):
        """Of a program: what became of it, of how many copies, of which objects, by which tool."""
        what, compared, digest, tool = line
        self.done += 1
        if self.file:
            print(json.dumps(line), file=self.file, flush=True)
        if what not in ("programs", LEFT_OUT):
            self.bad.append(what)
            return
        self.tally[what] += 1
        self.tally["programs of an earlier LOPI"] += tool != self.tool
        if (digest, tool) in self.seen:
            self.tally["programs of the same objects as others"] += 1
        elif digest:
            self.seen[digest, tool] = compared
            self.tally["copies compared"] += compared

    def add(self, what, compared=0, digest=""):
        self.note([what, compared, digest, self.tool])

    def __str__(self):
        return f"{self.done}: {dict(self.tally)}, {len(self.bad)} differ"


def compile_ahead(where, some, number):
    """What clang can compile at once of programs of one combination."""
    shutil.rmtree(where)
    os.makedirs(where)
    compiler, level, machine = COMBINATIONS[number % len(COMBINATIONS)]
    if compiler == "clang":
        compile_with_clang(where, [sources[0] for sources, flags, _ in some if len(sources) == 1 and not flags], level, machine)


def try_all(lopi, where, programs, count, account):
    """Tries (sources, flags, number of the combination); goes on after what differs, and fails in the end."""
    programs = itertools.islice(programs, count)
    while block := list(itertools.islice(programs, TOGETHER - account.done % TOGETHER)):
        for number, some in itertools.groupby(block, key=lambda one: one[2]):
            some = list(some)
            compile_ahead(where, some, number)
            for sources, flags, _ in some:
                try:
                    try_program(lopi, where, sources, number, flags, account)
                except Failed as problem:
                    account.add(str(problem))
                    print(problem, flush=True)
        print(account, flush=True)
    want(not account.bad, "\n".join([*account.bad, str(account)]))
    want(account.tally["copies compared"], "nothing was compared")


# --- where programs come from -------------------------------------------------------------------------------

def fetch_tests(lopi):
    """Debian's source of gcc is an archive in an archive. Returns the folder of the tests."""
    folder = os.path.join(lopi.build, "lopi-search/gcc")
    if not os.path.exists(f"{folder}/fetched"):
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        run([os.path.join(TOP, "uapps/third-party/source"), lopi.build, "gcc-12", folder], patience=10)
        archive = glob.glob(f"{folder}/gcc-12*.tar.xz")[0]
        run(["tar", "-xJf", archive, "-C", folder, "--strip-components=1", "--wildcards", f"*/{TESTS}/*"], patience=10)
        run(["touch", f"{folder}/fetched"])
    return os.path.join(folder, TESTS)


def options_of(source):
    """Those that a test wants on every machine; other compilers' names for them are their own business."""
    with open(source, encoding="utf-8", errors="replace") as file:
        found = re.findall(r'dg-(?:additional-)?options (?:{ )?"([^"]*)" *}', file.read())
    return " ".join(found).split()


def torture_tests(folder):
    """Sources and options of each test; those of builtins have a library and a main program of their own."""
    for source in sorted(glob.glob(f"{folder}/*.c") + glob.glob(f"{folder}/ieee/*.c")):
        yield [source], options_of(source)
    for source in sorted(glob.glob(f"{folder}/builtins/*.c")):
        library = source[:-2] + "-lib.c"
        if os.path.exists(library):
            yield [source, library, f"{folder}/builtins/lib/main.c"], options_of(source)


def tool_of(lopi):
    """The tool and its runtimes, as they are."""
    return digest_of([lopi.path, *sorted(glob.glob(os.path.join(lopi.build, "lopi/runtime*/*.a")))])


def torture(lopi, options):
    """In an order that the seed decides, so that a COUNT has something of everything; but for what clang compiles at once."""
    every = [(sources, flags, number) for sources, flags in torture_tests(fetch_tests(lopi))
             for number in range(len(COMBINATIONS))]
    random.Random(options.seed).shuffle(every)
    every = [one for start in range(0, len(every), TOGETHER)
             for one in sorted(every[start:start + TOGETHER], key=lambda one: one[2])]
    account = Account(tool_of(lopi), os.path.join(lopi.build, f"lopi-search/torture-{options.seed}-{options.start}.json"), options.goes_on)
    return every[options.start + account.done:], int(options.arguments[0]) if options.arguments else len(every), account


def csmith(lopi, options):
    """One program after the other, each in another combination."""
    folder = lopi.directory(f"csmith {options.seed}")
    includes = ["-I" + path for path in os.environ.get("CSMITH_INCLUDE", "/usr/include/csmith").split(":")]

    def programs():
        for number in itertools.count(options.seed + options.start):
            source = os.path.join(folder, f"random{number}.c")
            run([os.environ.get("CSMITH", "csmith"), "--seed", str(number), "--output", source])
            yield [source], includes, number
    return programs(), int(options.arguments[0]) if options.arguments else 100, Account(tool_of(lopi))


def folder_of(lopi, options):
    """All C files of folders, as programs of one file."""
    sources = sorted(source for folder in options.arguments
                     for source in glob.glob(os.path.join(os.path.abspath(folder), "**/*.c"), recursive=True))
    return (([source], [], number) for number, source in enumerate(sources)), len(sources), Account(tool_of(lopi))


def try_those_of(lopi, options):
    where = lopi.directory(f"whole programs {options.what} {options.seed} {options.start}")
    try_all(lopi, where, *{"torture": torture, "csmith": csmith, "folder": folder_of}[options.what](lopi, options))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default="build", help="build tree (build)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="start", type=int, default=0, metavar="N", help="leave out the first N")
    parser.add_argument("--continue", dest="goes_on", action="store_true", help="the tests of gcc: where the last run of this seed stopped")
    parser.add_argument("what", choices=["torture", "csmith", "folder"])
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args()
    return status_of(lambda: try_those_of(Lopi(options.build), options))


if __name__ == "__main__":
    sys.exit(main())
