"""The corpus: compiled in many ways, instrumented in all ways, run, and compared."""
import collections
import functools
import itertools
import os
import re

from common import CORPUS, Failed, difference, functions_of, run, want

MODULES = ["main", "control", "convention", "jumps", "threads", "storage", "through", "assembly"]
ASSEMBLY = ["assembly", "starts"]
MACHINES = ["-m32", "-m64"]
LEVELS = ["-O0", "-O1", "-O2", "-O3", "-Os"]
PLACES = ["-fno-pic", "-fPIE", "-fPIC", "-fPIE -fno-plt"]
FRAMES = ["-fomit-frame-pointer", "-fno-omit-frame-pointer"]
GUARDS = ["-fcf-protection=none", "-fcf-protection=full"]
SECTIONS = ["-fno-function-sections -g", "-ffunction-sections -fdata-sections"]
# What is tried of all combinations by `make check`: every option at every level, once with each compiler.
SOME = [(0, 0, 0, 0), (1, 1, 1, 1), (2, 0, 1, 0), (0, 1, 0, 1), (3, 0, 0, 1)]
WAYS = [("static", "calls"), ("static", "counter"), ("static", "cycles"), ("paired", "calls"),
        ("paired", "counter"), ("paired", "callgraph"),
        ("thesis", "calls"), ("thesis", "counter"), ("thesis", "cycles")]
# Those of callgrind's counts that are not calls as others count them.
UNCOUNTED = re.compile(r"asm_|_start|_init|_fini|main$|_dl_")


def builds(full):
    """Compiler and options of each build."""
    for machine, compiler, (number, level) in itertools.product(MACHINES, ["gcc", "clang"], enumerate(LEVELS)):
        if full:
            chosen = itertools.product(PLACES, FRAMES, GUARDS, SECTIONS)
        else:
            place, frame, guard, section = SOME[(number + (compiler == "clang")) % len(SOME)]
            chosen = [(PLACES[place], FRAMES[frame], GUARDS[guard], SECTIONS[section])]
        for options in chosen:
            yield compiler, [machine, level, *" ".join(options).split()]


def modules(options):
    """The parts in C, and those in assembly, which is the IA-32's."""
    return (MODULES, ASSEMBLY) if options[0] == "-m32" else (MODULES[:-1], [])


def compile_corpus(compiler, options, where):
    """Compiles all modules; returns the object files."""
    common = ["-w", *options, "-c"]
    in_c, in_assembly = modules(options)
    run([compiler, *common, *[os.path.join(CORPUS, f"{name}.c") for name in in_c]], where=where)
    for name in in_assembly:
        run([compiler, *common, os.path.join(CORPUS, f"{name}.S"), "-o", f"{name}_asm.o"], where=where)
    plus = {"gcc": "g++", "clang": "clang++"}[compiler]
    run([plus, *common, os.path.join(CORPUS, "exceptions.cc")], where=where)
    return [*[f"{name}.o" for name in [*in_c, "exceptions"]], *[f"{name}_asm.o" for name in in_assembly]]


def link(objects, options, output, where):
    position = ["-no-pie"] if "-fno-pic" in options else ["-pie"]
    sections = ["-Wl,--gc-sections"] if "-ffunction-sections" in options else []
    run(["g++", options[0], *position, *sections, "-Wl,-z,text", *objects, "-lpthread", "-o", output],
        where=where)


def instrumented_run(lopi, objects, options, way, where):
    """Instruments everything in one way and runs it; returns what it printed and the functions."""
    strategy, payload = way
    out = f"{strategy}-{payload}"
    os.makedirs(os.path.join(where, out))
    lopi("--all", "--quiet", "--strategy", strategy, "--payload", payload, "-d", out, *objects,
         where=where)
    copies = [os.path.join(out, name) for name in objects]
    link([*copies, f"{out}/liblopi.a"], options, f"{out}/program", where)
    results = os.path.join(where, out, "lopi.out")
    printed = run([f"{out}/program"], where=where, environment={"LOPI_OUT": results})
    return printed, functions_of(results)


def compare_calls(first, other, name):
    """The functions that both know, not all of which every strategy can do, have the same calls."""
    both = first.keys() & other.keys()
    want(len(both) * 10 > len(first) * 8, f"{name}: {len(both)} functions of {len(first)}")
    wrong = [f"{one}: {first[one][0]}, {other[one][0]}" for one in both
             if first[one][0] != other[one][0]]
    want(not wrong, f"{name}: calls differ: {'; '.join(wrong[:5])}")


def callgrind_calls(program, where):
    """Calls of each function as callgrind counts them. Valgrind cannot read all debug information (Debian's ends at
    clang's), and needs none for this."""
    run(["strip", "-g", "-o", "without-debug", program], where=where)
    run(["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=callgrind.out", "--demangle=no",
         "--compress-strings=no", "--compress-pos=no", "./without-debug"], where=where,
        environment={"CORPUS_VALGRIND": "1"})
    calls, callee = collections.Counter(), None
    with open(os.path.join(where, "callgrind.out"), encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("cfn="):
                callee = re.sub(r"'\d+$", "", line[4:].strip())
            elif line.startswith("calls="):
                calls[callee] += int(line[6:].split()[0])
    return calls


def compare_callgrind(functions, program, where):
    calls = callgrind_calls(program, where)
    known = [name for name in functions if not UNCOUNTED.match(name) and name in calls]
    want(len(known) > 30, f"callgrind knows {len(known)} of the functions")
    wrong = [f"{name}: {functions[name][0]}, callgrind {calls[name]}" for name in known
             if functions[name][0] != calls[name]]
    want(not wrong, f"calls differ from callgrind's: {'; '.join(wrong[:8])}")
    return len(known)


def run_build(lopi, compiler, options, callgrind):
    where = lopi.directory(f"{compiler} {' '.join(options)}")
    objects = compile_corpus(compiler, options, where)
    link(objects, options, "program", where)
    expected = run(["./program"], where=where)
    checks, first = 0, None
    for way in WAYS:
        printed, functions = instrumented_run(lopi, objects, options, way, where)
        if printed != expected:
            raise Failed(f"{way}: the output differs:\n{difference(expected, printed)}")
        if way[1] != "counter":
            first = first or functions
            compare_calls(first, functions, way)
        checks += 1
    want(len(first) > (80 if options[0] == "-m32" else 50), f"only {len(first)} functions instrumented")
    return checks + (compare_callgrind(first, "./program", where) if callgrind else 0)


def cases(lopi, full):
    found = []
    for compiler, options in builds(full):
        callgrind = options[1] in ("-O0", "-O2") and (compiler, options[1]) != ("clang", "-O0")
        found.append((f"{compiler} {' '.join(options)}",
                      functools.partial(run_build, lopi, compiler, options, callgrind)))
    return found
