"""The report: what its figures, verdicts and sentences are computed from, what is missing is shown as missing, and the same
results give the same page. Last, one experiment in earnest."""
import os
import subprocess
import sys
import tempfile
import unittest

from lab import TOP, report, shown
from lab.experiment import load
from lab.figures import Figures, Missing, choose_source
from lab.judge import compare, judge
from lab.store import Store
from support import HERE, LabCase, experiment

BODY = '''[runs.a]
programs = "divide 1200"
kernels = ["up", "giantlock", "appkern"]
cpus = [1, 2, 4]
timeout = 60
quick = { cpus = [2] }
[runs.bad]
programs = "fail 3"
[runs.late]
programs = "fail 124"
[quoted.linux]
label = "Linux"
source = "somewhere"
values = { 2 = 1.9, 4 = 5.0 }
[[plots]]
title = "Speed-up"
kind = "lines"
cell = { run = "a", metric = "cycles", show = "speedup", base = { kernel = "up" } }
x = { cpus = [1, 2, 4] }
series = [{ label = "giant lock", kernel = "giantlock" }, { label = "Linux", quote = "linux" }]
[[tables]]
title = "Speed-up"
cell = { run = "a", metric = "cycles", show = "speedup", base = { kernel = "up" } }
rows = { cpus = [1, 2, 4] }
columns = [
	{ label = "giant lock", kernel = "giantlock" },
	{ label = "appkern", kernel = "appkern", weak = true },
	{ label = "Linux", quote = "linux" },
	{ label = "bad", run = "bad", kernel = "up" },
	{ label = "late", run = "late", kernel = "up" },
]
[[targets]]
text = "fast"
cell = { run = "a", metric = "cycles", kernel = "giantlock", show = "speedup", base = { kernel = "up" } }
each = { cpus = [2, 4] }
above = "linux"
[[targets]]
text = "bad"
cell = { run = "bad", metric = "cycles" }
at_most = 1
[[targets]]
text = "full only"
cell = { run = "a", metric = "cycles", kernel = "giantlock", cpus = 2 }
at_most = 1
profiles = ["full"]
[[comparisons]]
text = "two"
cell = { run = "a", metric = "cycles", kernel = "giantlock", cpus = 2, show = "speedup", base = { kernel = "up" } }
with = { quote = "linux" }
agrees = "They agree."
[[comparisons]]
text = "four"
cell = { run = "a", metric = "cycles", kernel = "giantlock", cpus = 4, show = "speedup", base = { kernel = "up" } }
with = { quote = "linux" }
above = "More."
below = "Less."
[[comparisons]]
text = "bad"
cell = { run = "bad", metric = "cycles" }
with = { number = 1 }
'''


class Reported(LabCase):
    def figures(self, profile=None, work="full"):
        one = experiment(BODY)
        if work:
            self.work(one, profile=work)
        return one, Figures(choose_source(one, self.store, profile), {})

    def texts(self, one, figures):
        return [[cell.text for cell in cells] for _, cells in shown.shown_table(one.tables[0], figures).rows]

    def page(self, one):
        report.write({one.name: one}, self.store, None, self.folder)
        with open(os.path.join(self.folder, "report.html"), encoding="utf-8") as html, \
                open(os.path.join(self.folder, "report.md"), encoding="utf-8") as markdown:
            return html.read(), markdown.read()


