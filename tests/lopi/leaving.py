"""Calls that longjmp and exceptions end: they have ended from then on, for callers, cycles and traces."""
import functools
import json
import os
import re

from common import TOP, callers, run, want

# Callers and calls of each function in the 100 rounds of leaving.cc.
ARCS = {("-", "main"): 1, ("main", "returned_to"): 100, ("main", "through_library"): 100, ("main", "catches"): 100,
        ("main", "catches_again"): 100, ("returned_to", "jumps"): 20, ("returned_to", "jumps_deep"): 180,
        ("jumps_deep", "jumps_deep"): 20 * (1 + 2 + 3) + 200, ("jumps_deep", "jumps"): 180,
        ("returned_to", "after_jump"): 200, ("returned_to", "after_jump_of_many"): 200,
        ("through_library", "compare"): 100, ("through_library", "jumps_over"): 100, ("jumps_over", "returned_to"): 100,
        ("through_library", "after_jump"): 100, ("catches", "passes"): 100, ("rethrows", "passes"): 100,
        ("passes", "throws"): 200, ("passes", "cleanup"): 200, ("catches", "after_catch"): 100,
        ("catches", "after_jump_of_many"): 100, ("catches_again", "rethrows"): 100, ("rethrows", "after_catch"): 100,
        ("catches_again", "after_jump"): 100}
FUNCTIONS = sorted({callee for _, callee in ARCS})
BUILDS = [("g++", "-m32 -O0 -fno-pic"), ("g++", "-m32 -O2 -fPIE"), ("g++", "-m32 -O2 -fPIE -fno-plt"),
          ("clang++", "-m32 -O1 -fno-pic"), ("g++", "-m32 -O1 -fno-pic -static"),
          ("g++", "-m32 -Os -fno-pic -mpush-args -mno-accumulate-outgoing-args"),
          ("g++", "-m64 -O0 -fno-pic"), ("g++", "-m64 -O2 -fPIE -fcf-protection=full -fno-omit-frame-pointer"), ("clang++", "-m64 -O1 -fPIE -fno-omit-frame-pointer"),
          ("g++", "-m64 -O1 -fno-pic -static")]


def make(lopi, where, strategy, payload, machine, position):
    """Instruments and runs leaving.o; the output must be the program's."""
    lopi("-fn", ",".join(FUNCTIONS), "--keep-going", "--quiet", "--strategy", strategy, "--payload", payload,
         "leaving.o", where=where)
    run(["g++", machine, position, "leaving.lopi.o", "liblopi.a", "-o", "program"], where=where)
    return run(["./program"], where=where)


def arcs_of_trace(lopi, where):
    """Calls by caller, as the trace has them. Whatever was called has ended, in order."""
    stack, arcs = ["-"], {}
    for event in json.loads(lopi("report", "--chrome", where=where))["traceEvents"]:
        if event["ph"] == "B":
            pair = (stack[-1], event["name"])
            arcs[pair] = arcs.get(pair, 0) + 1
            stack.append(event["name"])
        else:
            want(stack.pop() == event["name"], f"{event['name']} ends, but was not called last")
    want(stack == ["-"], f"still under way at the end: {stack}")
    return arcs


def arcs_of_callgraph(lopi, where):
    found = callers(lopi, where)
    return {(caller, callee): int(calls) for calls, caller, callee in found}


def leaving(lopi, compiler, options):
    where = lopi.directory(f"leaving {compiler} {options}")
    position = "-static" if "-static" in options else "-no-pie" if "-fno-pic" in options else "-pie"
    machine = options.split()[0]
    run([compiler, *options.split(), "-falign-functions=16", "-fno-optimize-sibling-calls", "-c",
         os.path.join(TOP, "tests/lopi/leaving.cc")],
        where=where)
    run(["g++", machine, position, "leaving.o", "-o", "plain"], where=where)
    expected = run(["./plain"], where=where)
    for strategy in ["static", "paired", "thesis"]:
        for payload, arcs_of in [("callgraph", arcs_of_callgraph), ("trace", arcs_of_trace)]:
            want(make(lopi, where, strategy, payload, machine, position) == expected, f"{strategy}: the output differs")
            found = arcs_of(lopi, where)
            wrong = {pair: (found.get(pair), ARCS.get(pair)) for pair in found.keys() | ARCS.keys()
                     if found.get(pair) != ARCS.get(pair)}
            want(not wrong, f"{strategy}, {payload}: calls found and expected: {wrong}")
    return 6


def cases(lopi):
    return [(f"left for good: {compiler} {options}", functools.partial(leaving, lopi, compiler, options))
            for compiler, options in BUILDS]
