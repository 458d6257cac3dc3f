"""Figures in documents: the project's are those that were measured, and what puts them there does so."""
import json
import os
import subprocess
import sys
import unittest
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

from lab import TOP, LabError
from lab.documents import DOCUMENTS, STORED, commits_of_images, measured, of_modes, rendered, tables_in
from lab.experiment import load
from lab.quotes import judge, of_quotes, published
from lab.figures import choose_source
from lab.organisations import multiprocessor_modes
from lab.store import read_json
from support import HEAD, LabCase, experiment

RUN = '[runs.a]\nprograms = "divide 1200"\nkernels = ["up", "giantlock"]\ncpus = [2]\n'
TABLE = RUN + '''[[tables]]
title = "T"
corner = "kernel"
cell = { run = "a", metric = "cycles" }
rows = [{ label = "`up`", kernel = "up" }, { label = "lock", kernel = "giantlock", digits = 1 }]
columns = [{ label = "one" }, { label = "none", empty = true }]
'''
SENTENCES = '''needs = ["trial"]
[[tables]]
title = "S"
rows = [{ label = "A.md: it costs {} cycles,", run = "trial:a", metric = "cycles", kernel = "giantlock" }]
columns = [{ label = "figure" }]
'''
DOCUMENT = '''It costs nothing, but it costs 12.5
cycles, or 7 cycles.

<!-- made by `make figures`: environment -->
- old
<!-- end -->
<!-- made by `make figures`: trial, table 1 -->
old
<!-- end -->
after
'''


class Projects(unittest.TestCase):
    """What README.md and docs/ say is what docs/figures.json has."""

    def test_the_documents_say_what_was_measured(self):
        experiments, stored = load(), read_json(STORED)
        for file in DOCUMENTS:
            with open(os.path.join(TOP, file), encoding="utf-8") as document:
                text = document.read()
            with self.subTest(file=file):
                self.assertMultiLineEqual(text, rendered(file, text, experiments, stored))

    def test_nothing_is_stored_that_no_document_shows(self):
        texts = {}
        for file in DOCUMENTS:
            with open(os.path.join(TOP, file), encoding="utf-8") as document:
                texts[file] = document.read()
        kept = [(name, int(number)) for name, entry in read_json(STORED).items() for number in entry["tables"]]
        self.assertEqual(sorted(kept), sorted(tables_in(texts, load())))


class Peers(unittest.TestCase):
    """What is said of other systems."""

    published = (5, 6)  # tables of the experiment peers

    def setUp(self):
        self.experiments = load()

    def test_what_is_quoted_is_what_documents_show_as_measured(self):
        """Each number that an experiment quotes is within 5 % of what the experiment that measures it shows in a document."""
        figure = published(self.experiments, read_json(STORED))
        claims = list(of_quotes(self.experiments))
        wrong = [claim.place for claim in claims if not judge(claim, figure(claim.experiment, claim.cell)).holds]
        self.assertEqual(wrong, [])
        self.assertGreater(len(claims), 50)

    def test_what_differs_from_what_was_published_is_explained(self):
        """Each row of Linux that is not within 5 % of what was published before is a row of the table of reasons."""
        with open(os.path.join(TOP, "docs", "benchmarks.md"), encoding="utf-8") as document:
            reasons = document.read().split("\n| differs by more than 5 % | why |\n")[1].split("\n\n")[0]
        stored, differing = read_json(STORED)["peers"]["tables"], set()
        for number in self.published:
            table = self.experiments["peers"].tables[number - 1]
            for row, line in zip(table.rows, stored[str(number)]):
                differing |= {row.label for column, value in zip(table.columns, line)
                              if column == "%" and isinstance(value, float) and abs(value) > 5}
        self.assertEqual(sorted(label for label in differing if f"| {label} |" not in reasons), [])
        self.assertTrue(differing)


class Results:
    """Stands in for the store: when what was run, and whether the tree had changes."""

    def __init__(self, *results):
        self.results = results

    def everything(self):
        for date, commit, dirty, image in self.results:
            yield {"environment": {"date": date, "commit": commit, "dirty": dirty, "image": image}}


class Commits(unittest.TestCase):
    def test_an_image_is_of_the_commit_where_it_first_ran_without_changes(self):
        store = Results(("3", "c" * 40, False, "one"), ("2", "b" * 40, False, "one"), ("1", "a" * 40, True, "one"),
                        ("1", "d" * 40, True, "two"), ("1", "e" * 40, False, None))
        self.assertEqual(commits_of_images(store), {"one": "b" * 12})


