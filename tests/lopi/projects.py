#!/usr/bin/env python3
"""Real projects, built as their users build them, with `lopi cc` for the compiler: cmark by CMake, with a shared object, and
gzip by its configure script and make. What they print must be what it is without, and functions must have been counted."""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import Lopi, TOP, functions_of, run, status_of, want  # noqa: E402

sys.path.insert(0, os.path.join(TOP, "lopi/bench"))
import held_back  # noqa: E402
import programs  # noqa: E402

PATIENCE = 20


def cmake(source, where, environment):
    run(["cmake", "-S", source, "-B", where, "-DCMAKE_BUILD_TYPE=Release", "-DCMARK_TESTS=OFF"], environment=environment,
        patience=PATIENCE)
    run(["cmake", "--build", where], environment=environment, patience=PATIENCE)


def configure(source, where, environment):
    os.makedirs(where)
    run([os.path.join(source, "configure"), "--disable-dependency-tracking"], where=where, environment=environment,
        patience=PATIENCE)
    run(["make"], where=where, environment=environment, patience=PATIENCE)


# Package, how it is built, where the program is then, its arguments, what it reads, and LOPI's options.
PROJECTS = [
    ("cmark", cmake, "src/cmark", [], held_back.Cmark.make_input, 200, "--all --quiet --shared --payload calls"),
    ("gzip", configure, "gzip", ["-c", "-6"], programs.Gzip.make_input, 100_000, "--all --quiet --payload calls"),
]


def try_project(lopi, package, build, program, arguments, make_input, size, flags):
    where = lopi.directory(f"project {package}")
    source = os.path.join(where, "source")
    run([os.path.join(TOP, "uapps/third-party/source"), lopi.build, package, source], patience=PATIENCE)
    with open(os.path.join(where, "input"), "wb") as file:
        file.write(make_input(None, size))
    printed = []
    for name, compilers in [("plain", {}), ("instrumented", {"CC": f"{lopi.path} cc", "CXX": f"{lopi.path} c++"})]:
        build(source, os.path.join(where, name), {**compilers, "LOPI_FLAGS": flags, "LOPI_OUT": os.path.join(where, "of-build")})
        printed.append(run([os.path.join(where, name, program), *arguments, "input"], where=where,
                           environment={"LOPI_OUT": "lopi.out"}))
    want(printed[0] and printed[0] == printed[1], f"{package}: the output differs")
    calls = {name: number for name, (number, _) in functions_of(os.path.join(where, "lopi.out")).items() if number}
    want(len(calls) > 20 and calls.get("main") == 1, f"{package}: {calls}")
    return f"{package}: as without LOPI; {len(calls)} functions were called, {sum(calls.values())} times"


def try_all(lopi):
    for project in PROJECTS:
        print(try_project(lopi, *project), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--build", default="build", help="build tree (build)")
    options = parser.parse_args()
    return status_of(lambda: try_all(Lopi(options.build)))


if __name__ == "__main__":
    sys.exit(main())
