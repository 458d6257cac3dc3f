#!/usr/bin/env python3
"""The kernel's profile of itself, of which LOPI instruments all functions, beside the event log's account of the same run, in
each organisation that runs on one processor, or in those that are asked for, on several: the cycles of calls that nobody
instrumented made, and the cycles between each entry and the exit that follows. More than 2 % between them is a failure.

The log has, of each entry, what no function's clock sees: the entry's assembly, and LOPI's own way to the clock and from it in the
outermost calls, of which organisations have two to five an entry. How much that is, a run says in which hardly anything
happens between entry and exit (getpid): so much an entry is added to LOPI's account of the other run.

A partition's kernel is linked of the uniprocessor kernel's very object files, as they are, and of a few of its own, and has no
serial line to itself. `partitioned` is therefore what these object files, instrumented, say as the uniprocessor kernel.
"""
import argparse
import collections
import glob
import json
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
EMPTY = "getpid -n 1"
BEGINS = {"application_schedule", "schedule_traced"}  # where an application processor begins: returns from no entry
# What no program has entered, on several processors: the master stays in its kernel, and slaves come to it.
UNENTERED = {"masterslave": {"kernel_exit_work_run"}}
PARTITIONED = "partitioned"
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


class Logged:
    """Entries, cycles from each to its exit, and those of them in which the processor was idle. A thread that waits gives its
    processor to others before the exit."""

    def __init__(self, rings):
        self.entries = self.cycles = self.idle = 0
        for ring in rings:
            want(ring.lost == 0, f"processor {ring.cpu} has lost {ring.lost} events")
            self.add(ring.events)

    def add(self, events):
        entered, idle = None, 0
        for event, following in zip(events, [*events[1:], events[-1]]):
            if event.name == "KERNEL_ENTER":
                entered, idle = event.time, 0
            elif event.name == "IDLE_BEGIN":
                idle += following.time - event.time
            elif event.name == "KERNEL_EXIT" and entered is not None:
                self.entries, self.cycles, self.idle = self.entries + 1, self.cycles + event.time - entered, self.idle + idle
                entered = None


def profiled(text, left_out):
    """The cycles of calls whose caller is not instrumented."""
    want("\nlost 0\n" in text, f"LOPI's results: {text[:80]!r}")
    return sum(int(cycles) for cycles, name in re.findall(r"^arc \d+ (\d+) - (.*)$", text, re.M) if name not in left_out)


def boot(image, mode, cpus, programs, out, *append):
    run([os.path.join(TOP, "tools/run"), "--iso", image, "--machine", "icount" if cpus == 1 else "bochs",
         "--mode", "up" if mode == PARTITIONED else mode,
         "--smp", str(cpus), *append, "--com2", out, "--run", programs], patience=PATIENCE)


class Run:
    """A boot that runs the programs: the log's account, and LOPI's."""

    def __init__(self, image, mode, cpus, programs, out):
        boot(image, mode, cpus, programs, out, "--append", "trace=entry,sched")
        events, self.text = split(out)
        left_out = BEGINS | (UNENTERED.get(mode, set()) if cpus > 1 else set())
        self.log, self.cycles = Logged(events.rings), profiled(self.text, left_out)
        want(self.log.entries > 0, "the log has no exit that follows an entry on the same processor")


def objects_of(build, kernel):
    """The object files of a kernel, by their paths in its folder."""
    folder = os.path.join(build, kernel)
    return {os.path.relpath(path, folder): path for path in sorted(glob.glob(os.path.join(folder, "**", "*.o"), recursive=True))}


def kernel_of(mode):
    return "kernel-up" if mode == PARTITIONED else "kernel"


def look_at_partition(build):
    """What partitions are linked of, kernel-plain, must be what is measured, byte for byte."""
    parts, measured = objects_of(build, "kernel-plain"), objects_of(build, kernel_of(PARTITIONED))
    want(parts, "no object files of a partition's kernel")
    for name, path in parts.items():
        with open(path, "rb") as one, open(measured.get(name, os.devnull), "rb") as other:
            want(one.read() == other.read(), f"{name}: a partition's is not the uniprocessor kernel's")


def folders(build, kernel):
    """In which of the kernel's folders each function is; of two of one name, in the first."""
    found = {}
    for name, path in objects_of(build, kernel).items():
        parts = name.split(os.sep)
        for line in run(["nm", "--defined-only", path]).splitlines():
            if line.split()[1] in "tT":
                found.setdefault(line.split()[2], "/".join(parts[:2]) if parts[0] == "kernel" else parts[0])
    return found


