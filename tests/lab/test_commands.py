"""Experiments whose runs are commands on this machine: several figures of one run, told apart by their parameters; curves,
whose points come with a figure; and commands that are timed."""
import json
import os
import unittest

from lab import LabError, charts
from lab.figures import Figures, choose_source
from lab.matrix import runs_of
from lab.shown import environment_of, shown_table
from lab.store import read_json, write_json
from lab.versions import relevant
from support import LabCase, experiment

RECORDS = [{"bench": "b", "metric": "cost", "value": 10, "program": "p", "method": "none"},
           {"bench": "b", "metric": "cost", "value": 12, "program": "p", "method": "m", "points": 64},
           {"bench": "b", "metric": "cost", "value": 20, "program": "q", "method": "none"},
           {"bench": "b", "metric": "course", "value": 3, "program": "p", "points": [[1, 0], [10, 2], [100, 3]]},
           {"bench": "b", "metric": "calls", "value": 2, "program": "p", "points": [[1, 0], [50, 0]]}]
BODY = '''[runs.a]
command = "cat FILE"
[[tables]]
title = "Cost"
cell = { run = "a", metric = "cost" }
rows = [{ label = "p", where = { program = "p" } }, { label = "q", where = { program = "q" } }]
columns = [
	{ label = "none", where = { method = "none" } },
	{ label = "m", where = { method = "m" } },
	{ label = "more", where = { method = "m" }, show = "percent", base = { where = { method = "none" } } },
	{ label = "all", where = {} },
]
[[plots]]
title = "Course"
kind = "curves"
log = true
cell = { run = "a", where = { program = "p" } }
series = [
	{ label = "the line", metric = "course" },
	{ label = "not there", metric = "absent" },
	{ label = "the calls", metric = "calls", style = "marks" },
]
'''


class Commands(LabCase):
    def setUp(self):
        super().setUp()
        path = os.path.join(self.folder, "output")
        with open(path, "w", encoding="ascii") as file:
            file.writelines(f"@castle {json.dumps(record)}\n" for record in RECORDS)
        self.experiment = experiment(BODY.replace("FILE", path))

    def figures(self):
        return Figures(choose_source(self.experiment, self.store), {})

    def test_conditions_of_row_and_column_both_hold(self):
        self.work(self.experiment)
        rows = shown_table(self.experiment.tables[0], self.figures()).rows
        self.assertEqual([[cell.text for cell in cells] for _, cells in rows],
                         [["10", "12", "20.0", "missing"], ["20", "missing", "missing", "missing"]])

    def test_an_empty_condition_is_none(self):
        self.work(self.experiment)
        cell = self.experiment.tables[0].rows[0].cells[3]
        self.assertEqual(cell.where, ())
        self.assertIn("printed 3 figures", self.figures().figure(cell).reason)

    def test_a_curve_goes_through_the_points_of_a_record(self):
        self.work(self.experiment)
        plot = self.experiment.plots[0]
        self.assertEqual(self.figures().figure(plot.series[0].cells[0]).points, ((1, 0), (10, 2), (100, 3)))
        svg = charts.draw(plot, self.figures())
        self.assertIn("the line", svg)
        self.assertIn("the calls", svg)
        self.assertNotIn("not there", svg)

    def test_a_result_from_before_a_tool_was_noted(self):
        self.work(self.experiment)
        slot, = choose_source(self.experiment, self.store).manifest["runs"].values()
        path = os.path.join(self.store.results(slot["key"])[-1], "result.json")
        result = read_json(path)
        del result["environment"]["valgrind"]
        write_json(path, result)
        facts = environment_of([choose_source(self.experiment, self.store)])
        self.assertIn("compiler", " ".join(facts))
        self.assertNotIn("valgrind", " ".join(facts))

    def test_a_curve_that_was_not_measured(self):
        self.assertIsNone(charts.draw(self.experiment.plots[0], self.figures()))


class Timed(LabCase):
    def test_it_depends_on_the_processor(self):
        run, = runs_of(experiment('[runs.a]\ncommand = "true"\nmachine = "timed"\n'), "full")
        self.assertIsNone(run.image)
        self.assertIn("host", relevant(run.machine))
        self.assertNotIn("host", relevant("host"))

    def test_it_runs_alone(self):
        runner = self.runner(jobs=2)
        timed = experiment('[runs.a]\ncommand = "true"\nmachine = "timed"\n[runs.b]\ncommand = "true a"\n')
        jobs = {job.run.name: job for job in runner.plan([timed], "full")}
        active = runner.start(jobs["b"])
        self.addCleanup(active.child.end)
        self.assertFalse(runner.may_start(jobs["a"], [active]))
        self.assertTrue(runner.may_start(jobs["a"], []))

    def test_a_command_boots_no_machine(self):
        with self.assertRaisesRegex(LabError, "runs.a.machine: 'bochs' is none of host, timed"):
            experiment('[runs.a]\ncommand = "true"\nmachine = "bochs"\n')


if __name__ == "__main__":
    unittest.main()
