"""Signal handlers that come at any instruction: a program steps through instrumented functions, their stubs and the
runtime, and a handler calls instrumented functions after each instruction. Nothing may be lost, nor taken for something else."""
import functools
import json
import os
import re

from common import TOP, callers, functions_of, run, want

ROUNDS, DEPTH = 5, 260  # calls under way are more than there is room for at first; so are pairs of functions
PAYLOADS = ["calls", "counter", "cycles", "callgraph", "trace"]
FUNCTIONS = "inner,outer,deep,many,one*,in_handler,in_handler_inner"
ONES = [f"one{number}" for number in range(100, 200)]
# Who calls whom; the handler's calls come from all of them, and from code that is not instrumented.
CALLERS = {"inner": {"outer", *ONES}, "outer": {"-"}, "deep": {"deep", "-"}, "many": {"-"},
           "in_handler_inner": {"in_handler"}, **{one: {"many"} for one in ONES}}


def expected_calls(handled):
    return {"outer": ROUNDS, "inner": 2 * ROUNDS + len(ONES), "deep": DEPTH + 1, "many": 1, "in_handler": handled,
            "in_handler_inner": handled, **{one: 1 for one in ONES}}


def look_at_callers(lopi, where, calls):
    """Each function's callers are those that the program has, and together called it as often as it was."""
    found = callers(lopi, where)
    sums = {}
    for number, caller, callee in found:
        want(caller in CALLERS.get(callee, calls.keys() | {"-"}), f"{caller} has called {callee}")
        want(caller not in ("in_handler", "in_handler_inner") or callee == "in_handler_inner",
             f"{caller} has called {callee}")
        sums[callee] = sums.get(callee, 0) + int(number)
    want(sums == calls, f"calls by callers: { {one: sums.get(one) for one in calls if sums.get(one) != calls[one]} }")


def look_at_trace(lopi, where, calls):
    """Every call and every return is there, and they are nested."""
    stack, seen = [], {}
    for event in json.loads(lopi("report", "--chrome", where=where))["traceEvents"]:
        if event["ph"] == "B":
            stack.append(event["name"])
            seen[event["name"]] = seen.get(event["name"], 0) + 1
        else:
            want(stack and stack.pop() == event["name"], f"a return of {event['name']}, which is not called last")
    want(not stack and seen == calls, "calls are missing in the trace")


def step(lopi, where, machine, strategy, payload):
    """One strategy and payload; in the directory are the program's object file and what it computes."""
    lopi("-fn", FUNCTIONS, "--strategy", strategy, "--payload", payload, "stepping.o", where=where)
    run(["gcc", machine, "-no-pie", "stepping.lopi.o", "liblopi.a", "-o", "program"], where=where)
    printed = run(["./program", str(ROUNDS), str(DEPTH)], where=where).split()
    want(printed[:2] == [str(ROUNDS * ROUNDS + len(ONES)), str(DEPTH)], f"{strategy}, {payload}: {printed}")
    calls = expected_calls(int(printed[2]))
    found = {name: number for name, (number, _) in functions_of(os.path.join(where, "lopi.out")).items()}
    if payload != "counter":
        wrong = {name: found.get(name) for name in calls if found.get(name) != calls[name]}
        want(not wrong, f"{strategy}, {payload}: calls {wrong}")
    text = lopi("report", where=where)
    want("belonged to no call" not in text, f"{strategy}, {payload}: {text[-200:]}")
    if payload == "callgraph":
        look_at_callers(lopi, where, calls)
    if payload == "trace":
        look_at_trace(lopi, where, calls)


def stepping(lopi, machine, strategy):
    where = lopi.directory(f"signals {machine} {strategy}")
    run(["gcc", machine, "-O1", "-falign-functions=16", "-fno-pic", "-c", os.path.join(TOP, "tests/lopi/stepping.c")], where=where)
    for payload in PAYLOADS:
        step(lopi, where, machine, strategy, payload)
    return len(PAYLOADS)


def cases(lopi):
    return [(f"signals at every instruction: {machine} {strategy}", functools.partial(stepping, lopi, machine, strategy))
            for machine in ["-m32", "-m64"] for strategy in ["static", "paired", "thesis"]]
