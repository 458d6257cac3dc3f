"""Tests of what compares kernels: tools/compare, which judges, and tools/kernel-of, which builds another commit's."""
import argparse
import os
import subprocess
import tempfile
import unittest

from support import TOP, load


def options(**changes):
    return argparse.Namespace(**{"limit": 2, "mean": True, **changes})


class Compare(unittest.TestCase):
    def setUp(self):
        self.program = load("tools/compare")

    def judge(self, before, after, **changes):
        """What is wrong, if these are the times of a kernel's rows."""
        rows, missing = self.program.compare("up", before, after)
        return self.program.judge(rows, missing, self.program.means_of(rows), options(**changes))

    def test_the_same_is_not_dearer(self):
        self.assertEqual(self.judge({"a": 100, "b": 7}, {"a": 100, "b": 7}), [])

    def test_a_row_that_is_dearer_by_more_than_the_limit(self):
        self.assertEqual(self.judge({"a": 1000, "b": 1000}, {"a": 1021, "b": 900}),
                         ["dearer by more than 2 %: 1"])
        self.assertEqual(self.judge({"a": 1000, "b": 1000}, {"a": 1019, "b": 900}), [])

    def test_one_cycle_is_rounding(self):
        self.assertEqual(self.judge({"a": 36, "b": 1000}, {"a": 37, "b": 900}), [])
        self.assertEqual(len(self.judge({"a": 36, "b": 1000}, {"a": 38, "b": 900})), 1)

    def test_a_mean_may_not_be_dearer_at_all(self):
        before, after = {"a": 1000, "b": 1000}, {"a": 1001, "b": 1000}
        self.assertEqual(self.judge(before, after), ["the mean is dearer: up", "the mean is dearer: all"])
        self.assertEqual(self.judge(before, after, mean=False), [])
        self.assertEqual(self.judge(before, {"a": 1001, "b": 999}), [])

    def test_the_mean_is_that_of_quotients(self):
        rows, _ = self.program.compare("up", {"a": 10, "b": 1000}, {"a": 20, "b": 500})
        self.assertAlmostEqual(self.program.means_of(rows)["up"], 0)

    def test_a_row_that_is_gone_is_found(self):
        self.assertEqual(self.judge({"a": 1, "b": 2}, {"a": 1}), ["not there: up b"])
        self.assertEqual(self.judge({}, {}), ["not there: any row"])

    def test_a_run_is_not_made_again(self):
        with tempfile.TemporaryDirectory() as folder:
            iso = os.path.join(folder, "castle.iso")
            choice = options(keep=os.path.join(folder, "runs"), repeats=1)
            made = []

            def measure(arguments, _):
                made.append(arguments)
                return {"a": len(made)}
            self.program.measure = measure
            for image, wanted in (("1", 1), ("1", 1), ("2", 2), ("1", 1)):
                with open(iso, "w", encoding="ascii") as file:
                    file.write(image)
                self.assertEqual(self.program.run(folder, self.program.KERNELS[1], choice), {"a": wanted})
            self.assertEqual(self.program.run(folder, self.program.KERNELS[2], choice), {"a": 3})

    def test_every_mode_alone_and_with_another_processor(self):
        kernels = {(mode, cpus) for _, _, cpus, mode, _ in self.program.KERNELS}
        self.assertEqual(kernels, {("up", 1), ("up", 2), ("giantlock", 1), ("giantlock", 2), ("appkern", 2)})


# What a tree's make must know for tools/kernel-of: the two kernels, compiled with its options.
MAKEFILE = """\
KERNEL_CFLAGS := {flags}
$(BUILD)/%/castle.elf: source
\t@mkdir -p $(@D)
\t@echo "$$(cat source) $* $(KERNEL_CFLAGS)" >$@
"""


class KernelOf(unittest.TestCase):
    def setUp(self):
        self.program = load("tools/kernel-of")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.repository, self.kernels = (os.path.join(folder.name, name) for name in ("tree", "kernels"))
        os.mkdir(self.repository)
        self.git("init", "-q")
        self.write("old", "-O1")
        self.git("add", ".")
        self.git("-c", "user.name=a", "-c", "user.email=b", "-c", "commit.gpgsign=false", "commit", "-q", "-m", "c")
        self.write("new", "-O2")

    def git(self, *arguments):
        subprocess.run(["git", "-C", self.repository, *arguments], check=True)

    def write(self, source, flags):
        """What the tree has in it."""
        for name, text in (("Makefile", MAKEFILE.format(flags=flags)), ("source", source)):
            with open(os.path.join(self.repository, name), "w", encoding="ascii") as file:
                file.write(text)

    def kernel(self, name):
        folder = self.program.build("HEAD", self.kernels, self.repository)
        with open(os.path.join(folder, name), encoding="ascii") as file:
            return file.read().split()

    def test_the_source_is_the_commits_and_the_options_are_this_trees(self):
        self.assertEqual(self.kernel("kernel/castle.elf")[:3], ["old", "kernel", "-O2"])
        self.assertEqual(self.kernel("kernel-up/castle.elf")[:3], ["old", "kernel-up", "-O2"])

    def test_other_options_make_another_kernel(self):
        self.assertIn("-O2", self.kernel("kernel/castle.elf"))
        self.write("new", "-O3")
        self.assertIn("-O3", self.kernel("kernel/castle.elf"))

    def test_a_clone_without_the_history_is_told_so(self):
        done = subprocess.run([os.path.join(TOP, "tools/kernel-of"), "0123456789", self.kernels],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, text=True)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no commit 0123456789 here; the project's history must be", done.stderr)
