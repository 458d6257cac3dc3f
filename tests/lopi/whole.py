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
import glob
import itertools
import json
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import Failed, Lopi, TOP, run, run_both, status_of, want  # noqa: E402

HANGS_AFTER = 20
STRATEGIES, PAYLOADS = ["static", "paired", "thesis"], ["calls", "cycles", "callgraph", "counter"]
COMBINATIONS = list(itertools.product(["gcc", "clang"], ["-O0", "-O1", "-O2", "-Os", "-O3"], ["-m32", "-m64"]))
TESTS = "gcc/testsuite/gcc.c-torture/execute"
NOTHING_INSTRUMENTED = 1  # the tool's status
EVERY = 200  # programs, a line is printed
# Whatever the compiler: the driver of clang takes longer to start than the linker to link.
LINK = ["gcc", "-fuse-ld=gold"]


def outcome(command, where):
    """Status and output of a program, or nothing if it runs too long."""
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, timeout=HANGS_AFTER, check=False,
                              stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return None


def build(where, sources, compiler, machine, flags):
    """Compiles and links a program as it is. Returns its object files, or nothing if the compiler does not take it."""
    objects = [f"part{number}.o" for number in range(len(sources))]
    try:
        for source, name in zip(sources, objects):
            run([compiler, machine, "-w", *flags, "-c", source, "-o", name], where=where)
        run([*LINK, machine, *objects, "-lm", "-o", "plain"], where=where)
    except Failed:
        return []
    return objects


def try_program(lopi, where, sources, number, flags=()):
    """A program in the number's combination. Returns in how many strategies it was compared; 0 if it does not work as it is."""
    compiler, level, machine = COMBINATIONS[number % len(COMBINATIONS)]
    objects = build(where, sources, compiler, machine, [level, *flags])
    expected = objects and outcome(["./plain"], where)
    if not expected or expected[0] != 0:
        return 0
    compared = 0
    for turn, strategy in enumerate(STRATEGIES):
        payload = PAYLOADS[(number + turn) % len(PAYLOADS)]
        case = f"{sources[0]}, {compiler} {machine} {level} {' '.join(flags)}, {strategy}, {payload}"
        copies = [f"{name[:-2]}.lopi.o" for name in objects]
        status, _, errors = run_both([lopi.path, "--all", "--quiet", "--strategy", strategy, "--payload", payload, *objects], where)
        if status == NOTHING_INSTRUMENTED:
            continue
        want(status == 0, f"{case}: {errors}")
        run([*LINK, machine, *copies, "liblopi.a", "-lm", "-o", "instrumented"], where=where)
        found = outcome(["./instrumented"], where)
        if found != expected and outcome(["./plain"], where) != expected:
            return 0  # it prints addresses, or the time
        want(found == expected, f"{case}: {expected}, {found}")
        compared += 1
    return compared


class Account:
    """What became of the programs so far: kept in a file, if there is one, after each of them."""

    def __init__(self, path="", goes_on=False):
        self.path, self.done, self.tally, self.bad = path, 0, collections.Counter(), []
        if goes_on and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                kept = json.load(file)
            self.done, self.tally, self.bad = kept["done"], collections.Counter(kept["tally"]), kept["bad"]

    def add(self, try_one):
        """Tries a program, or has what is wrong with it."""
        try:
            compared = try_one()
            self.tally["compared"] += compared
            self.tally["programs" if compared else "left out, since they fail as they are, or differ by themselves"] += 1
        except Failed as problem:
            self.bad.append(str(problem))
            print(problem, flush=True)
        self.done += 1
        self.keep()

    def keep(self):
        if self.path:
            with open(self.path + ".new", "w", encoding="utf-8") as file:
                json.dump({"done": self.done, "tally": self.tally, "bad": self.bad}, file)
            os.rename(self.path + ".new", self.path)

    def __str__(self):
        return f"{self.done}: {dict(self.tally)}, {len(self.bad)} differ"


def try_all(lopi, where, programs, count, account):
    """Tries (sources, flags, number of the combination); goes on after what differs, and fails in the end."""
    for sources, flags, number in itertools.islice(programs, count):
        account.add(lambda: try_program(lopi, where, sources, number, flags))  # pylint: disable=cell-var-from-loop
        if account.done % EVERY == 0:
            print(account, flush=True)
    tally = account.tally
    want(not account.bad, "\n".join([*account.bad, f"{len(account.bad)} programs differ; {dict(tally)}"]))
    want(tally["compared"], "nothing was compared")
    return f"{tally['programs']} programs unchanged in {tally['compared']} instrumented copies; {dict(tally)}"


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
        found = re.findall(r'dg-(?:additional-)?options "([^"]*)" *}', file.read())
    return " ".join(found).split()


def torture_tests(folder):
    """Sources and options of each test; those of builtins have a library and a main program of their own."""
    for source in sorted(glob.glob(f"{folder}/*.c") + glob.glob(f"{folder}/ieee/*.c")):
        yield [source], options_of(source)
    for source in sorted(glob.glob(f"{folder}/builtins/*.c")):
        library = source[:-2] + "-lib.c"
        if os.path.exists(library):
            yield [source, library, f"{folder}/builtins/lib/main.c"], options_of(source)


def torture(lopi, options):
    """In an order that the seed decides, so that a COUNT has something of everything."""
    every = [(sources, flags, number) for sources, flags in torture_tests(fetch_tests(lopi))
             for number in range(len(COMBINATIONS))]
    random.Random(options.seed).shuffle(every)
    account = Account(os.path.join(lopi.build, f"lopi-search/torture-{options.seed}-{options.start}.json"), options.goes_on)
    return every[options.start + account.done:], int(options.arguments[0]) if options.arguments else len(every), account


def csmith(lopi, options):
    """One program after the other, each in another combination."""
    source = os.path.join(lopi.directory(f"csmith {options.seed}"), "random.c")
    includes = ["-I" + path for path in os.environ.get("CSMITH_INCLUDE", "/usr/include/csmith").split(":")]

    def programs():
        for number in itertools.count(options.seed + options.start):
            run([os.environ.get("CSMITH", "csmith"), "--seed", str(number), "--output", source])
            yield [source], includes, number
    return programs(), int(options.arguments[0]) if options.arguments else 100, Account()


def folder_of(_, options):
    """All C files of folders, as programs of one file."""
    sources = sorted(source for folder in options.arguments
                     for source in glob.glob(os.path.join(os.path.abspath(folder), "**/*.c"), recursive=True))
    return (([source], [], number) for number, source in enumerate(sources)), len(sources), Account()


def try_those_of(lopi, options):
    where = lopi.directory(f"whole programs {options.what} {options.seed} {options.start}")
    print(try_all(lopi, where, *{"torture": torture, "csmith": csmith, "folder": folder_of}[options.what](lopi, options)))


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
