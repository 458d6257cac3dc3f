"""What people have compilers, assemblers and the system do: programs, and options of compilers, that one would not think of. An
instrumented program must do what it did before; what LOPI does not know how to instrument it must leave alone."""
import functools
import os

import corpus
from common import Failed, TOP, difference, functions_of, run, run_both, want

AWKWARD = os.path.join(TOP, "tests/lopi/awkward")
WAYS = [("static", "cycles"), ("static", "calls"), ("paired", "callgraph"), ("thesis", "cycles")]
MACHINES = ["-m32", "-m64"]
# Sources, options of compiler and linker, and of how many functions something must be known in each strategy.
PROGRAMS = [(["processes.c"], [], {"static": 6, "paired": 5, "thesis": 5}), (["ends.c"], [], {"static": 6, "paired": 6, "thesis": 6}),
            (["handlers.c"], [], {"static": 3, "paired": 3, "thesis": 3}), (["coroutines.c"], [], {"static": 3}),
            (["processes.c"], ["-fsplit-stack", "-fuse-ld=gold"], {}), (["ends.c"], ["-fPIE", "-static-pie"], {"static": 6})]
# Options for the corpus: compiler, word sizes, those of the compiler, those of the linker.
OPTIONS = [("gcc", MACHINES, "-pg", ["-pg"]), ("gcc", MACHINES, "--coverage", ["--coverage"]),
           ("gcc", MACHINES, "-fsanitize=undefined", ["-fsanitize=undefined"]),
           ("gcc", MACHINES, "-mindirect-branch=thunk -mfunction-return=thunk", []), ("gcc", MACHINES, "-fzero-call-used-regs=all", []),
           ("gcc", ["-m64"], "-mcmodel=large -fPIC", []), ("gcc", ["-m64"], "-mtls-dialect=gnu2 -fPIC", []),
           ("gcc", MACHINES, "-falign-functions=1 -falign-jumps=1", []),
           ("clang", MACHINES, "-mllvm -enable-machine-outliner", []), ("clang", MACHINES, "-mretpoline", [])]


def compare(lopi, where, objects, link, least):
    """Instruments objects in all ways. Returns in how many something was instrumented."""
    link(objects, "plain")
    expected, checks = run(["./plain"], where=where), 0
    for strategy, payload in WAYS:
        out = f"{strategy}-{payload}"
        os.makedirs(os.path.join(where, out))
        status, _, errors = run_both([lopi.path, "--all", "--quiet", "--strategy", strategy, "--payload", payload, "-d", out, *objects],
                                     where)
        want(status in (0, 1), errors)
        link([*[f"{out}/{name}" for name in objects], f"{out}/liblopi.a"], f"{out}/program")
        results = os.path.join(where, out, "lopi.out")
        printed = run([f"{out}/program"], where=where, environment={"LOPI_OUT": results})
        if printed != expected:
            raise Failed(f"{strategy}, {payload}: {difference(expected, printed)}")
        found = [calls for calls, _ in functions_of(results).values() if calls] if os.path.exists(results) else []
        want(len(found) >= least.get(strategy, 0), f"{strategy}, {payload}: {len(found)} functions have calls")
        checks += 1
    return checks


def program(lopi, compiler, machine, sources, options, least):
    where = lopi.directory(f"awkward {compiler} {machine} {sources[0]} {' '.join(options)}")
    for_compiler = [one for one in options if one[:2] in ("-f", "-m") and "=" not in one]
    checks = 0
    for level in ["-O0", "-O2"]:
        work = os.path.join(where, level)
        os.makedirs(work)
        objects = []
        for source in sources:
            objects.append(source.replace(".", "_") + ".o")
            run([compiler, machine, level, "-w", *for_compiler, "-c", os.path.join(AWKWARD, source), "-o", objects[-1]], where=work)

        def link(parts, output, work=work):
            run(["gcc", machine, *options, *parts, "-lpthread", "-o", output], where=work)
        checks += compare(lopi, work, objects, link, least)
    return checks


def options_of_corpus(lopi, compiler, machine, options, of_linker):
    where = lopi.directory(f"awkward {compiler} {machine} {options}")
    objects = corpus.compile_corpus(compiler, [machine, "-O2", *options.split()], where)

    def link(parts, output):
        run(["g++", machine, "-pie", *of_linker, "-Wl,-z,text", *parts, "-lpthread", "-o", output], where=where)
    return compare(lopi, where, objects, link, {"static": 10, "paired": 10, "thesis": 10})


def cases(lopi):
    found = []
    for machine in MACHINES:
        for sources, options, least in PROGRAMS:
            for compiler in ["gcc"] if options else ["gcc", "clang"]:
                found.append((f"awkward: {compiler} {machine} {' '.join([*sources, *options])}",
                              functools.partial(program, lopi, compiler, machine, sources, options, least)))
    found.append(("awkward: gcc -m32 by_hand.S",
                  functools.partial(program, lopi, "gcc", "-m32", ["by_hand.S", "by_hand.c"], ["-fno-pic", "-no-pie"], {"static": 8})))
    for compiler, machines, options, of_linker in OPTIONS:
        found += [(f"awkward: {compiler} {machine} {options}",
                   functools.partial(options_of_corpus, lopi, compiler, machine, options, of_linker)) for machine in machines]
    return found
