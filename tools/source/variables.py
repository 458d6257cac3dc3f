"""What guards each of the kernel's variables: every one in writable memory, global or static in a function, as the
object files have it, says so where it is defined:

    CPU_LOCAL                each processor has its own
    GUARDED_BY(domain)       whoever reads or writes it holds this lock domain (kernel/lock/domains.h); or, for
                             NAME_class of some LOCK_CLASS(), the lock NAME
    SET_AT_BOOT              written only before further processors and programs run
    UNGUARDED("why")         none of these, and why that is right

after the variable's name and before its value: `static struct list ready GUARDED_BY(scheduler);`. A macro that
defines variables may say it for all of them. In assembly, the same words stand in the comment beside or above the label.
"""
import argparse
import collections
import os
import re
import subprocess

from . import tree

KINDS = ("kernel", "kernel-debug", "kernel-up", "kernel-up-debug")
WRITABLE = "bBdDgGsSCV"
CPU_LOCAL_SECTION = ".cpulocal"
ANNOTATION = re.compile(r"\b(CPU_LOCAL|SET_AT_BOOT)\b|\b(GUARDED_BY|UNGUARDED)\s*\(\s*(\"(?:\\.|[^\"\\])*\"|[^\s()]*)")

# `line` 0: the object file does not say.
Variable = collections.namedtuple("Variable", "name source file line local")


class Unbuilt(Exception):
    """There are no object files to look at."""


def source_of(path, top):
    """The source file that `path`, below a kind's folder, was made from."""
    for ending in (".c", ".S"):
        if os.path.exists(os.path.join(top, path + ending)):
            return path + ending
    return None


def variables_of(objects, sources, top):
    """Those of object files; two lists of the same length."""
    text = subprocess.run(["nm", "-f", "sysv", "-l", *objects], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True, text=True).stdout
    source = None
    for line in text.splitlines():
        if line.startswith("Symbols from "):
            source = sources[line.split("Symbols from ")[1].rstrip(":")]
        fields = [field.strip(" ") for field in line.split("|")]
        if len(fields) != 7 or fields[2] not in WRITABLE:
            continue
        section, _, place = fields[6].partition("\t")
        file, _, number = place.rpartition(":")
        file = os.path.relpath(os.path.join(top, file), top) if file else source
        yield Variable(fields[0].split(".")[0], source, file, int(number) if number else 0,
                       section == CPU_LOCAL_SECTION)


def all_variables(build, top=tree.TOP, kinds=KINDS):
    """Of all kinds of kernel that are built, each variable once: of the processor's own if any kind has it so."""
    found = {}
    for kind in kinds:
        folder = os.path.join(build, kind)
        objects = {}
        for path, _, names in os.walk(folder):
            for name in names:
                if name.endswith(".o"):
                    full = os.path.join(path, name)
                    source = source_of(os.path.relpath(full[:-2], folder), top)
                    # An object whose source is gone is left over from earlier.
                    if source:
                        objects[full] = source
        if not objects:
            raise Unbuilt(f"there is nothing in {folder}")
        for variable in variables_of(sorted(objects), objects, top):
            key = (variable.source, variable.line, variable.name)
            if key not in found or variable.local:
                found[key] = variable
    return [found[key] for key in sorted(found)]


def statement_at(source, line, name):
    """The statement with `name` on `line`, with its strings, without comments."""
    start = source.line_start(line)
    match = re.compile(rf"\b{re.escape(name)}\b").search(source.code, start, source.line_start(line + 1))
    at = match.start() if match else start
    begin = max(source.code.rfind(char, 0, at) for char in ";{}") + 1
    depth, end = 0, len(source.code)
    for match in re.compile(r"[{};]").finditer(source.code, at):
        depth += (match[0] == "{") - (match[0] == "}")
        if match[0] == ";" and depth <= 0:
            end = match.start()
            break
    # Annotations come before the value; and strings are empty in `code`.
    equals = re.compile(r"=|\{").search(source.code, at, end)
    end = equals.start() if equals else end
    return tree.TOKEN.sub(lambda token: "" if token[0][0] == "/" else token[0],
                          tree.DIRECTIVE.sub("", source.text[begin:end]))


def macro_that_pastes(source, name):
    """A #define of the file that pastes `name` together."""
    for directive in tree.DIRECTIVE.finditer(source.text):
        for pasted in re.findall(r"\w*(?:##\w+)+", directive[0]):
            pattern = "".join(r"\w+" if part and index else re.escape(part)
                              for index, part in enumerate(re.split("##", pasted)))
            if directive[0].lstrip().startswith("#define") and re.fullmatch(pattern, name):
                return directive[0]
    return ""


