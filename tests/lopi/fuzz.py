"""Damaged object files: each ends in an error message or in a copy, never in a crash or a hang. The tool is
built with AddressSanitizer and UBSan for this."""
import functools
import os
import random

from common import CORPUS, Failed, run, run_both

FILES = 80
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


def fuzz(lopi, seed, compiler, source, options):
    where = lopi.directory(f"fuzz {source} {options}")
    run([compiler, "-w", "-g", *options.split(), "-c", os.path.join(CORPUS, source), "-o",
         "good.o"], where=where)
    with open(os.path.join(where, "good.o"), "rb") as file:
        good = file.read()
    chance = random.Random(f"{seed} {source}")
    for number in range(FILES):
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
    return FILES


def cases(lopi, seed):
    return [(f"damaged files: {source}, {compiler} {options}",
             functools.partial(fuzz, lopi, seed, compiler, source, options))
            for compiler, source, options in SOURCES]
