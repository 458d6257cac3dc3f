"""What is said of other systems is held against what was measured of them: numbers that experiments quote, figures in documents."""
import os
import subprocess
import sys

from lab import TOP, LabError
from lab.documents import measured, with_peers
from lab.experiment import load
from lab.figures import Figures, choose_source
from lab.quotes import judge, of_documents, of_quotes, published
from support import LabCase, experiment

MEASURING = '''[runs.a]
programs = "divide 1200"
kernels = ["giantlock", "linux-up", "linux"]
cpus = [1, 2]
[[tables]]
title = "T"
cell = { run = "a", metric = "cycles" }
rows = [{ label = "one", cpus = 1 }, { label = "two", cpus = 2 }]
columns = [
	{ label = "Castle", kernel = "giantlock" },
	{ label = "Linux", kernel = "linux", scale = 0.001 },
	{ label = "gain", kernel = "linux", show = "speedup", base = { kernel = "linux-up" } },
]
'''
QUOTING = '''[quoted.cycles]
source = "S"
measured_by = {{ run = "measuring:a", kernel = "linux", bench = "fake", metric = "cycles" }}
values = {{ 1 = {one}, 2 = {two} }}
[quoted.gain]
source = "S"
measured_by = {{ run = "measuring:a", kernel = "linux", metric = "cycles", show = "percent", base = {{ kernel = "linux-up" }} }}
values = {{ "fake 2" = {percent} }}
[quoted.kernels]
source = "S"
measured_by = {{ run = "measuring:a", cpus = 2, kernels = {{ up = "linux-up", smp = "linux" }}, bench = "fake", metric = "cycles" }}
values = {{ up = 1200, smp = 600 }}
[quoted.program]
source = "S"
measured_by = {{ run = "measuring:a", kernel = "linux-up" }}
values = {{ "fake.cycles" = 1200 }}
[quoted.others]
source = "of which nothing is measured"
values = {{ 1 = 7 }}
'''


