"""The site: every page is there, links lead to what is there, and the search knows all of it."""
import glob
import json
import os
import re
import unittest

from lab import pages
from support import LabCase, experiment

BODY = """[runs.a]
programs = "report 5"
kernels = ["giantlock"]

[[tables]]
title = "T"
cell = { run = "a", metric = "cycles" }
rows = { cpus = [1] }
columns = [{ label = "c" }]
"""


class Parts(unittest.TestCase):
    def test_the_words_of_a_page(self):
        self.assertEqual(pages.plain("<p>See <code>a</code>.</p><p>More</p><svg><text>x</text></svg>"), "See a. More")

    def test_a_summary_ends_with_a_sentence_if_it_can(self):
        self.assertEqual(pages.summary_of("<h1>T</h1><p>Short:</p>"), "Short:")
        self.assertEqual(pages.summary_of("<p>One. Two " + "word " * 50 + ".</p>"), "One.")
        self.assertEqual(pages.summary_of("<p>" + "word " * 50 + ".</p>"), "word " * 33 + "word …")
        self.assertEqual(pages.summary_of("<h1>T</h1>"), "")


class Site(LabCase):
    def setUp(self):
        super().setUp()
        trial = experiment(BODY)
        self.work(trial)
        self.site = os.path.join(self.folder, "site")
        self.count = pages.write({"trial": trial}, self.store, None, self.site)

    def read(self, name):
        with open(os.path.join(self.site, name), encoding="utf-8") as file:
            return file.read()

    def test_pages_are_there(self):
        self.assertEqual(self.count, len(glob.glob(os.path.join(self.site, "*.html"))))
        self.assertIn("A title", self.read("report.html"))
        self.assertIn('href="report.html#trial"', self.read("index.html"))

    def test_an_experiment_with_a_page_of_its_own(self):
        trial = experiment(BODY, "conflicts")
        self.work(trial)
        pages.write({"conflicts": trial}, self.store, None, self.site)
        text = self.read("matrix.html")
        self.assertIn("<h1>The conflict matrix</h1>", text)
        self.assertIn("A title", text)
        self.assertEqual(text.count("<section"), text.count("</section>"))

    def test_links_lead_somewhere(self):
        for path in glob.glob(os.path.join(self.site, "*.html")):
            text = self.read(os.path.basename(path))
            for target in re.findall(r'(?:href|src)="([^"#]+)', text):
                if not re.match(r"[a-z]+:", target):
                    self.assertTrue(os.path.exists(os.path.join(self.site, target)), f"{path}: {target}")

    def test_raw_output_is_there(self):
        logs = re.findall(r'href="(runs/[^"]+)"', self.read("report.html"))
        self.assertEqual(len(logs), 1)
        self.assertIn('"value":5.0', self.read(logs[0]))

    def test_each_figure_leads_to_its_command_and_raw_output(self):
        """Of tables, to the run that it is from; of plots, to all of the experiment's."""
        trial = experiment(BODY.replace('"giantlock"]', '"giantlock", "up"]').replace('metric = "cycles" }', 'metric = "cycles", kernel = "up" }') + """
[[plots]]
title = "P"
kind = "lines"
cell = { run = "a", metric = "cycles" }
x = { cpus = [1] }
series = [{ label = "s", kernel = "giantlock" }]
""")
        self.work(trial)
        pages.write({"trial": trial}, self.store, None, self.site)
        text = self.read("report.html")
        self.assertIn('<td class="castle"><a href="#trial.a.up.1.0">5</a></td>', text)
        place = re.search(r'<li id="trial.a.up.1.0"><code>(.*?)</code>.*?href="(runs/[^"]+)"', text)
        self.assertIn("--mode up", place.group(1))
        self.assertTrue(os.path.exists(os.path.join(self.site, place.group(2))))
        self.assertRegex(text, r'<figcaption>.*<a href="#trial.runs">')
        for name in re.findall(r'href="#([^"]+)"', text):
            self.assertIn(f'id="{name}"', text)

    def test_a_page_of_one_experiment_leads_to_the_others_runs_in_the_report(self):
        other = experiment(BODY.replace('run = "a"', 'run = "trial:a"').replace("[runs.a]", 'needs = ["trial"]\n[runs.b]'), "conflicts")
        self.work(other)
        pages.write({"trial": experiment(BODY), "conflicts": other}, self.store, None, self.site)
        self.assertIn('<a href="report.html#trial.a.giantlock.1.0">5</a>', self.read("matrix.html"))

    def test_search_knows_headings_and_words(self):
        entries = json.loads(self.read("search-index.js").removeprefix("const entries = ").rstrip().removesuffix(";"))
        found = [entry for entry in entries if "false sharing" in entry["text"]]
        self.assertTrue(any(entry["page"].startswith("doc-conflicts.html#") for entry in found), [entry["page"] for entry in found])
        self.assertTrue(any(entry["page"] == "report.html#trial" for entry in entries))
        self.assertFalse(any("<" + "svg" in entry["text"] for entry in entries))

    def test_no_page_needs_the_network(self):
        for path in glob.glob(os.path.join(self.site, "*.html")):
            self.assertNotRegex(self.read(os.path.basename(path)), r'<(script|link)[^>]*(src|href)="https?:')

    def test_what_is_built_beside_it_is_linked(self):
        self.assertNotIn("../web/index.html", self.read("index.html"))
        os.makedirs(os.path.join(self.folder, "web"))
        with open(os.path.join(self.folder, "web", "index.html"), "w", encoding="utf-8") as file:
            file.write("there")
        pages.write({"trial": experiment(BODY)}, self.store, None, self.site)
        self.assertIn('href="../web/index.html"', self.read("index.html"))
