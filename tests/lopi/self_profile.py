#!/usr/bin/env python3
"""The kernel's profile of itself, of which LOPI instruments all functions, beside the event log's account of the same run, in
each organisation that runs on one processor: the cycles of calls that nobody instrumented made, and the cycles between each
entry and the exit that follows. They differ by the few instructions that are no function's; more than 2 % is a failure.
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from castle_kernel import make  # noqa: E402
from common import Lopi, TOP, run, status_of, want  # noqa: E402

sys.path.insert(0, os.path.join(TOP, "tools"))
from machines.organisations import CPUS, organisations  # noqa: E402
from timeline import log  # noqa: E402

MOST = 0.02
PROGRAMS = "file -n 1; fault -n 1"  # calls that do not wait: those that do leave their functions for good
PATIENCE = 10


def split(path):
    """What came over COM2: the event log, and LOPI's results."""
    with open(path, "rb") as file:
        data = file.read()
    end = data.rfind(log.END)
    want(end >= 0, "no event log came")
    end += len(log.END)
    with open(path + ".log", "wb") as file:
        file.write(data[:end])
    return log.read(path + ".log"), data[end:].decode("ascii", "replace")


def logged(rings):
    """Entries, and cycles from each to its exit. A thread that waits gives its processor to others before the exit."""
    entries = cycles = 0
    for ring in rings:
        want(ring.lost == 0, f"processor {ring.cpu} has lost {ring.lost} events")
        entered = None
        for event in ring.events:
            if event.name == "KERNEL_ENTER":
                entered = event.time
            elif event.name == "KERNEL_EXIT" and entered is not None:
                entries, cycles, entered = entries + 1, cycles + event.time - entered, None
    return entries, cycles


def profiled(text):
    """The cycles of calls whose caller is not instrumented."""
    want("\nlost 0\n" in text, f"LOPI's results: {text[:80]!r}")
    return sum(int(cycles) for cycles in re.findall(r"^arc \d+ (\d+) - ", text, re.M))


def compare(image, mode, machine, cpus, where):
    """Boots, runs, and prints both; whether they agree."""
    out = os.path.join(where, f"{mode}-{machine}-{cpus}")
    run([os.path.join(TOP, "tools/run"), "--iso", image, "--machine", machine, "--mode", mode, "--smp", str(cpus), "--append",
         "trace=entry", "--com2", out, "--run", PROGRAMS], patience=PATIENCE)
    events, text = split(out)
    entries, cycles = logged(events.rings)
    ratio = profiled(text) / cycles
    good = abs(ratio - 1) <= MOST
    print(f"{mode:12} {machine:7} {cpus} CPU{'s' if cpus > 1 else ' '} {entries:6} entries, {cycles:11} cycles by the log, "
          f"{profiled(text):11} by LOPI: {ratio:.4f}{'' if good else '  more than 2 % off'}", flush=True)
    return good


def compare_all(lopi, modes):
    where = lopi.directory("self profile")
    image = os.path.join(where, "castle-lopi.iso")
    run(make(lopi, image, "kernel", "static", "callgraph", "*"), patience=PATIENCE)
    bad = [mode for mode in modes if not compare(image, mode, "icount", 1, where)]
    want(not bad, f"not within {MOST:.0%}: {', '.join(bad)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default="build", help="build tree (build)")
    alone = ",".join(one.name for one in organisations() if "1" in CPUS[one.processors])
    parser.add_argument("--modes", default=alone, help=f"organisations ({alone})")
    options = parser.parse_args()
    return status_of(lambda: compare_all(Lopi(options.build), options.modes.split(",")))


if __name__ == "__main__":
    sys.exit(main())
