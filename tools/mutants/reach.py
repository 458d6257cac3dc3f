"""Which test programs reach which lines of the kernel: what a mutant's judges are chosen by.

Each program runs once with the unchanged kernel, in the modes that the table of suites has, under the plugin that records what
runs (tools/reached). What was found is kept, in build/mutate-reach.json, for as long as the kernel is the same.
"""
import json
import os
import time

from mutants import Unfit, suites
from reached import lines, machine
from reached.elf import Elf, line_rows

KERNEL = "kernel-debug"
NEAR = 3  # lines


class Reach:
    """`table` has, for each `MODE PROGRAM`, the seconds that it takes and its lines, as `FILE:LINE`."""

    def __init__(self, build, iso):
        self.build, self.iso = build, iso
        self.path = os.path.join(build, "mutate-reach.json")
        self.table = {}
        self.with_code = set()  # lines of which the compiler made instructions, as `FILE:LINE`

    def load(self, files, show):
        """Reads what is known, and finds out the rest of what concerns these files."""
        path = os.path.join(self.build, KERNEL, "castle.elf")
        elf = os.path.getmtime(path)
        self.with_code = {f"{file}:{line}" for _, file, line, _ in line_rows(Elf(path)) if file and line}
        if os.path.exists(self.path):
            with open(self.path, encoding="utf-8") as file:
                known = json.load(file)
            self.table = known["table"] if known["kernel"] == elf else {}
        for mode, program in suites.pairs(files):
            if f"{mode} {program}" not in self.table:
                self.record(mode, program)
                show(mode, program, self.table[f"{mode} {program}"])
                with open(self.path, "w", encoding="utf-8") as file:
                    json.dump({"kernel": elf, "table": self.table}, file)

    def record(self, mode, program):
        """Runs one program; one that fails now could kill no mutant."""
        record = machine.record_of(self.build, "mutate-record")
        machine.start(self.build, KERNEL, path=record)
        started = time.monotonic()
        wrong = suites.run(self.iso, [program], mode, suites.TIMEOUT,
                           [f"--qemu={word}" for word in machine.arguments(self.build, "castle-debug", record)])
        if wrong:
            raise Unfit(f"{program} in mode={mode}, without a mutant: {wrong}")
        ran = {}
        lines.Kernel(self.build, KERNEL, record).add_to(ran, {})
        self.table[f"{mode} {program}"] = {"seconds": time.monotonic() - started, "lines": sorted(
            f"{file}:{line}" for (file, line), reached in ran.items() if reached)}

    def reaching(self, lines_of_mutant):
        """{mode: [programs]}, the quick ones first."""
        found = {}
        for name, each in sorted(self.table.items(), key=lambda one: one[1]["seconds"]):
            if not lines_of_mutant.isdisjoint(each["lines"]):
                mode, program = name.split()
                found.setdefault(mode, []).append(program)
        return found

    def nearest(self, file, line):
        """The line, or one beside it: of a call that is put in place, no instruction is on the caller's line."""
        near = [f"{file}:{line + by}" for by in sorted(range(-NEAR, NEAR + 1), key=abs)]
        return next((name for name in near if name in self.with_code), near[0])

    def judges(self, mutant):
        """[(mode, programs, seconds to wait)], in the order in which they are to be asked: of the programs that reach the mutant those
        of the table first, a few at a time. Where a program gets as far as the condition only, it may yet notice."""
        found = self.reaching({self.nearest(mutant.file, mutant.last)})
        found = found or self.reaching({f"{mutant.file}:{line}" for line in range(mutant.line, mutant.last)})
        preferred, modes = suites.for_file(mutant.file)
        for programs in found.values():
            programs.sort(key=lambda program: program not in preferred)
        order = sorted(found, key=lambda mode: (mode not in modes, -len(found[mode])))[:suites.MODES]
        first = [(mode, found[mode][:suites.FEW]) for mode in order]
        rest = [(mode, found[mode][suites.FEW:suites.MANY]) for mode in order[:1]]
        return [(mode, programs, self.patience(mode, programs)) for mode, programs in first + rest if programs]

    def patience(self, mode, programs):
        """Seconds after which a mutant hangs: recording makes programs slower, but a host may be busier than it was then."""
        return suites.PATIENCE + 6 * int(sum(self.table[f"{mode} {program}"]["seconds"] for program in programs))
