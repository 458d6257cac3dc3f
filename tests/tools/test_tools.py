#!/usr/bin/env python3
"""Tests of what the other tests rely on: reading TAP, judging a run, damaging packages."""
import os
import struct
import sys
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tests/boot"))
import damage  # noqa: E402
import tap  # noqa: E402


class Tap(unittest.TestCase):
    def test_all_good(self):
        self.assertEqual(tap.parse("noise\nok 1 - a\nkernel says\nok 2 - b\n1..2\n"), (2, 0, []))

    def test_failure_is_counted(self):
        passed, failed, problems = tap.parse("ok 1 - a\nnot ok 2 - b\n1..2\n")
        self.assertEqual((passed, failed), (1, 1))
        self.assertEqual(problems, ["not ok 2 - b"])

    def test_missing_plan(self):
        self.assertTrue(tap.parse("ok 1 - a\n")[2])

    def test_plan_not_kept(self):
        self.assertTrue(tap.parse("ok 1 - a\n1..2\n")[2])

    def test_nothing(self):
        self.assertTrue(tap.parse("")[2])


class Damage(unittest.TestCase):
    def setUp(self):
        self.data = bytearray(b"\177ELF\1\1" + bytes(194))
        struct.pack_into("<H", self.data, damage.MACHINE, 3)
        struct.pack_into("<I", self.data, damage.ENTRY, 0x40400100)
        struct.pack_into("<I", self.data, damage.PROGRAM_OFFSET, 52)
        struct.pack_into("<I", self.data, 52 + damage.P_VADDR, 0x40400000)

    def test_moving_code_moves_the_entry_point(self):
        damage.move_code(self.data, 0x41000000)
        self.assertEqual(damage.get(self.data, damage.ENTRY), 0x41000100)
        self.assertEqual(damage.get(self.data, 52 + damage.P_VADDR), 0x41000000)

    def test_every_damage_changes_something(self):
        for name, change in damage.DAMAGES.items():
            self.assertNotEqual(bytes(change(bytearray(self.data))), bytes(self.data), name)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
