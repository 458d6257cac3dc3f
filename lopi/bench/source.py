"""Instruments C source. Clang tells where each function begins and where its body does; what is inserted there is
text, on the same line, in a copy of the sources. A function's exits need no search: the text declares a variable with
a cleanup, which the compiler runs at all of them (source.h)."""
import functools
import json
import os
import re
import shutil
import subprocess
from collections import namedtuple

from commands import MACHINE, Broken

# A function's definition: the file it is in, and the offsets of its first word and of its opening brace.
Definition = namedtuple("Definition", "name file start brace")
# What gcc appends to the names of a function's clones and parts.
SUFFIX = re.compile(r"(\.(part|isra|constprop|cold)(\.\d+)?)+$")
FILE = re.compile(r'("includedFrom": \{\s*)?"file": ("[^"]*")')


def source_name(symbol):
    """The function that a symbol is, or is a part of."""
    return SUFFIX.sub("", symbol)


def declarations(flags, source, folder):
    """The top-level declarations of a C file, as clang prints them: (JSON, the file that was last named before)."""
    command = ["clang", MACHINE, "-O2", "-w", *flags, "-fsyntax-only", "-Xclang", "-ast-dump=json", source]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True, errors="replace") as clang:
        lines, file = [], source
        for line in clang.stdout:
            if line == "    {\n":
                lines = []
            lines.append(line)
            if line in ("    },\n", "    }\n"):
                text = "".join(lines)
                yield text.rstrip(",\n"), file
                named = [name for included, name in FILE.findall(text) if not included]
                file = json.loads(named[-1]) if named else file
    if clang.returncode:
        raise Broken(f"{' '.join(command)}: status {clang.returncode}")


def place(location, file):
    """(file, offset) of a location, which may be in a macro; what clang does not repeat is the file."""
    location = location.get("expansionLoc", location)
    return location.get("file", file), location.get("offset")


def definition(text, file):
    """The function that a declaration defines, or None."""
    if '"kind": "FunctionDecl"' not in text[:200] or '"kind": "CompoundStmt"' not in text:
        return None
    node = json.loads(text)
    bodies = [part for part in node.get("inner", []) if part.get("kind") == "CompoundStmt"]
    if not bodies or "name" not in node:
        return None
    file = node["loc"].get("expansionLoc", node["loc"]).get("file", file)
    _, start = place(node["range"]["begin"], file)
    _, brace = place(bodies[0]["range"]["begin"], file)
    return Definition(node["name"], file, start, brace)


@functools.cache
def definitions(program):
    """All functions that a program's own sources define."""
    found = set()
    for source in program.sources:
        for text, file in declarations(program.flags, source, program.source):
            one = definition(text, file)
            path = os.path.realpath(os.path.join(program.source, one.file)) if one else ""
            if path.startswith(os.path.realpath(program.source) + os.sep):
                found.add(one._replace(file=os.path.relpath(path, os.path.realpath(program.source))))
    return found


def insert(path, insertions):
    """Inserts texts into a file: (offset, text)."""
    with open(path, "rb") as file:
        data = file.read()
    for offset, text in sorted(insertions, reverse=True):
        if text.startswith(" ") and data[offset - 1:offset] != b"{":
            raise Broken(f"{path}: no opening brace at byte {offset - 1}")
        data = data[:offset] + text.encode() + data[offset:]
    with open(path, "wb") as file:
        file.write(data)


def copy_with(program, target, texts):
    """A copy of a program's sources, into which texts(definition) are inserted: (offset, text), or None."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(program.source, target, symlinks=True)
    by_file = {}
    for one in definitions(program):
        inserted = texts(one)
        if inserted:
            by_file.setdefault(one.file, set()).add(inserted)
    for file, insertions in by_file.items():
        insert(os.path.join(target, file), insertions)


def with_payload(program, target, names):
    """A copy in which the functions of these names begin with the payload; a name's place in the list is its
    number."""
    def text(one):
        if one.name not in names:
            return None
        return one.brace + 1, f" LOPI_BENCH_FUNCTION({names.index(one.name)})"
    missing = set(names) - {one.name for one in definitions(program)}
    if missing:
        raise Broken(f"{program.name}: clang does not see {', '.join(sorted(missing))}")
    copy_with(program, target, text)


def with_exceptions(program, target, names, attribute="no_instrument_function"):
    """A copy in which all other functions say that the compiler's instrumentation is not for them."""
    copy_with(program, target, lambda one: None if one.name in names else
              (one.start, f"__attribute__(({attribute})) "))
