"""What a call would cost, before it is made: by what runs took of a processor here, or else where lab/costs.json was written."""
import os

from lab.experiment import load
from lab.plan import costs_of, distinct, estimate, note
from lab.store import read_json
from support import LabCase, experiment

TWO = '[runs.a]\nprograms = "report 7"\nkernels = ["giantlock"]\ncpus = [1, 2]\n'


class Plan(LabCase):
    def setUp(self):
        super().setUp()
        self.experiment = experiment(TWO)
        self.runs = distinct([self.experiment], "full", False)

    def test_a_run_that_was_never_made_is_not_known(self):
        self.assertEqual(costs_of(self.runs, "full", self.store)[1], 2)

    def test_and_taken_as_the_median_of_the_others(self):
        self.work(experiment(TWO.replace("[1, 2]", "[1]")))
        costs, unknown = costs_of(self.runs, "full", self.store)
        first, second = (run.label for run in self.runs)
        self.assertEqual((unknown, costs[second]), (1, costs[first]))

    def test_a_run_that_was_made_is_known_and_noted(self):
        self.work(self.experiment)
        costs, unknown = costs_of(self.runs, "full", self.store)
        self.assertEqual((len(costs), unknown), (2, 0))
        self.assertTrue(all(seconds < 60 for seconds in costs.values()), costs)
        path = os.path.join(self.folder, "costs.json")
        note([self.experiment], "full", self.store, False, path)
        self.assertEqual(read_json(path), {"full": costs})

    def test_runs_that_experiments_share_count_once(self):
        other = experiment(TWO, name="other")
        self.assertEqual(len(distinct([self.experiment, other], "full", False)), 2)

    def test_the_quick_profile_is_planned_for_less_than_ten_minutes(self):
        """On two processors, by what its runs took when their costs were noted (`lab/run --quick --note-costs`); without other systems."""
        runs = distinct(list(load().values()), "quick", False)
        costs, unknown = costs_of(runs, "quick", self.store)
        self.assertLess(unknown, len(runs) / 2)
        self.assertLess(estimate(runs, costs, 2), 600)

    def test_side_by_side_but_not_shorter_than_the_longest(self):
        first, second = (run.label for run in self.runs)
        self.assertEqual(estimate(self.runs, {first: 10.0, second: 10.0}, 2), 10)
        self.assertEqual(estimate(self.runs, {first: 30.0, second: 10.0}, 2), 30)
        self.assertEqual(estimate(self.runs, {first: 30.0, second: 10.0}, 1), 40)
