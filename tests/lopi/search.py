#!/usr/bin/env python3
"""Searches for wrong rewriting: random functions run beside plain copies of themselves. Whole programs are whole.py's.

usage: tests/lopi/search.py [--build DIR] [--seed N] COUNT
"""
import argparse
import collections
import functools
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import Lopi, TOP, functions_of, run, run_both, status_of, want  # noqa: E402

FOLDER = os.path.join(TOP, "tests/lopi/search")
STRATEGIES, PAYLOADS = ["static", "paired", "thesis"], ["calls", "cycles", "counter", "trace"]
A_BATCH, ROUNDS = 2000, 4
# Seeds with functions that were rewritten wrongly once, and of which kind.
ONCE_WRONG = [(30001, "-m32", "0"), (40006, "-m64", "1")]


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


def some_functions(lopi, seed, machine, signed, count):
    """The sample for `make check`."""
    where = lopi.directory(f"functions {seed} {machine} {signed}")
    prepare(lopi, where)
    want(sum(try_functions(lopi, where, seed, machine, signed, count).values()) > count, "few functions were instrumented")
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


def cases(lopi):
    samples = [(1, *kind, 600) for kind in kinds()] + [(*one, A_BATCH) for one in ONCE_WRONG]
    return [(f"random functions: {machine}, {'a compiler' if signed == '1' else 'hand-written'}, seed {seed}",
             functools.partial(some_functions, lopi, seed, machine, signed, count)) for seed, machine, signed, count in samples]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default="build", help="build tree (build)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("count", type=int, help="of functions that each strategy is to have")
    options = parser.parse_args()
    return status_of(lambda: print(search_functions(Lopi(options.build), options.seed, options.count)))


if __name__ == "__main__":
    sys.exit(main())
