"""Tests of tools/coverage: the line table against addr2line's, ways of branches on a record made up, and one recorded boot of
which it is known what runs."""
import os
import subprocess
import tempfile
import unittest

from support import TOP
from reached import lines, machine
from reached.elf import Elf

BUILD = os.path.join(TOP, "build")
ELF = os.path.join(BUILD, "kernel", "castle.elf")


class Table(unittest.TestCase):
    def setUp(self):
        self.kernel = with_record(lambda size: bytes(3 * size))

    def test_lines_are_those_of_addr2line(self):
        sample = [address for address in self.kernel.instructions if self.kernel.row_at(address)][::97]
        said = subprocess.run(["addr2line", "-e", ELF, *map(hex, sample)], stdout=subprocess.PIPE, text=True, check=True)
        different = 0
        for address, place in zip(sample, said.stdout.split("\n")):
            file, _, line = place.partition(" ")[0].rpartition(":")
            # Code of no line, which the compiler put in, is `?` there and 0 in the table.
            different += (os.path.normpath(file), int(line.replace("?", "0"))) != self.kernel.row_at(address)[:2]
        # Where inlined code begins, addr2line may take another of the rows at an address.
        self.assertLess(different, len(sample) // 50, f"of {len(sample)}")

    def test_nothing_ran(self):
        coverage = lines.Coverage([self.kernel])
        _, ran, ways, taken = coverage.counts()
        self.assertEqual((ran, taken), (0, 0))
        self.assertGreater(ways, 1000)
        self.assertIn("kernel_main", {name for _, _, name in coverage.unreached()})


class Ways(unittest.TestCase):
    def kernel(self, jumped, went_on):
        """One that is `cmp; je; jne` on one line, at address 0, all of which ran."""
        kernel = lines.Kernel.__new__(lines.Kernel)
        kernel.text, kernel.base, kernel.instructions = bytes.fromhex("39c3740275fc"), 0, [0, 2, 4]
        kernel.rows, kernel.starts = [(0, "kernel/a.c", 7, 3)], [0]
        kernel.ran, kernel.jumped, kernel.went_on = bytes([1] * 6), bytes(jumped), bytes(went_on)
        return kernel

    def test_turned_round_copies_are_one_branch(self):
        coverage = lines.Coverage([self.kernel([0, 0, 1, 0, 1, 0], [0] * 6)])
        self.assertEqual(coverage.counts(), (1, 1, 2, 2))

    def test_jumping_if_equal_is_going_on_unless_equal(self):
        coverage = lines.Coverage([self.kernel([0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 1, 0])])
        self.assertEqual(coverage.counts(), (1, 1, 2, 1))
        self.assertEqual(coverage.missed_branches("kernel/a.c"), [(7, 3, 1)])


class Boot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as folder:
            record = os.path.join(folder, "record")
            machine.start(BUILD, "kernel", path=record)
            words = machine.arguments(BUILD, "castle", record)
            cls.status = subprocess.run([os.path.join(TOP, "tools/run"), "--iso", os.path.join(TOP, "castle.iso"),
                                         "--mode", "up", "--timeout", "600", "--run", "getpid",
                                         *(f"--qemu={word}" for word in words)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, check=False).returncode
            cls.coverage = lines.Coverage([lines.Kernel(BUILD, "kernel", record)])
            cls.unreached = {name for _, _, name in cls.coverage.unreached()}

    def test_what_must_run_did(self):
        self.assertEqual(self.status, 0)
        for name in ("kernel_main", "sys_getpid", "page_allocate"):
            self.assertNotIn(name, self.unreached)

    def test_what_cannot_run_did_not(self):
        # One CPU, no panic, no directory made or name taken away.
        for name in ("panic", "giant_lock_wait", "sys_mkdir", "sys_unlink", "processor_start"):
            self.assertIn(name, self.unreached)


def with_record(content):
    """The kernel of all modes, with a record made up by its length."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content(len(Elf(ELF).sections[".text"])))
        file.flush()
        return lines.Kernel(BUILD, "kernel", file.name)