def assembly_comment(text, name):
    """The comments beside the label and above the lines without a blank one between that lead to it."""
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if re.match(rf"\s*{re.escape(name)}:|\s*\.l?comm\s+{re.escape(name)}\b", line):
            first = index
            while first and lines[first - 1].strip():
                first -= 1
            return " ".join(re.findall(r"/\*.*?\*/", "\n".join(lines[first:index + 1]), re.S))
    return ""


class Variables:
    """The variables of a built tree, and what they say."""

    def __init__(self, build, top=tree.TOP, kinds=KINDS):
        self.top = top
        self.domains = tree.domains(top)
        self.files = {}
        self.macros = self._macros()
        self.domains |= self._locks()
        self.variables = all_variables(build, top, kinds)

    def _file(self, name):
        if name not in self.files:
            self.files[name] = tree.load(name, self.top)
        return self.files[name]

    def _macros(self):
        """{name: definition} of the headers' macros with parameters that say what guards something."""
        directives = (match[0] for name in tree.files_below(tree.KERNEL, ".h", self.top)
                      for match in tree.DIRECTIVE.finditer(self._file(name).text))
        heads = ((re.match(r"\s*#\s*define\s+(\w+)\(", text), text) for text in directives)
        return {match[1]: text for match, text in heads if match and ANNOTATION.search(text, match.end())}

    def _locks(self):
        """Names of locks that belong to no domain, from their classes."""
        return {name for file in tree.files_below(tree.KERNEL, ".c", self.top)
                for name in re.findall(r"\bLOCK_CLASS\w*\((\w+)_class,", self._file(file).code)}

    def _said_by_macro(self, variable, text):
        for name in re.findall(r"\b(\w+)\s*\(", text):
            if name in self.macros:
                return self.macros[name]
        return macro_that_pastes(self._file(variable.source), variable.name)

    def annotations(self, variable):
        """The words and arguments found at a variable: a list of pairs."""
        if variable.source.endswith(".S"):
            text = assembly_comment(self._file(variable.source).text, variable.name)
        else:
            text = statement_at(self._file(variable.file), variable.line, variable.name)
            if not ANNOTATION.search(text):
                text = self._said_by_macro(variable, text)
        found = [(match[1] or match[2], match[3] or "") for match in ANNOTATION.finditer(text)]
        return found or ([("CPU_LOCAL", "")] if variable.local else [])

    def place(self, variable):
        line = variable.line
        if not line:
            text = self._file(variable.source).text
            match = re.search(rf"^\s*{re.escape(variable.name)}:", text, re.M)
            line = text[:match.end()].count("\n") + 1 if match else 0
        return f"{variable.file}:{line}"

    def problem(self, variable):
        """What is wrong with a variable's annotation, or None."""
        found = self.annotations(variable)
        if not found:
            return "says nothing of what guards it"
        if len(set(found)) > 1:
            return "says two things of what guards it"
        word, argument = found[0]
        if word == "GUARDED_BY" and argument not in self.domains:
            return f"{tree.DOMAINS} has no domain {argument}"
        if word == "UNGUARDED" and len(argument.strip('"').split()) < 2:
            return "does not say why it is UNGUARDED"
        if variable.local and word != "CPU_LOCAL":
            return f"is each processor's own, and says {word}"
        return None

    def problems(self):
        for variable in self.variables:
            problem = self.problem(variable)
            if problem:
                yield f"{self.place(variable)}: {variable.name} {problem}"

    def table(self):
        for variable in self.variables:
            says = ", ".join(f"{word}({argument})" if argument else word for word, argument in self.annotations(variable))
            yield f"{self.place(variable)}: {variable.name}: {says or '-'}"

    def summary(self):
        counts = collections.Counter(word for variable in self.variables for word, _ in self.annotations(variable)[:1])
        said = ", ".join(f"{count} {word}" for word, count in sorted(counts.items()))
        return f"variables in writable memory: {len(self.variables)} ({said or 'none says what guards it'}); " \
               f"without an answer, or with a wrong one: {sum(1 for _ in self.problems())}"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="globals", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--top", default=tree.TOP, metavar="DIR", help="the tree to look at")
    parser.add_argument("--build", default="build", metavar="DIR", help="where it is built (build)")
    parser.add_argument("--list", action="store_true", help="list all variables and what they say instead")
    options = parser.parse_args(arguments)
    try:
        variables = Variables(os.path.join(options.top, options.build), options.top)
    except Unbuilt as error:
        parser.exit(2, f"globals: {error}: `make globals` builds the kernels first\n")
    if options.list:
        print("\n".join(variables.table()))
        return 0
    problems = list(variables.problems())
    for problem in problems:
        print(problem)
    print(variables.summary())
    return 1 if problems else 0
