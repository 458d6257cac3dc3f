#!/usr/bin/env python3
"""Searches for wrong rewriting: random functions run beside plain copies of themselves, and whole programs, from a
generator or from a folder, instrumented in each strategy, whose output must not change.

usage: tests/lopi/search.py [--build DIR] functions COUNT | programs FOLDER... | csmith COUNT [--seed N]
"""
import argparse
import collections
import functools
import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import Failed, Lopi, TOP, functions_of, run, run_both, want  # noqa: E402

FOLDER = os.path.join(TOP, "tests/lopi/search")
STRATEGIES, PAYLOADS = ["static", "paired", "thesis"], ["calls", "cycles", "counter", "trace"]
A_BATCH, ROUNDS = 2000, 4
PROGRAM_HANGS_AFTER = 20
LEVELS = ["-O0", "-O1", "-O2", "-Os", "-O3"]


def kinds():
    """Word sizes, and whether functions follow compilers' rules."""
    return [(machine, signed) for machine in ["-m32", "-m64"] for signed in ["1", "0"]]


def prepare(lopi, where):
    run(["gcc", "-O2", os.path.join(FOLDER, "generate.c"), "-lZydis", "-o", "generate"], where=where)
    for machine in ["-m32", "-m64"]:
        run(["gcc", machine, "-O2", "-fno-pic", "-c", os.path.join(FOLDER, "sides.c"), "-o", f"sides{machine}.o"], where=where)
        run(["gcc", machine, "-c", os.path.join(FOLDER, "sides.S"), "-o", f"calls{machine}.o"], where=where)


def try_functions(lopi, where, seed, machine, signed, count):
    """One batch in each strategy; the payloads take turns. Returns how many functions each strategy has instrumented."""
    with open(os.path.join(where, "random.S"), "w", encoding="ascii") as file:
        file.write(run(["./generate", machine[2:], str(seed), str(count), signed], where=where))
    run(["gcc", machine, "-c", "-DTABLE", "-DNAME(x)=f##x", "random.S", "-o", "functions.o"], where=where)
    run(["gcc", machine, "-c", "-DNAME(x)=p##x", "random.S", "-o", "plain.o"], where=where)
    tried = {}
    for number, strategy in enumerate(STRATEGIES):
        payload = PAYLOADS[(seed + number) % len(PAYLOADS)]
        lopi("--all", "--quiet", "--strategy", strategy, "--payload", payload, "-o", "instrumented.o", "functions.o", where=where)
        run(["gcc", machine, "-no-pie", "instrumented.o", "plain.o", f"sides{machine}.o", f"calls{machine}.o", "liblopi.a",
             "-o", "program"], where=where)
        status, printed, errors = run_both(["./program", str(seed), str(ROUNDS), signed], where=where)
        want(status == 0, f"seed {seed} {machine} {signed}, {strategy}, {payload}: status {status}: {printed[-500:]}{errors}")
        calls = {name: number for name, (number, _) in functions_of(os.path.join(where, "lopi.out")).items()
                 if name.startswith("f")}
        wrong = {name: number for name, number in calls.items() if number != ROUNDS}
        want(payload == "counter" or not wrong, f"seed {seed} {machine} {signed}, {strategy}, {payload}: calls {wrong}")
        tried[strategy] = len(calls)
    return tried


def some_functions(lopi, machine, signed):
    """The sample for `make check`."""
    where = lopi.directory(f"functions {machine} {signed}")
    prepare(lopi, where)
    want(sum(try_functions(lopi, where, 1, machine, signed, 600).values()) > 600, "few functions were instrumented")
    return len(STRATEGIES)


def search_functions(lopi, seed, count):
    """Goes on until each strategy has had that many functions, of all kinds."""
    where, tried = lopi.directory(f"search functions {seed}"), collections.Counter({strategy: 0 for strategy in STRATEGIES})
    prepare(lopi, where)
    while min(tried.values()) < count:
        machine, signed = kinds()[seed % 4]
        tried.update(try_functions(lopi, where, seed, machine, signed, A_BATCH))
        seed += 1
        if seed % 20 == 0:
            print(f"seed {seed}: {tried}", flush=True)
    return f"{dict(tried)} instrumented functions, equal to their copies; seeds up to {seed - 1}"


# --- whole programs -----------------------------------------------------------------------------------------

def outcome(command, where):
    """Status and output of a program, or nothing if it runs too long."""
    try:
        done = subprocess.run(command, cwd=where, capture_output=True, timeout=PROGRAM_HANGS_AFTER, check=False,
                              stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        return None


def try_program(lopi, where, source, number, includes=()):
    """Compiles one program, one level, compiler and word size in turn; true if it could be compared."""
    machine, level = ["-m32", "-m64"][number % 2], LEVELS[number // 2 % len(LEVELS)]
    compiler = ["gcc", "clang"][number // 10 % 2]
    try:
        run([compiler, machine, level, "-w", *includes, "-c", source, "-o", "program.o"], where=where)
        run([compiler, machine, "program.o", "-lm", "-o", "plain"], where=where)
    except Failed:
        return False
    expected = outcome(["./plain"], where)
    if expected is None or expected[0] not in (0, 1):
        return False
    for turn, strategy in enumerate(STRATEGIES):
        payload = ["calls", "cycles", "callgraph", "counter"][(number + turn) % 4]
        lopi("--all", "--quiet", "--strategy", strategy, "--payload", payload, "program.o", where=where)
        run([compiler, machine, "program.lopi.o", "liblopi.a", "-lm", "-o", "instrumented"], where=where)
        found = outcome(["./instrumented"], where)
        want(found == expected, f"{source}, {compiler} {machine} {level}, {strategy}, {payload}: {expected}, {found}")
    return True


def search_programs(lopi, folders):
    where = lopi.directory("search programs")
    sources = sorted(source for folder in folders for source in glob.glob(os.path.join(os.path.abspath(folder), "**/*.c"),
                                                                         recursive=True))
    bad, tried = [], 0
    for number, source in enumerate(sources):
        try:
            tried += try_program(lopi, where, source, number)
        except Failed as problem:
            bad.append(str(problem))
            print(problem, flush=True)
    want(not bad, f"{len(bad)} of {tried} programs differ")
    return f"{tried} programs of {len(sources)}, unchanged in each strategy"


def search_csmith(lopi, seed, count):
    where, tried = lopi.directory("search csmith"), 0
    includes = [f"-I{path}" for path in os.environ.get("CSMITH_INCLUDE", "/usr/include/csmith").split(":")]
    for number in range(seed, seed + count):
        run([os.environ.get("CSMITH", "csmith"), "--seed", str(number), "--output", "random.c"], where=where)
        tried += try_program(lopi, where, "random.c", number, includes)
    return f"{tried} programs of {count}, unchanged in each strategy"


def cases(lopi):
    return [(f"random functions: {machine}, {'a compiler' if signed == '1' else 'hand-written'}",
             functools.partial(some_functions, lopi, machine, signed)) for machine, signed in kinds()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default="build", help="build tree (build)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("what", choices=["functions", "programs", "csmith"])
    parser.add_argument("arguments", nargs="+")
    options = parser.parse_args()
    lopi = Lopi(options.build)
    try:
        if options.what == "programs":
            print(search_programs(lopi, options.arguments))
        else:
            search = {"functions": search_functions, "csmith": search_csmith}[options.what]
            print(search(lopi, options.seed, int(options.arguments[0])))
    except Failed as problem:
        print(problem)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