class Quotes(LabCase):
    def setUp(self):
        super().setUp()
        os.makedirs(os.path.join(self.folder, "build", "peers"))
        for name in ("linux-up", "linux-smp"):
            with open(os.path.join(self.folder, "build", "peers", f"{name}.iso"), "w", encoding="ascii") as file:
                file.write(name)
        self.experiments = {"measuring": experiment(MEASURING, "measuring")}

    def quote(self, one=1200, two=600, percent=-50):
        self.experiments["quoting"] = experiment(QUOTING.format(one=one, two=two, percent=percent), "quoting")

    def figure(self, claim):
        sources = {name: choose_source(one, self.store, "full") for name, one in self.experiments.items()}
        return Figures(sources[claim.experiment], sources).figure(claim.cell)

    def stored(self):
        sources = {name: choose_source(one, self.store, "full") for name, one in self.experiments.items()}
        return measured([("measuring", 1)], self.experiments, sources)

    def judged(self, claims):
        """{place: verdict}, with what was measured."""
        self.work(self.experiments["measuring"], peers=True)
        return {claim.place: judge(claim, self.figure(claim)) for claim in claims}

    def test_numbers_that_are_quoted(self):
        self.quote()
        verdicts = self.judged(of_quotes(self.experiments))
        self.assertEqual(list(verdicts), ["quoting: quoted cycles, 1", "quoting: quoted cycles, 2", "quoting: quoted gain, fake 2",
                                          "quoting: quoted kernels, up", "quoting: quoted kernels, smp", "quoting: quoted program, fake.cycles"])
        self.assertEqual([verdict.percent for verdict in verdicts.values()], [0] * 6)

    def test_those_that_are_too_far_off(self):
        self.quote(one=1260, two=570, percent=-47)
        verdicts = self.judged(of_quotes(self.experiments))
        self.assertEqual([verdict.holds for verdict in verdicts.values()], [True, False, False, True, True, True])
        self.assertAlmostEqual(verdicts["quoting: quoted gain, fake 2"].percent, 100 * (50 / 53 - 1))

    def test_what_was_not_measured_does_not_hold(self):
        self.quote()
        self.work(self.experiments["measuring"])  # without peers
        self.assertEqual({judge(claim, self.figure(claim)).holds for claim in of_quotes(self.experiments)}, {False})

    def test_figures_in_documents(self):
        self.work(self.experiments["measuring"], peers=True)
        stored = self.stored()
        claims = list(of_documents(self.experiments, stored))
        self.assertEqual([(claim.place.split(": ", 2)[2], claim.said) for claim in claims],
                         [("one, Linux", 1.2), ("one, gain", 1), ("two, Linux", 0.6), ("two, gain", 2)])
        self.assertTrue(all(judge(claim, self.figure(claim)).holds for claim in claims))
        stored["measuring"]["tables"]["1"][1][1] = 0.7
        verdicts = [judge(claim, self.figure(claim)).holds for claim in of_documents(self.experiments, stored)]
        self.assertEqual(verdicts, [True, True, False, True])

    def test_other_systems_figures_alone_are_renewed(self):
        """Castle's stay, whatever is measured of it now; a table of which nothing was stored needs both."""
        self.work(self.experiments["measuring"], peers=True)
        stored = self.stored()
        stored["measuring"]["tables"]["1"] = [[7, 1, 1], [7, 1, 1]]
        stored["measuring"]["environment"] = {"commit": ["before"]}
        sources = {name: choose_source(one, self.store, "full") for name, one in self.experiments.items()}
        entry = with_peers(stored, [("measuring", 1)], self.experiments, sources)["measuring"]
        self.assertEqual(entry["tables"]["1"], [[7, 1.2, 1], [7, 0.6, 2]])
        self.assertIn("before", entry["environment"]["commit"])
        self.assertEqual(len(entry["environment"]["image"]), 2)  # Linux's two: not Castle's
        self.assertEqual(with_peers({}, [("measuring", 1)], self.experiments, sources), {})

    def test_documents_in_place_of_results(self):
        """Numbers of which documents have the parts, or which they show as they are."""
        self.work(self.experiments["measuring"], peers=True)
        self.quote()
        figure = published(self.experiments, self.stored())
        shown = {claim.place: figure(claim.experiment, claim.cell) for claim in of_quotes(self.experiments)}
        self.assertEqual(shown["quoting: quoted cycles, 2"].reason, "no document shows it")  # the table names no program
        self.experiments["quoting"] = experiment('''[quoted.q]
source = "S"
measured_by = { run = "measuring:a", kernel = "linux", metric = "cycles", show = "ratio", base = { cpus = 1 } }
values = { 2 = 0.5 }
''', "quoting")
        claim, = of_quotes(self.experiments)
        self.assertEqual(figure(claim.experiment, claim.cell).value, 0.5)

    def test_a_measurement_that_is_nowhere(self):
        self.experiments["quoting"] = experiment('[quoted.q]\nsource = "S"\nmeasured_by = { run = "nosuch:a" }\nvalues = { 1 = 1 }\n', "quoting")
        with self.assertRaisesRegex(LabError, "quoted.q.measured_by: its `run` must be EXPERIMENT:RUN"):
            list(of_quotes(self.experiments))

    def test_the_command_of_the_project(self):
        """Where nothing has been measured, nothing holds."""
        done = subprocess.run([sys.executable, os.path.join(TOP, "lab/quotes"), "--store", self.store.folder], stdout=subprocess.PIPE,
                              text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout.splitlines()[-1], r"^\d{3} figures of other systems: 0 within 5 % .*, 0 not, \d{3} not measured")
        self.assertIn("MISSING operations: quoted linux-up, getpid.int80: 247; measured by `make lab PEERS=linux`", done.stdout)

    def test_each_quoted_number_of_the_project_has_a_cell(self):
        self.assertGreater(len(list(of_quotes(load()))), 50)