def record(mode, cpus, metric, value, unit, **parameters):
    print("@castle " + json.dumps({"bench": "kernel profile", "metric": metric, "value": round(value, 4), "unit": unit, "mode": mode,
                                   "cpus": cpus, "machine": "icount" if cpus == 1 else "bochs", **parameters}), flush=True)


def record_profile(image, mode, cpus, out, where_of):
    """Calls, and cycles without those of other functions, by folder, of a boot without the event log."""
    calls, cycles = collections.Counter(), collections.Counter()
    boot(image, mode, cpus, PROGRAMS, out)
    with open(out, encoding="ascii", errors="replace") as file:
        lines = file.read().splitlines()
    for line in lines:
        if line.startswith("function "):
            _, _, count, _, own, _, name = line.split(" ", 6)
            folder = where_of.get(name.split(".")[0], "elsewhere")
            calls[folder] += int(count)
            cycles[folder] += int(own)
    for folder in sorted(calls):
        record(mode, cpus, "calls", calls[folder], "calls", folder=folder)
        record(mode, cpus, "self", cycles[folder], "cycles", folder=folder)
    record(mode, cpus, "calls", sum(calls.values()), "calls", folder="all")
    record(mode, cpus, "self", sum(cycles.values()), "cycles", folder="all")


def compare(image, mode, cpus, where, where_of):
    """Prints both accounts of a run, as they are, with what is no function's, and without idling; whether they agree."""
    one = Run(image, mode, cpus, PROGRAMS, os.path.join(where, f"{mode}-{cpus}"))
    if where_of:
        record_profile(image, mode, cpus, os.path.join(where, f"{mode}-{cpus}-profile"), where_of)
    empty = Run(image, mode, cpus, EMPTY, os.path.join(where, f"{mode}-{cpus}-empty"))
    apart = (empty.log.cycles - empty.cycles) / empty.log.entries
    whole, log = one.cycles + apart * one.log.entries, one.log
    ratios = [one.cycles / log.cycles, whole / log.cycles, (whole - log.idle) / (log.cycles - log.idle)]
    good = all(abs(ratio - 1) <= MOST for ratio in ratios[1:])
    print(f"{mode:12} {cpus:4} {log.entries:8} {log.cycles:12} {one.cycles:12} {apart:9.1f}"
          + "".join(f"{ratio:9.4f}" for ratio in ratios) + ("" if good else "  more than 2 % off"), flush=True)
    if where_of:
        for metric, value in [("by the log", log.cycles), ("by LOPI", one.cycles), ("idle by the log", log.idle)]:
            record(mode, cpus, metric, value, "cycles")
        for metric, value in zip(["as they are", "with what is no function's", "without idling"], ratios):
            record(mode, cpus, metric, value, "ratio")
    return good


def compare_all(lopi, modes, cpus, figures):
    where = lopi.directory("self profile")
    images = {kernel: os.path.join(where, f"castle-lopi-{kernel}.iso") for kernel in sorted({kernel_of(mode) for mode in modes})}
    for kernel, image in images.items():
        run(make(lopi, image, kernel, "static", "callgraph", "*"), patience=PATIENCE)
    if PARTITIONED in modes:
        look_at_partition(lopi.build)
    print("mode         CPUs  entries  cycles: log         LOPI  an entry    ratio     with no idling")
    alone = {PARTITIONED, *[one.name for one in organisations() if one.processors == "ONE"]}
    bad = []
    for mode in modes:
        where_of = folders(lopi.build, kernel_of(mode)) if figures else {}
        if not compare(images[kernel_of(mode)], mode, 1 if mode in alone else cpus, where, where_of):
            bad.append(mode)
    want(not bad, f"not within {MOST:.0%}: {', '.join(bad)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default="build", help="build tree (build)")
    alone = ",".join(one.name for one in organisations() if "1" in CPUS[one.processors])
    every = ",".join(one.name for one in organisations())
    parser.add_argument("--modes", default=alone, help=f"organisations ({alone}); all: {every}")
    parser.add_argument("--figures", action="store_true", help="also print figures for the laboratory, and the profile by folder")
    parser.add_argument("--cpus", type=int, default=1, help="processors; several on Bochs (1)")
    options = parser.parse_args()
    modes = (every if options.modes == "all" else options.modes).split(",")
    return status_of(lambda: compare_all(Lopi(options.build), modes, options.cpus, options.figures))


if __name__ == "__main__":
    sys.exit(main())
