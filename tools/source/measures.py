"""What the kernel's source looks like in numbers, each with its limit: `make style` fails if one is missed.

Functions as pmccabe sees them (lines from the name to the closing brace; cyclomatic complexity). Comments: of
the lines that are not blank, those that are comment in whole or in part. Format: what clang-format would change,
in all C that is the project's own. Contracts and includes: tools/contracts, tools/includes.
"""
import argparse
import collections
import os
import re
import subprocess
import sys
import textwrap

from . import contracts, includes, tree

MEDIAN, NINETIETH, LONGEST, COMPLEXITY = 12, 30, 40, 10
FILE_LINES = 450
COMMENT_PERCENT = 15
SLICE_LINES = 6
COLUMNS = 100
KERNEL_ENDINGS = (".c", ".h", ".S", ".inc")
FORMATTED = ("arch", "boot", "include", "kernel", "lab", "lopi", "tools", "uapps", "tests")
NOT_OURS = re.compile(r"/(third-party|newlib)/")

Measured = collections.namedtuple("Measured", "file line name length complexity")


def output_of(*command):
    """What a command prints, whatever its status."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True).stdout


def functions_of(files, top):
    """pmccabe's numbers."""
    if not files:
        return []
    text = subprocess.run(["pmccabe", *files], cwd=top, stdout=subprocess.PIPE, check=True, text=True).stdout
    functions = []
    for line in text.splitlines():
        complexity, _, _, _, length, place = line.split("\t")
        file, number, name = re.fullmatch(r"(.*)\((\d+)\): (.*)", place).groups()
        functions.append(Measured(file, int(number), name, int(length), int(complexity)))
    return functions