class Documents(LabCase):
    def setUp(self):
        super().setUp()
        self.experiments = {"trial": experiment(TABLE), "documents": experiment(SENTENCES, "documents")}

    def stored(self, text=DOCUMENT):
        sources = {name: choose_source(one, self.store, "full") for name, one in self.experiments.items()}
        return measured(tables_in({"A.md": text}, self.experiments), self.experiments, sources)

    def render(self, text, stored):
        return rendered("A.md", text, self.experiments, stored)

    def test_figures_go_where_they_belong(self):
        self.work(*self.experiments.values())
        stored = self.stored()
        text = self.render(DOCUMENT, stored)
        self.assertIn("It costs nothing, but it costs 600\ncycles, or 7 cycles.", text)
        self.assertIn("table 1 -->\n| kernel | one | none |\n|---|---:|---:|\n| `up` | 1,200 | |\n| lock | 600.0 | |\n"
                      "<!-- end -->\nafter\n", text)
        self.assertRegex(text, r"environment -->\n- the kernel of commit \w.*, measured on [\d-]+: documents, trial\n"
                               r"(- \w+: [^\n]+\n)+<!-- end -->")
        self.assertNotIn("old", text)
        self.assertEqual(self.render(text, stored), text)

    def test_what_is_kept_can_be_read_a_row_in_a_line(self):
        self.work(*self.experiments.values())
        stored = self.stored()
        loader = SourceFileLoader("document", os.path.join(TOP, "lab/document"))
        program = module_from_spec(spec_from_loader("document", loader))
        loader.exec_module(program)
        text = program.in_lines(stored)
        self.assertEqual(json.loads(text), stored)
        self.assertIn("\n    [1200, \"\"],\n    [600, \"\"]", text)

    def test_another_figure_is_found(self):
        self.work(*self.experiments.values())
        stored = self.stored()
        text = self.render(DOCUMENT, stored)
        for figure, other in (("600\n", "601\n"), ("1,200", "1,201"), ("| lock |", "| key |")):
            self.assertNotEqual(self.render(text.replace(figure, other), stored), text.replace(figure, other))

    def test_nothing_is_written_of_what_was_not_measured(self):
        with self.assertRaisesRegex(LabError, "trial: `up`: missing, not measured yet; nothing was written"):
            self.stored()

    def test_the_quick_profile_does_not_go_into_documents(self):
        self.work(*self.experiments.values(), profile="quick")
        self.assertRaises(LabError, self.stored)

    def test_a_table_that_has_other_rows_now(self):
        self.work(*self.experiments.values())
        stored = self.stored()
        stored["trial"]["tables"]["1"].pop()
        with self.assertRaisesRegex(LabError, "trial, table 1 has other rows and columns now"):
            self.render(DOCUMENT, stored)
        del stored["trial"]
        with self.assertRaisesRegex(LabError, "has no trial, table 1; `make figures EXP=trial`"):
            self.render(DOCUMENT, stored)

    def test_modes_that_came_later_wait_until_they_are_measured(self):
        self.experiments["trial"] = experiment(TABLE.replace('"up", "giantlock"', '"up", "modes"').replace(
            '{ label = "one" }, { label = "none", empty = true }', '{ kernels = "modes", label = "{}" }').replace(
            'rows = [{ label = "`up`", kernel = "up" }, { label = "lock", kernel = "giantlock", digits = 1 }]', 'rows = [{ label = "all" }]'))
        self.experiments["documents"] = experiment(SENTENCES, "documents")
        self.work(*self.experiments.values())
        stored = self.stored()
        everything = self.render(DOCUMENT, stored)
        self.assertIn("| kernel | giant lock | coarse", everything)
        stored["trial"]["modes"].remove("coarse")
        place = multiprocessor_modes().index("coarse")
        stored["trial"]["tables"]["1"] = [row[:place] + row[place + 1:] for row in stored["trial"]["tables"]["1"]]
        later = self.render(DOCUMENT, stored)
        self.assertIn("| kernel | giant lock |", later)
        self.assertNotIn("coarse", later)

    def test_a_sentence_that_is_not_there_once(self):
        self.work(*self.experiments.values())
        stored = self.stored()
        for text in (DOCUMENT.replace("it costs 12.5", "it takes 12.5"), DOCUMENT + "and it costs 5 cycles, too"):
            with self.assertRaisesRegex(LabError, "A.md: `it costs {} cycles,` is there [02] times"):
                self.render(text, stored)

    def test_comments_that_lead_nowhere(self):
        for old, new, message in (("trial, table 1", "trial, table 2", "no table 2 of an experiment trial"),
                                  ("trial, table 1", "trail, table 1", "no table 1 of an experiment trail"),
                                  ("- old\n<!-- end -->\n", "", "no `<!-- end -->` after")):
            with self.assertRaisesRegex(LabError, message):
                self.stored(DOCUMENT.replace(old, new))


class OnTerminal(LabCase):
    """lab/show."""

    def show(self, limit):
        folder = os.path.join(self.folder, "experiments")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "trial.toml"), "w", encoding="utf-8") as file:
            file.write(HEAD + TABLE + f'[[targets]]\ntext = "fast"\nat_most = {limit}\n'
                       'cell = { run = "a", metric = "cycles", kernel = "up" }\n')
        self.work(*load(folder).values())
        done = subprocess.run([sys.executable, os.path.join(TOP, "lab/show"), "trial", "--experiments", folder,
                               "--store", self.store.folder], stdout=subprocess.PIPE, text=True, check=False)
        return done.returncode, done.stdout

    def test_tables_and_targets(self):
        status, text = self.show(1200)
        self.assertEqual(status, 0)
        self.assertIn("kernel    one  none\nup      1,200\nlock    600.0\nPASS    fast: 1,200, wanted ≤ 1,200\n",
                      text)
        self.assertIn("commit: ", text)

    def test_a_target_that_is_not_met(self):
        status, text = self.show(1000)
        self.assertEqual(status, 1)
        self.assertIn("SHORT   fast: 1,200, wanted ≤ 1,000 by 20.0 %\n", text)
