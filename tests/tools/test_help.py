"""`make help`, README.md and docs/ agree with the tree: targets exist, variables are used, modes are named, files are
where the documents say."""
import functools
import glob
import os
import re
import subprocess
import unittest

from support import TOP

VARIABLE = r"[A-Z][A-Z0-9_]*=(?:\"[^\"]*\"|'[^']*'|[^\s;`|]*)"
# make, what variables and options come first, and the targets.
COMMAND = re.compile(rf"(?<![\w/.-])make((?: +(?:{VARIABLE}|-[a-zA-Z]\S*))*)((?: [a-z][a-z0-9-]*)*)"
                     rf"((?: +{VARIABLE})*)")


def make(*arguments):
    environment = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(["make", "-C", TOP, *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False, env=environment).stdout


@functools.cache
def targets():
    """The names of all targets, from make's own list."""
    return set(re.findall(r"^([a-z][a-z0-9-]*):(?!=)", make("-pqRr", "help"), re.M))


@functools.cache
def makefiles():
    text = ""
    for path in [os.path.join(TOP, "Makefile"), *glob.glob(os.path.join(TOP, "**/*.mk"), recursive=True)]:
        if os.path.relpath(path, TOP).split(os.sep)[0] != "build":
            with open(path, encoding="utf-8") as file:
                text += file.read()
    return text


def is_used(variable):
    return re.search(rf"\$[({{]{variable}[)}}:]", makefiles()) is not None


def code_in(text):
    """What a document has in code spans and indented lines."""
    yield from (found.group(1).replace("\n", " ") for found in re.finditer(r"`([^`]+)`", text))
    yield from (line.strip() for line in text.splitlines() if re.match(r" {4}|\t", line))


def commands_in(code):
    """(targets, variables) of each `make` in some code."""
    for found in COMMAND.finditer(code):
        yield found.group(2).split(), re.findall(r"([A-Z][A-Z0-9_]*)=", re.sub(r"\"[^\"]*\"|'[^']*'", "",
                                                                                  found.group(1) + found.group(3)))


def documents():
    for path in [os.path.join(TOP, "README.md"), *sorted(glob.glob(os.path.join(TOP, "docs/**/*.md"), recursive=True))]:
        with open(path, encoding="utf-8") as file:
            yield os.path.relpath(path, TOP), file.read()


PATH = re.compile(r"(?<![\w/.$-])(?:kernel|arch|boot|include|uapps|lab|tools|tests|lopi|iso|docs)/[\w./*\[\]-]*[\w/*\]]")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
CODE_BLOCK = re.compile(r"^    .*$", re.M)
# The port's files, as they were then.
HISTORY = re.compile(r"<!-- made by `make port-size` -->.*?<!-- end -->", re.S)


def absent_from_tree(text, folder):
    """Files that a document in a folder names, or links to, and that are not there. NAME is the reader's."""
    text = HISTORY.sub("", text)
    named = [path for path in PATH.findall(text.replace("](", " ")) if "NAME" not in path]
    named += [os.path.normpath(os.path.join(folder, path)) for path in LINK.findall(CODE_BLOCK.sub("", text))]
    return len(named), [path for path in named if not glob.glob(os.path.join(TOP, path))]


class Help(unittest.TestCase):
    def setUp(self):
        self.help = make("-s", "help")

    def test_targets_exist(self):
        named = re.findall(r"^make ([a-z][a-z0-9-]*)", self.help, re.M)
        self.assertGreater(len(named), 20)
        self.assertEqual([target for target in named if target not in targets()], [])

    def test_variables_are_used(self):
        named = set(re.findall(r"(?<![\w.])([A-Z][A-Z0-9_]*)=", self.help))
        self.assertGreater(len(named), 15)
        self.assertEqual([variable for variable in sorted(named) if not is_used(variable)], [])

    def test_the_modes_are_readmes(self):
        found = re.search(r"^ +MODE=(\S+)", self.help, re.M)
        self.assertIsNotNone(found)
        readme = dict(documents())["README.md"]
        self.assertEqual(sorted(found.group(1).split("|")), sorted(re.findall(r"^\| `mode=(\w+)` \|", readme, re.M)))


class Documents(unittest.TestCase):
    def test_targets_exist(self):
        count, wrong = 0, []
        for file, text in documents():
            for code in code_in(text):
                for named, _ in commands_in(code):
                    count += len(named[:1])
                    wrong += [f"{file}: make {target}" for target in named[:1]
                              if target not in targets()]
        self.assertGreater(count, 50)
        self.assertEqual(wrong, [])

    def test_variables_are_used(self):
        count, wrong = 0, []
        for file, text in documents():
            for code in code_in(text):
                for _, variables in commands_in(code):
                    count += len(variables)
                    wrong += [f"{file}: {variable}=" for variable in variables if not is_used(variable)]
        self.assertGreater(count, 30)
        self.assertEqual(wrong, [])

    def test_files_are_where_they_are_said_to_be(self):
        count, wrong = 0, []
        for file, text in documents():
            found, absent = absent_from_tree(text, os.path.dirname(file))
            count += found
            wrong += [f"{file}: {path}" for path in absent]
        self.assertGreater(count, 150)
        self.assertEqual(wrong, [])

    def test_a_file_that_is_not_there_is_found(self):
        text = "`tools/run`, `tests/tools/test_*.py`, `tools/ran`, [x](lab.md#top) [y](lap.md), `uapps/bin/NAME.c`"
        self.assertEqual(absent_from_tree(text, "docs"), (5, ["tools/ran", "docs/lap.md"]))

    def test_what_is_read_of_a_document(self):
        text = ("`make SMP=0 iso` and\n\n    make run RUN=\"a B=c\"  runs\n\n"
                "`make\nlab EXP=x` but make nothing `cmake y`\n")
        self.assertEqual([command for code in code_in(text) for command in commands_in(code)],
                         [(["iso"], ["SMP"]), (["lab"], ["EXP"]), (["run"], ["RUN"])])
