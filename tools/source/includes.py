"""Which way the kernel's includes go: a file includes headers of its own layer and of lower ones. The layers, and
the includes that go upwards and why, are in tools/source/layers.py; docs/layers.md shows them."""
import argparse
import collections
import os
import re

from . import layers, tree

DOCUMENT = "docs/layers.md"
START, END = "<!-- made by `make includes` -->\n", "<!-- end -->\n"
FOLDERS = tree.KERNEL + ("include/castle",)
INCLUDE = re.compile(r"""^[ \t]*\#[ \t]*include[ \t]+(?:"([^"\n]+)"|<(castle/[^>\n]+)>)""", re.M)

Include = collections.namedtuple("Include", "file line header")


def fits(pattern, name):
    pattern = re.escape(pattern).replace(r"\*", "[^/]*")
    return re.match(pattern if pattern.endswith("/") else pattern + "$", name)


class Layers:
    def __init__(self, table):
        self.names = [name for name, _, _ in table]
        self.patterns = sorted(((pattern, number) for number, (_, _, patterns) in enumerate(table) for pattern in patterns),
                               key=lambda entry: -len(entry[0]))

    def number(self, name):
        """The layer of a file, counted from the lowest; None: it has none."""
        return next((number for pattern, number in self.patterns if fits(pattern, name)), None)


def all_includes(top=tree.TOP):
    for name in tree.files_below(FOLDERS, (".c", ".h", ".S", ".inc"), top):
        text = tree.read(name, top)
        for match in INCLUDE.finditer(text):
            header = match[1] or "include/" + match[2]
            yield Include(name, text[:match.start()].count("\n") + 1, header)


class Includes:
    """The includes of the tree below `top`, in a table of layers with exceptions."""

    def __init__(self, top=tree.TOP, table=None, exceptions=None, parts=None):
        self.top = top
        self.table = layers.LAYERS if table is None else table
        self.exceptions = layers.EXCEPTIONS if exceptions is None else exceptions
        self.parts = parts if parts is not None else layers.PARTS if table is None else []
        self.layers = Layers(self.table)
        self.includes = list(all_includes(top))
        files = {include.file for include in self.includes} | {include.header for include in self.includes}
        self.homeless = sorted(name for name in files if self.layers.number(name) is None)
        homed = [include for include in self.includes
                 if not {include.file, include.header} & set(self.homeless)]
        self.upward = [include for include in homed
                       if self.layers.number(include.header) > self.layers.number(include.file)]

    def name_of(self, file):
        return self.layers.names[self.layers.number(file)]

    def reason(self, include):
        """Why an include goes upwards; empty: nobody says."""
        return next((reason for (file, header), reason in self.exceptions.items()
                     if fits(file, include.file) and fits(header, include.header)), "")

    def not_argued(self):
        return [include for include in self.upward if not self.reason(include)]

    def stale(self):
        """Exceptions for what goes upwards no longer, or without a reason."""
        return sorted((file, header) for (file, header), reason in self.exceptions.items() if not reason.strip() or
                      not any(fits(file, include.file) and fits(header, include.header) for include in self.upward))

    def strays(self):
        """Includes by which a part knows what it is not to know."""
        return [include for include in self.includes for files, _, headers in self.parts
                if fits(files, include.file) and not any(fits(header, include.header) for header in headers)]

    def problems(self):
        for name in self.homeless:
            yield f"{name}: has no layer in tools/source/layers.py"
        for include in self.not_argued():
            yield (f"{include.file}:{include.line}: {self.name_of(include.file)} includes {include.header} "
                   f"of {self.name_of(include.header)}")
        for include in self.strays():
            yield f"{include.file}:{include.line}: is of a part that may not include {include.header}"
        for file, header in self.stale():
            yield f"{file}: is excused for {header} in tools/source/layers.py without need, or without a reason"

    def summary(self):
        return (f"includes: {len(self.includes)} over {len(self.table)} layers; upwards: {len(self.upward)}, "
                f"not argued for: {len(self.not_argued())}")

    def report(self):
        """All tables, for the document."""
        lines = ["| | layer | what it is | where |", "|---:|---|---|---|"]
        for number, (name, what, patterns) in reversed(list(enumerate(self.table))):
            where = ", ".join(f"`{pattern}`" for pattern in patterns)
            lines.append(f"| {number + 1} | {name} | {what} | {where} |")
        lines += ["", "What goes upwards:", "", "| file | includes | of layer | why |", "|---|---|---|---|"]
        for include in sorted(self.upward, key=lambda include: (include.file, include.header)):
            why = self.reason(include) or "**not argued for**"
            lines.append(f"| `{include.file}` | `{include.header}` | {self.name_of(include.header)} | {why} |")
        lines += ["", "Parts that know only some of what is below them:", "", "| files | what they are | headers that they may include |",
                  "|---|---|---|"]
        for files, what, headers in self.parts:
            lines.append(f"| `{files}` | {what} | " + ", ".join(f"`{header}`" for header in headers) + " |")
        return "\n".join(lines) + "\n"


def put_in(document, text):
    """The document with what is between the marks replaced."""
    before, found, rest = document.partition(START)
    _, ended, after = rest.partition(END)
    if not found or not ended:
        raise ValueError("there are no marks to put the tables between")
    return before + START + text + END + after


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="includes", description=__doc__)
    parser.add_argument("--top", default=tree.TOP, metavar="DIR", help="the tree to look at")
    parser.add_argument("--update", action="store_true", help=f"put the tables into {DOCUMENT}")
    options = parser.parse_args(arguments)
    includes = Includes(options.top)
    if options.update:
        path = os.path.join(options.top, DOCUMENT)
        text = put_in(tree.read(DOCUMENT, options.top), includes.report())
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    problems = list(includes.problems())
    for problem in problems:
        print(problem)
    print(includes.summary())
    return 1 if problems else 0
