#!/usr/bin/env python3
"""Damaged object files: each ends in an error message or in a copy, never in a crash or a hang. The tool is
built with AddressSanitizer and UBSan for this."""
import argparse
import functools
import os
import random
import sys

from common import CORPUS, Failed, Lopi, TOP, run, run_both, want

sys.path.insert(0, os.path.join(TOP, "lopi/bench"))
import held_back  # noqa: E402
import programs  # noqa: E402
from commands import Broken  # noqa: E402

FILES = 80
PROGRAMS = [*programs.ALL, *held_back.HELD_BACK]
GOOD_STATUSES = {0, 1, 3}
SOURCES = [("gcc", "control.c", "-m32 -O2 -fPIC"), ("clang", "convention.c", "-m32 -O1 -fno-pic"),
           ("g++", "exceptions.cc", "-m32 -Os -ffunction-sections"), ("gcc", "control.c", "-m64 -O2 -fPIC"),
           ("g++", "exceptions.cc", "-m64 -Os")]


def truncate(data, chance):
    return data[:chance.randrange(len(data))]


def flip(data, chance):
    data = bytearray(data)
    for _ in range(chance.choice([1, 3, 30])):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def overwrite(data, chance):
    """Numbers that break things, in places that matter: the header and the section headers at the end."""
    data = bytearray(data)
    size = len(data)
    for _ in range(chance.choice([1, 2, 8])):
        start = chance.choice([chance.randrange(52), size - 1 - chance.randrange(min(size, 2000)),
                               chance.randrange(size)]) & ~3
        value = chance.choice([0, 1, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, size, size - 4])
        data[start:start + 4] = value.to_bytes(4, "little")
    return bytes(data[:size])


def remove(data, chance):
    start = chance.randrange(len(data))
    return data[:start] + data[start + chance.randrange(1, 64):]


def damage_files(lopi, where, good, chance, count):
    """Gives the tool that many damaged copies of an object file: each must end in an error message, or not matter."""
    for number in range(count):
        damage = chance.choice([truncate, flip, overwrite, overwrite, remove])
        path = os.path.join(where, "damaged.o")
        with open(path, "wb") as file:
            file.write(damage(good, chance))
        strategy = chance.choice(["static", "paired", "thesis"])
        status, _, errors = run_both(
            [lopi.sanitized, "--all", "--quiet", "--strategy", strategy, "--payload",
             chance.choice(["counter", "cycles"]), "--no-library",
             "-o", "out.o", "damaged.o"], where=where)
        if status not in GOOD_STATUSES or (status and "lopi: " not in errors):
            os.rename(path, os.path.join(where, f"bad-{number}.o"))
            raise Failed(f"{where}/bad-{number}.o ({strategy}): status {status}\n{errors[-1500:]}")


def fuzz(lopi, seed, compiler, source, options):
    where = lopi.directory(f"fuzz {source} {options}")
    run([compiler, "-w", "-g", *options.split(), "-c", os.path.join(CORPUS, source), "-o",
         "good.o"], where=where)
    with open(os.path.join(where, "good.o"), "rb") as file:
        damage_files(lopi, where, file.read(), random.Random(f"{seed} {source}"), FILES)
    return FILES


def fuzz_programs(lopi, seed, count):
    """Object files of the ten programs of lopi-bench, taken at random; all that go wrong are said."""
    where, chance, bad = lopi.directory("fuzz programs"), random.Random(seed), []
    objects = [name for kind in PROGRAMS for name in prepare_program(lopi, kind)]
    for number in range(count):
        name = chance.choice(objects)
        with open(name, "rb") as file:
            good = file.read()
        try:
            damage_files(lopi, where, good, random.Random(f"{seed} {number}"), 1)
        except Failed as problem:
            kept = os.path.join(where, f"found-{number}.o")
            os.rename(os.path.join(where, "bad-0.o"), kept)
            bad.append(kept)
            print(f"{name}, {kept}: {problem}", flush=True)
    want(not bad, f"{len(bad)} of {count} damaged files are not refused properly")
    return f"{count} damaged copies of {len(objects)} object files of {len(PROGRAMS)} programs: refused, or not hurt"


def prepare_program(lopi, kind):
    """Compiles a program of lopi-bench (for LOPI_BENCH_MACHINE); returns its object files."""
    program = kind(lopi.build)
    with program.locked():
        program.fetch(lopi.build)
        folder = os.path.join(program.where, "fuzzed")
        program.compile(folder, flags=["-g"])
    return program.objects(folder)


def main():
    """Damages object files of ten programs, and gives them to the tool that is built with sanitizers."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--build", default="build", help="build tree (build)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    try:
        print(fuzz_programs(Lopi(options.build), options.seed, options.count))
    except (Failed, Broken) as problem:
        print(problem)
        return 1
    return 0


def cases(lopi, seed):
    return [(f"damaged files: {source}, {compiler} {options}",
             functools.partial(fuzz, lopi, seed, compiler, source, options))
            for compiler, source, options in SOURCES]


if __name__ == "__main__":
    sys.exit(main())
