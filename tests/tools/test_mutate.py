"""Tests of tools/mutate and of tests/boot/hostile: what the rules take out of a source, what counts as noticed, that cases repeat."""
import os
import tempfile
import unittest

from support import TOP, load
from mutants import reach, rules, suites
from source import tree

SOURCE = """
static int add(struct file *file)
{
	lock_acquire(files, &files_lock);
	if (!file || (file->size > 3))
		return -EINVAL;
	inode_reference(file->inode);
	(void)__atomic_exchange_n(&here->halted, 1, __ATOMIC_SEQ_CST);
	lock_release(files, &files_lock);
	return lock_around(files, &files_lock, count(file, 2));
}
"""


def mutated(rule):
    """The texts that a rule makes of SOURCE."""
    source = tree.Source("kernel/a.c", SOURCE)
    texts = []
    for each in rules.RULES:
        for name, _, _, edits in each(source, source.functions[0]):
            text = SOURCE
            for start, end, instead in sorted(edits, reverse=True):
                text = text[:start] + instead + text[end:]
            texts += [text] if name == rule else []
    return texts


class Rules(unittest.TestCase):
    def test_a_check_ends_where_it_refuses(self):
        lines = {(mutant.rule, mutant.last - mutant.line) for mutant in rules.all_mutants()}
        self.assertIn(("check", 1), lines)
        self.assertNotIn(("check", 0), lines)
        self.assertIn(("errno", 0), lines)

    def test_a_lock_goes_with_its_release(self):
        pair, around = mutated("lock")
        self.assertNotIn("lock_acquire", pair)
        self.assertNotIn("lock_release", pair)
        self.assertIn("return ( count(file, 2));", around)

    def test_a_check_lets_everything_pass(self):
        self.assertIn("if ((!file || (file->size > 3)) && 0)\n", mutated("check")[0])

    def test_an_error_is_none(self):
        self.assertIn("\t\treturn 0;", mutated("errno")[0])

    def test_a_reference_is_not_taken(self):
        self.assertNotIn("inode_reference", mutated("reference")[0])

    def test_a_fence_is_a_store(self):
        self.assertIn("*(&here->halted) = (1);", mutated("fence")[0])

    def test_all_rules_find_something_in_the_kernel(self):
        found = rules.all_mutants()
        self.assertEqual({mutant.rule for mutant in found}, set(rules.NAMES))
        for mutant in found:
            self.assertNotEqual(rules.apply(mutant), tree.read(mutant.file), mutant)

    def test_a_sample_repeats_and_has_all_rules(self):
        found = rules.all_mutants()
        sample = rules.sample(found, 16, 3)
        self.assertEqual(sample, rules.sample(found, 16, 3))
        self.assertEqual({mutant.rule for mutant in sample}, set(rules.NAMES))


class Noticed(unittest.TestCase):
    def test_what_counts(self):
        self.assertIsNone(suites.wrong_with(0, "ok 1 - a\n1..1\n"))
        self.assertIn("PANIC", suites.wrong_with(3, "ok 1 - a\nPANIC: x\n"))
        self.assertEqual(suites.wrong_with(124, "ok 1 - a\n"), "a hang")
        self.assertEqual(suites.wrong_with(1, "not ok 1 - a\n1..1\n"), "not ok 1 - a")
        self.assertTrue(suites.wrong_with(0, "ok 1 - a\n1..2\n"))

    def test_programs_of_the_table_are_there(self):
        programs = {name for _, names, _ in suites.TABLE for name in names.split()}
        known = os.listdir(os.path.join(TOP, "build/packages"))
        self.assertFalse(programs - set(known))


def reach_of(table):
    known = reach.Reach("build", "none.iso")
    known.table = table
    known.with_code = {name for each in table.values() for name in each["lines"]}
    return known


class Judges(unittest.TestCase):
    FILE = "kernel/ipc/pipe.c"

    def mutant(self, line, last):
        return rules.Mutant("check", self.FILE, line, last, "", [])

    def entry(self, seconds, *numbers):
        return {"seconds": seconds, "lines": [f"{self.FILE}:{number}" for number in numbers]}

    def test_only_those_that_reach_it_those_of_the_table_first(self):
        known = reach_of({"coarse test_pipes": self.entry(9, 10, 11), "coarse test_float": self.entry(1, 11),
                          "coarse test_heap": self.entry(1, 10), "fine test_smp": self.entry(1, 10, 11)})
        judges = known.judges(self.mutant(10, 11))
        self.assertEqual([(mode, programs) for mode, programs, _ in judges],
                         [("coarse", ["test_pipes", "test_float"]), ("fine", ["test_smp"])])

    def test_without_a_refusal_the_condition_will_do(self):
        known = reach_of({"coarse test_heap": self.entry(1, 10)})
        self.assertEqual(known.judges(self.mutant(10, 11))[0][1], ["test_heap"])
        self.assertEqual(known.judges(self.mutant(20, 21)), [])

    def test_of_a_call_put_in_place_the_line_beside_it_tells(self):
        known = reach_of({"coarse test_heap": self.entry(1, 10), "coarse test_float": self.entry(1, 14)})
        self.assertEqual(known.judges(self.mutant(12, 12))[0][1], ["test_heap"])
        self.assertEqual(known.judges(self.mutant(13, 13))[0][1], ["test_float"])

    def test_many_come_a_few_at_a_time(self):
        known = reach_of({f"coarse p{number}": self.entry(number, 3) for number in range(20)})
        judges = [programs for _, programs, _ in known.judges(self.mutant(3, 3))]
        self.assertEqual(judges, [["p0", "p1", "p2"], [f"p{number}" for number in range(suites.FEW, suites.MANY)]])


class Hostile(unittest.TestCase):
    def test_a_case_is_always_the_same(self):
        program = load("tests/boot/hostile")
        did = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder:
                program.make_root(os.path.join(TOP, "build"), "castle", folder)
                case = program.Case(1, 7, folder)
                case.mutate()
                did.append((case.did, case.line, case.modules))
        self.assertEqual(did[0], did[1])

    def test_what_is_wrong(self):
        wrong_with = load("tests/boot/hostile").wrong_with
        self.assertIsNone(wrong_with(2, "command line: no\nCastle: power off, status 2\n"))
        self.assertIsNone(wrong_with(124, "castle$ "))
        self.assertTrue(wrong_with(124, "GRUB"))
        self.assertTrue(wrong_with(126, "Castle: mode up\n"))
        self.assertTrue(wrong_with(3, "PANIC: x\nCastle: power off, status 3\n"))
