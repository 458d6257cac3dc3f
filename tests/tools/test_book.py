"""The book: every place in the source that a chapter names is there, chapters and links are whole, and the pages are made."""
import glob
import os
import re
import subprocess
import tempfile
import unittest

from support import TOP
from chapters import Wrong, code, contents

SOURCE = """/* What it is for. */
#include <x.h>

#define SIZE 4
/* Counts. */
static int count(int from)
{
\treturn from + SIZE;
}

struct thing {
\tint member;
};
"""


def pages_of(folder):
    texts = {}
    for path in glob.glob(os.path.join(folder, "*.html")):
        with open(path, encoding="utf-8") as file:
            texts[os.path.basename(path)] = file.read()
    return texts


class Places(unittest.TestCase):
    def setUp(self):
        code.lines_of.cache_clear()
        code.functions_of.cache_clear()
        self.addCleanup(code.lines_of.cache_clear)
        self.addCleanup(code.functions_of.cache_clear)
        read, self.text = code.read, SOURCE
        code.read = lambda path: self.text
        self.addCleanup(setattr, code, "read", read)

    def test_names_are_found(self):
        self.assertEqual([code.extent("a.c", what) for what in ("count()", "struct thing", "SIZE", '"#include" "SIZE 4"')],
                         [(5, 9), (11, 13), (4, 4), (2, 4)])

    def test_numbers_follow_the_source(self):
        self.text = "/* A new line. */\n" + SOURCE
        self.assertEqual(code.extent("a.c", "count"), (6, 10))

    def test_what_is_gone_is_reported(self):
        for what in ("uncount", "struct thin", '"#include" "SIZE 5"'):
            with self.assertRaises(Wrong):
                code.extent("a.c", what)

    def test_a_listing_has_the_lines_numbers(self):
        made = code.listing("kernel/a.c", "count")
        self.assertIn('href="source-kernel-a.c.html#L5"', made)
        self.assertEqual(re.findall(r'"number">(\d+)<', made), ["5", "6", "7", "8", "9"])


class Book(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.book = contents.load()

    def test_every_place_is_there(self):
        """Listings and lines, in all chapters."""
        found = [place for chapter in self.book.chapters for place in code.references(chapter.text)]
        self.assertGreater(len(found), 40)
        self.assertEqual([(path, what) for path, what, line in found if not 0 < line <= len(code.lines_of(path))], [])

    def test_every_document_is_a_chapter(self):
        documents = {os.path.relpath(path, TOP) for path in glob.glob(os.path.join(TOP, "docs/**/*.md"), recursive=True)}
        paths = [chapter.path for chapter in self.book.chapters]
        self.assertEqual(sorted(paths), sorted(documents))
        self.assertEqual(len({chapter.file for chapter in self.book.chapters}), len(paths))

    def test_chapters_that_walk_code_have_exercises(self):
        for chapter in self.book.chapters:
            if chapter.number and "<!-- code:" in chapter.text:
                self.assertIn("\n## Exercises\n", chapter.text, chapter.path)

    def test_the_picture_names_every_folder_of_the_kernel(self):
        with open(os.path.join(TOP, "docs/pictures/kernel.svg"), encoding="utf-8") as file:
            picture = file.read()
        folders = sorted(os.path.relpath(path, TOP) for path in glob.glob(os.path.join(TOP, "kernel/*/")))
        self.assertEqual([folder for folder in folders if not re.search(rf"{folder}\b", picture)], [])

    def test_the_costs_of_a_port_are_those_of_the_benchmarks(self):
        texts = []
        for name in ("porting", "benchmarks"):
            with open(os.path.join(TOP, f"docs/{name}.md"), encoding="utf-8") as file:
                texts.append(set(re.findall(r"^\| `[a-z_.0-9]+` \| [\d,]+ (?:\| [-\d.]+ ){3}\|.*$", file.read(), re.M)))
        self.assertGreater(len(texts[0]), 5)
        self.assertEqual(texts[0] - texts[1], set())


class Pages(unittest.TestCase):
    def test_pages_and_links(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([os.path.join(TOP, "tools/book"), "--output", folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, check=False)
            if "No module named 'markdown'" in done.stdout:
                self.skipTest("python3-markdown is not installed")
            self.assertEqual(done.returncode, 0, done.stdout)
            texts = pages_of(folder)
            self.check_links(folder, texts)
        self.assertRegex(texts["giant-lock.html"], r'kernel/smp/ticket\.h:\d+</a></figcaption>')
        self.assertFalse([name for name, text in texts.items() if "<!-- code:" in text])

    def check_links(self, folder, texts):
        """Each leads to a page, and to a place that it has."""
        wrong = []
        for name, text in texts.items():
            for target in set(re.findall(r'(?:href|src)="([^"#][^"]*)"', text)):
                file, _, place = target.partition("#")
                if re.match(r"[a-z]+:", target):
                    continue
                if not os.path.exists(os.path.join(folder, file)) or (place and f'id="{place}"' not in texts.get(file, "")):
                    wrong.append(f"{name}: {target}")
        self.assertEqual([link for link in wrong if "castle-book.pdf" not in link], [])


if __name__ == "__main__":
    unittest.main()