class Computed(Reported):
    def test_figures(self):
        self.assertEqual(self.texts(*self.figures()),
                         [["1.00", "", "", "failed", "timed out"],
                          ["2.00", "2.00", "1.90", "failed", "timed out"],
                          ["4.00", "12.00", "5.00", "failed", "timed out"]])

    def test_nothing_is_there_before_it_is_measured(self):
        self.assertEqual(self.texts(*self.figures(work=None)),
                         [["missing", "", "", "missing", "missing"],
                          ["missing", "missing", "1.90", "missing", "missing"],
                          ["missing", "missing", "5.00", "missing", "missing"]])

    def test_the_quick_profile_has_less(self):
        self.assertEqual([row[0] for row in self.texts(*self.figures(work="quick"))], ["–", "2.00", "–"])

    def test_a_changed_file_makes_its_results_missing(self):
        self.figures()
        one = experiment(BODY.replace("divide 1200", "divide 2400"))
        figures = Figures(choose_source(one, self.store), {})
        result = figures.figure(one.tables[0].rows[1].cells[0])
        self.assertIsInstance(result, Missing)
        self.assertIn("has changed", result.reason)

    def test_verdicts(self):
        one, figures = self.figures()
        verdicts = [judge(target, figures) for target in one.targets]
        self.assertEqual([(verdict.text, verdict.outcome) for verdict in verdicts],
                         [("fast, 2 processors", "PASS"), ("fast, 4 processors", "SHORT"), ("bad", "failed"),
                          ("full only", "SHORT")])
        self.assertEqual(verdicts[1].remark, "by 20.0 %")
        self.assertEqual(verdicts[3].limit, "≤ 1")
        one, figures = self.figures(work="quick", profile="quick")
        self.assertEqual(judge(one.targets[3], figures).outcome, "–")

    def test_sentences_follow_the_numbers(self):
        one, figures = self.figures()
        two, four, bad = (compare(comparison, figures) for comparison in one.comparisons)
        self.assertEqual((two.outcome, two.why), ("agrees", "They agree."))
        self.assertEqual((four.outcome, four.why), ("below", "Less."))
        self.assertIn("4.00 against 5.00 (Linux), 20 % lower", four.text)
        self.assertEqual(bad.outcome, "missing")

    def test_the_full_profile_unless_a_quick_one_is_newer(self):
        one, _ = self.figures()
        self.work(one, profile="quick")
        self.assertEqual(choose_source(one, self.store).profile, "full")
        self.write_image("another image")
        manifest = self.store.manifest("trial", "full")
        self.work(one, profile="quick")
        self.assertNotEqual(manifest["images"], self.store.manifest("trial", "quick")["images"])
        path = self.store.manifest_path("trial", "full")
        with open(path, encoding="utf-8") as file:
            text = file.read().replace(manifest["date"], "2000-01-01T00:00:00+00:00")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        self.assertEqual(choose_source(one, self.store).profile, "quick")


class Page(Reported):
    def test_it_needs_nothing_else_and_is_the_same_again(self):
        one, _ = self.figures()
        html, markdown = self.page(one)
        self.assertEqual((html, markdown), self.page(one))
        self.assertNotRegex(html, r'(src|@import|url\()\s*=?\s*["\']?http')
        self.assertNotIn("<script", html)
        self.assertIn("<svg", html)
        self.assertIn('role="img" aria-label="Speed-up"', html)

    def test_both_say_the_same(self):
        html, markdown = self.page(self.figures()[0])
        for text in ("timed out", "by 20.0 %", "20 % lower. Less.", "They agree.",
                     "make lab EXP=trial", "divide 1200"):
            self.assertIn(text, html.replace("&#39;", "'").replace("&amp;", "&"), text)
            self.assertIn(text, markdown, text)

    def test_an_experiment_that_was_never_run_is_one_line(self):
        one = experiment(BODY)
        for page in self.page(one):
            self.assertIn("not measured yet", page)
            self.assertIn("make lab EXP=trial", page)
            for text in ("<svg", "<table>", "| fast", one.about.strip()):
                self.assertNotIn(text, page)

    def test_an_experiment_that_failed_is_shown(self):
        one = experiment('[runs.bad]\nprograms = "fail 3"\n[[targets]]\ntext = "bad"\nat_most = 1\n'
                         'cell = { run = "bad", metric = "cycles" }\n')
        self.work(one)
        for page in self.page(one):
            self.assertNotIn("not measured yet", page)
            self.assertIn("status 3", page)

    def test_the_projects_experiments_without_results(self):
        experiments = load()
        sections = report.write(experiments, self.store, None, self.folder)
        self.assertEqual(len(sections), len(experiments))
        self.assertEqual(sum(section.source.counts()["ok"] for section in sections), 0)
        self.assertNotIn("PASS", report.tally(sections))


class InEarnest(unittest.TestCase):
    """One program on two kernels, by the commands that `make lab` and `make report` call."""

    def test_from_the_machine_to_the_page(self):
        with tempfile.TemporaryDirectory(prefix="castle-lab-") as folder:
            where = ["--store", folder, "--experiments", os.path.join(HERE, "smoke")]
            for command in (["lab/run", "--jobs", "1"], ["lab/report"]):
                done = subprocess.run([sys.executable, os.path.join(TOP, command[0]), *command[1:], *where], cwd=TOP,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
                self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("targets: 1 PASS", done.stdout)
            self.assertEqual(len(list(Store(folder).everything())), 2)