def at_share(lengths, share):
    """The smallest length that this share of all is not longer than."""
    lengths = sorted(lengths)
    return lengths[max(-(-len(lengths) * share // 100) - 1, 0)] if lengths else 0


def comment_lines(text):
    """(lines with comment, lines that are not blank)"""
    lines = set()
    for match in tree.TOKEN.finditer(text):
        if match[0][0] == "/":
            first = text[:match.start()].count("\n")
            lines.update(range(first, first + match[0].count("\n") + 1))
    filled = [number for number, line in enumerate(text.split("\n")) if line.strip()]
    return len(lines.intersection(filled)), len(filled)


def orphans_in(text):
    """The lines where the end of a comment stands alone although its beginning does not."""
    for match in tree.TOKEN.finditer(text):
        first, *rest = match[0].split("\n")
        if first.startswith("/*") and first.strip("/* ") and rest and rest[-1].strip() == "*/":
            yield text[:match.end()].count("\n") + 1


def mended(text):
    """The text with comments like that as blocks, or on one line where they fit."""
    def comment(match):
        first, *rest = match[0].split("\n")
        start = text.rfind("\n", 0, match.start()) + 1
        indent = text[start:match.start()]
        if indent.strip() or not (first.strip("/* ") and rest and rest[-1].strip() == "*/"):
            return match[0]
        words = tree.words_of(match[0])
        width = COLUMNS - len(indent.expandtabs(8))
        if len(words) + 6 <= width:
            return f"/* {words} */"
        lines = textwrap.wrap(words, width - 3, break_long_words=False, break_on_hyphens=False)
        return "\n".join(["/*", *(f"{indent} * {line}" for line in lines), f"{indent} */"])
    return tree.TOKEN.sub(comment, text)


def used_once(source, lengths):
    """(static function of at most SLICE_LINES lines that one place uses, whether that is a call); `lengths` by name."""
    heads = collections.Counter(function.name for function in source.functions)
    for function in source.functions:
        if function.is_static and function.body and lengths.get(function.name, SLICE_LINES + 1) <= SLICE_LINES:
            found = re.findall(rf"\b{function.name}\b(\s*\()?", source.code)
            if len(found) == heads[function.name] + 1:
                yield function, all(found)


class Measures:
    """Of the tree below `top`."""

    def __init__(self, top=tree.TOP):
        self.top = top
        self.kernel = tree.files_below(tree.KERNEL, KERNEL_ENDINGS, top)
        self.texts = {name: tree.read(name, top) for name in self.kernel}
        self.functions = functions_of([name for name in self.kernel if name.endswith(".c")], top)
        self.lines, self.failures = [], []

    def say(self, text, misses=()):
        """A line of the report, and what of it is missed."""
        self.lines.append(text)
        for miss in misses:
            self.lines.append(f"  {miss}")
            self.failures.append(miss)

    def lengths(self):
        lengths = [function.length for function in self.functions]
        median, ninetieth = at_share(lengths, 50), at_share(lengths, 90)
        misses = [f"{what} is {value}, more than {limit}" for what, value, limit in
                  (("the median", median, MEDIAN), ("the 90th percentile", ninetieth, NINETIETH)) if value > limit]
        misses += [f"{function.file}:{function.line}: {function.name}: {function.length} lines, more than {LONGEST}"
                   for function in self.functions if function.length > LONGEST]
        self.say(f"kernel functions: {len(lengths)}; lines: median {median} (at most {MEDIAN}), 90th percentile "
                 f"{ninetieth} ({NINETIETH}), longest {max(lengths, default=0)} ({LONGEST})", misses)

    def complexity(self):
        highest = max((function.complexity for function in self.functions), default=0)
        self.say(f"highest cyclomatic complexity: {highest} ({COMPLEXITY})",
                 [f"{function.file}:{function.line}: {function.name}: complexity {function.complexity}, more than "
                  f"{COMPLEXITY}" for function in self.functions if function.complexity > COMPLEXITY])

    def files(self):
        sizes = {name: text.count("\n") for name, text in self.texts.items()}
        longest = max(sizes, key=sizes.get, default=None)
        self.say(f"kernel files: {len(sizes)}, lines: {sum(sizes.values())}; longest: {sizes.get(longest, 0)} "
                 f"({FILE_LINES}), {longest}",
                 [f"{name}: {size} lines, more than {FILE_LINES}" for name, size in sizes.items() if size > FILE_LINES])

    def comments(self):
        counts = [comment_lines(text) for text in self.texts.values()]
        comment, filled = sum(count for count, _ in counts), sum(count for _, count in counts)
        percent = 100 * comment / max(filled, 1)
        self.say(f"comments: {comment} of {filled} lines that are not blank are comment, in whole or in part: "
                 f"{percent:.1f} % (at least {COMMENT_PERCENT})",
                 [f"comments: {percent:.1f} %, less than {COMMENT_PERCENT}"] if percent < COMMENT_PERCENT else [])

    def orphans(self):
        found = [f"{name}:{line}: the comment's */ stands alone, its /* does not"
                 for name, text in self.texts.items() for line in orphans_in(text)]
        self.say(f"orphan */ lines: {len(found)}", found)

    def formatted(self):
        return [name for name in tree.files_below(FORMATTED, (".c", ".h"), self.top) if not NOT_OURS.search(name)]

    def fix(self):
        """Lets clang-format change what it would, and mends the comments that it leaves orphans of."""
        subprocess.run(["clang-format", "-i", *self.formatted()], cwd=self.top, check=True)
        for name in self.kernel:
            text = tree.read(name, self.top)
            if mended(text) != text:
                with open(os.path.join(self.top, name), "w", encoding="utf-8") as file:
                    file.write(mended(text))

    def format(self):
        files = self.formatted()
        done = output_of("clang-format", "--dry-run", *(os.path.join(self.top, name) for name in files))
        wrong = sorted({os.path.relpath(match[1], self.top)
                        for match in re.finditer(r"^(.+?):\d+:\d+: (?:warning|error):", done, re.M)})
        self.say(f"files that clang-format would change: {len(wrong)} of {len(files)}",
                 [f"{name}: clang-format would change it" for name in wrong])

    def contracts(self):
        found = contracts.Contracts(self.top)
        problems = list(found.problems())
        self.say(found.summary())
        if problems:
            self.failures.append(f"contracts: {len(problems)} (tools/contracts lists them)")
            self.lines.append(f"  {self.failures[-1]}")

    def includes(self):
        found = includes.Includes(self.top)
        self.say(found.summary(), list(found.problems()))

    def used_once(self):
        """The functions that may only make their reader jump; nothing is demanded of them."""
        by_file = collections.defaultdict(dict)
        for function in self.functions:
            by_file[function.file][function.name] = function.length
        return [found for name in by_file
                for found in used_once(tree.Source(name, self.texts[name]), by_file[name])]

    def slices(self):
        used = self.used_once()
        self.say(f"static functions of at most {SLICE_LINES} lines with one use: {len(used)}; that is a call: "
                 f"{sum(called for _, called in used)} (--slices lists these)")

    def lopi(self):
        functions = functions_of(tree.files_below(("lopi",), ".c", self.top), self.top)
        lengths = [function.length for function in functions]
        self.say(f"for comparison, LOPI's functions: {len(lengths)}; lines: median {at_share(lengths, 50)}, 90th percentile "
                 f"{at_share(lengths, 90)}, longest {max(lengths, default=0)}")

    def all(self):
        for measure in (self.lengths, self.complexity, self.files, self.comments, self.orphans, self.format,
                        self.contracts, self.includes, self.slices, self.lopi):
            measure()
        return self


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="style", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--top", default=tree.TOP, metavar="DIR", help="the tree to look at")
    parser.add_argument("--slices", action="store_true",
                        help=f"list the static functions of at most {SLICE_LINES} lines that one place calls instead")
    parser.add_argument("--fix", action="store_true", help="first mend what can be: format, orphan */ lines")
    options = parser.parse_args(arguments)
    if options.fix:
        Measures(options.top).fix()
    measures = Measures(options.top)
    if options.slices:
        found = [function for function, called in measures.used_once() if called]
        for function in found:
            print(f"{function.place}: {function.name}")
        print(f"{len(found)} static functions of at most {SLICE_LINES} lines are called in one place")
        return 0
    print("\n".join(measures.all().lines))
    if measures.failures:
        print(f"style: {len(measures.failures)} missed", file=sys.stderr)
    return 1 if measures.failures else 0
