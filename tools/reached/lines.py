"""Puts records and line tables together: which lines ran, which ways branches went, which functions nothing reached.

A line counts if the compiler made an instruction of it in any kind of kernel, and ran if one of those did in any. A branch
is a condition in the source, that is, a line and a column, and has two ways. The compiler copies conditions (inlining) and turns
them round (je, jne), so ways are told apart by what the condition is and not by whether the processor jumped; what ran in
one copy ran.
"""
import bisect
import collections
import functools
import os
import re
import subprocess

from reached.elf import TOP, Elf, line_rows
from reached.machine import record_of
from source import tree

FOLDERS = ("arch/", "kernel/")
INSTRUCTION = re.compile(r"^ +([0-9a-f]+):\t(.*)")
# A condition that only a broken kernel fails.
ASSERTION = re.compile(r"\bassert\w*\(")

# A branch's ways are those that were taken: 1 where the condition of the even opcode holds, 0 where it does not.
Branch = collections.namedtuple("Branch", "file line column condition")


class Kernel:
    """One kind of kernel and its record."""

    def __init__(self, build, name, record=None):
        path = os.path.join(build, name, "castle.elf")
        elf = Elf(path)
        self.text, self.base = elf.sections[".text"], elf.addresses[".text"]
        self.rows = line_rows(elf)
        self.starts = [row[0] for row in self.rows]
        with open(record or record_of(build, name), "rb") as file:
            planes = file.read()
        size = len(self.text)
        self.ran, self.jumped, self.went_on = (planes[size * plane:size * (plane + 1)] for plane in range(3))
        listed = subprocess.run(["objdump", "-d", "-w", "--no-show-raw-insn", "-j", ".text", path], check=True,
                                stdout=subprocess.PIPE, text=True)
        self.instructions = [int(found[1], 16) for found in map(INSTRUCTION.match, listed.stdout.splitlines()) if found]

    def row_at(self, address):
        """(file, line, column) of an instruction, None where no source is."""
        _, file, line, column = self.rows[bisect.bisect_right(self.starts, address) - 1]
        return (file, line, column) if file and line and file.startswith(FOLDERS) else None

    def condition_at(self, offset):
        """The opcode's low four bits of a conditional jump (SDM volume 2, Jcc; 16 for LOOP and JECXZ); None for others."""
        first, second = self.text[offset], self.text[offset + 1] if offset + 1 < len(self.text) else 0
        if first & 0xF0 == 0x70:
            return first & 0xF
        if first == 0x0F and second & 0xF0 == 0x80:
            return second & 0xF
        return 16 + 2 * (first & 3) if first & 0xFC == 0xE0 else None

    def add_to(self, lines, branches):
        """Adds what this kernel has and what of it ran."""
        for address in self.instructions:
            row, offset = self.row_at(address), address - self.base
            if not row:
                continue
            file, line, column = row
            lines[file, line] = lines.get((file, line), False) or bool(self.ran[offset])
            condition = self.condition_at(offset)
            if condition is not None:
                ways = branches.setdefault(Branch(file, line, column, condition >> 1), set())
                ways |= {condition & 1 ^ 1} if self.jumped[offset] else set()
                ways |= {condition & 1} if self.went_on[offset] else set()


@functools.cache
def source_of(file):
    return tree.load(file)


def text_at(file, line):
    return source_of(file).text.split("\n")[line - 1] if os.path.exists(os.path.join(TOP, file)) else ""


def functions_of(file):
    """(name, first line, last line) of the functions that a C file defines."""
    source = source_of(file)
    for function in source.functions:
        if function.body:
            yield function.name, function.line, source.line_at(function.body[1] - 1)


class Coverage:
    """All kinds of kernels that were recorded: `lines` by (file, line), `branches` by Branch."""

    def __init__(self, kernels):
        self.lines, self.branches = {}, {}
        for kernel in kernels:
            kernel.add_to(self.lines, self.branches)
        self.branches = {branch: ways for branch, ways in self.branches.items()
                         if not ASSERTION.search(text_at(branch.file, branch.line))}

    def files(self):
        return sorted({file for file, _ in self.lines})

    def counts(self, wanted=lambda file: True):
        """(lines, lines that ran, ways, ways taken) of the files that are wanted."""
        lines = [ran for (file, _), ran in self.lines.items() if wanted(file)]
        ways = [len(taken) for branch, taken in self.branches.items() if wanted(branch.file)]
        return len(lines), sum(lines), 2 * len(ways), sum(ways)

    def missed_lines(self, file):
        return sorted(line for (of, line), ran in self.lines.items() if of == file and not ran)

    def missed_branches(self, file):
        """(line, column, ways not taken) of branches of which something ran."""
        return sorted((branch.line, branch.column, 2 - len(ways)) for branch, ways in self.branches.items()
                      if branch.file == file and len(ways) < 2 and self.lines.get((file, branch.line)))

    def unreached(self):
        """(file, line, name) of the functions of which no line ran."""
        found = []
        for file in self.files():
            for name, first, last in functions_of(file) if file.endswith((".c", ".h")) else ():
                ran = [self.lines[file, line] for line in range(first, last + 1) if (file, line) in self.lines]
                if ran and not any(ran):
                    found.append((file, first, name))
        return found
