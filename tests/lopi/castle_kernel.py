"""LOPI in Castle's kernel: all of it instrumented, in every strategy, in every mode."""
import functools
import json
import os
import re

from castle import boot
from common import TOP, functions_of, run, run_both, want

# Kernels, strategies, payloads, and the modes with their CPUs.
WAYS = [("kernel", "static", "cycles", [("up", 1), ("giantlock", 4), ("fine", 4), ("appkern", 3)]),
        ("kernel", "paired", "callgraph", [("giantlock", 4), ("appkern", 3)]),
        ("kernel", "thesis", "calls", [("giantlock", 4), ("appkern", 3)]),
        ("kernel-up", "static", "counter", [("up", 1), ("appkern", 3)])]
INLINE = ["ready_queue_take", "list_remove", "cr3_read"]  # functions only with -fno-inline
# uapps/bench/getpid.c with -n 1: three ways, of three rounds to warm up and one that counts, of 1000 calls; two rounds
# of calls that stand apart; and five to check that all ways are the same.
GETPIDS = 3 * (3 + 1) * 1000 + 2 * 1000 + 5
# Four at once, so that all processors count. The small shell and the other programs, which print TAP, do without getpid.
AT_ONCE = 4
# While processors run these, all functions are switched on and off.
MEANWHILE = "file -n 1 & pipe -n 1 & fault -n 1 &"
SEVERAL = [("giantlock", 4), ("coarse", 4), ("fine", 4), ("lockfree", 4), ("masterslave", 3), ("ioproc", 3)]
COMMANDS = f"minish -c '{'getpid -n 1 & ' * AT_ONCE}wait'; test_pthread; test_pipes"
OWN = {"lopi_start"}  # the runtime's, of which nothing is instrumented


def make(lopi, image, kernel, strategy, payload, functions, *settings, flags=""):
    """The command that makes an instrumented kernel's image, as users write it."""
    return ["env", "MAKEFLAGS=", "MAKELEVEL=0", "make", "-C", TOP, f"BUILD={os.path.relpath(lopi.build, TOP)}",
            f"SMP={0 if kernel == 'kernel-up' else 1}", f"LOPI={functions}", f"LOPI_STRATEGY={strategy}",
            f"LOPI_PAYLOAD={payload}", f"LOPI_CFLAGS={flags}", *settings, f"LOPI_ISO={os.path.relpath(image, TOP)}", "iso-now"]


def look_at_counts(results, cpus, payload, begun=1):
    """What is known: how often getpid was called, how many packages there are, on how many processors, and whether the
    kernel's first function was instrumented when it was called."""
    with open(results, encoding="ascii") as file:
        text = file.read()
    want(f"\nthreads {cpus}\n" in text and "\nlost 0\n" in text, text[:100])
    functions = functions_of(results)
    want(len(functions) > 400 and not OWN & functions.keys(), f"{len(functions)} functions")
    if payload == "counter":
        return
    packages = len([name for name in os.listdir(os.path.join(TOP, "uapps/bin")) if name.endswith(".c")])
    want(functions["sys_getpid"][0] == AT_ONCE * GETPIDS, f"getpid: {functions['sys_getpid']}")
    want(functions["package_add"][0] > packages, f"package_add: {functions['package_add']}")
    want(functions["kernel_main"][0] == begun, f"kernel_main: {functions['kernel_main']}")


def run_mode(lopi, image, mode, cpus, payload, results):
    printed = boot(image, mode, cpus, COMMANDS, results)
    good, bad = (len(re.findall(rf"^{word} \d", printed, re.M)) for word in ["ok", "not ok"])
    want(good > 40 and not bad, f"{os.path.basename(results)}: {good} good, {bad} bad:\n{printed[-2000:]}")
    look_at_counts(results, cpus, payload)
    report = lopi("report", results)
    want(re.search(r" sys_getpid$", report, re.M), f"no sys_getpid in the report:\n{report}")


def whole_kernel(lopi):
    """Every function that can be instrumented is."""
    where = lopi.directory("castle kernel")
    image = os.path.join(where, "castle-lopi.iso")
    checks = 0
    for kernel, strategy, payload, modes in WAYS:
        run(make(lopi, image, kernel, strategy, payload, "*"), patience=5)
        for mode, cpus in modes:
            run_mode(lopi, image, mode, cpus, payload, os.path.join(where, f"{kernel}-{strategy}-{payload}-{mode}-{cpus}"))
            checks += 3
    return checks


def inline_functions(lopi):
    """What is inlined otherwise, when the kernel is compiled for that."""
    where = lopi.directory("castle kernel inline")
    image, results = (os.path.join(where, name) for name in ["castle-lopi.iso", "kernel-static-calls-giantlock-4"])
    run(make(lopi, image, "kernel", "static", "calls", "*", flags="-fno-inline"), patience=5)
    run_mode(lopi, image, "giantlock", 4, "calls", results)
    calls = functions_of(results)
    want(all(calls[name][0] > 0 for name in INLINE), str({name: calls.get(name) for name in INLINE}))
    return 4


def instructions(image, append=()):
    """What getpid and pipe take, by way, on a machine on which a cycle is an instruction."""
    printed = run([os.path.join(TOP, "tools/run"), "--iso", image, "--machine", "icount", "--mode", "up", "--run",
                   "getpid -n 1; pipe -n 1", "--com2", f"{image}.icount", *append], patience=5)
    found = [json.loads(line[len("@castle "):]) for line in printed.splitlines() if line.startswith("@castle ")]
    return {(one["bench"], one["metric"], one.get("bytes")): one["value"] for one in found if one["unit"] == "instructions"}


def switched(lopi):
    """Off, functions cost nothing; on from the command line, what static exits cost; and they are switched as Castle runs."""
    where = lopi.directory("castle kernel switched")
    image, results = (os.path.join(where, name) for name in ["castle-lopi.iso", "results"])
    run(make(lopi, image, "kernel", "static", "calls", "*", "LOPI_SWITCHED=1"), patience=5)
    plain = instructions(os.path.join(TOP, "castle.iso"))
    off, one = (instructions(image, append) for append in [[], ["--append", "lopi.on=absent,sys_getpi?"]])
    dear = {way: (off.get(way), cost) for way, cost in plain.items() if off.get(way, 2 * cost) > 1.005 * cost}
    want(len(plain) > 4 and not dear, f"switched off: {dear}")
    want(all(one[way] == off[way] + 4 for way in off if way[0] == "getpid"), f"sys_getpid on: {off} {one}")
    switch = "dash -c 'echo {} >/dev/lopi'; ".format
    printed = boot(image, "up", 1, f"getpid -n 1; {switch('sys_g*')}getpid -n 1; {switch('')}getpid -n 1; "
                   + switch(r"\*") + "test_pipes; " + switch("") + "test_pipes", results)
    want("not ok" not in printed and printed.count("LOPI, 0 functions are on") == 2, printed)
    calls = functions_of(results)
    want(GETPIDS <= calls["sys_getpid"][0] < GETPIDS + 100 and calls["sys_pipe"][0] > 0, str(calls["sys_getpid"]))
    boot(image, "giantlock", 4, COMMANDS, results, options=["--append", "lopi.on=*"])
    look_at_counts(results, 4, "calls", begun=0)
    for mode, cpus in SEVERAL:
        switched_by_several(image, mode, cpus, results)
    printed = boot(image, "appkern", 3, r"dash -c 'echo \* >/dev/lopi || true'; test_pipes", results)
    want("are on" not in printed and "I/O error" in printed and "not ok" not in printed, f"appkern: {printed}")
    return 7 + 3 * len(SEVERAL)


def switched_by_several(image, mode, cpus, results):
    """Whatever processors are doing, they go on doing it; and what is on is counted, wherever it is called."""
    toggle = r"echo \* >/dev/lopi; echo >/dev/lopi; "
    printed = boot(image, mode, cpus, f"dash -c '{MEANWHILE} {toggle * 4} wait'; "
                   "dash -c 'echo sys_g* >/dev/lopi; getpid -n 1 & getpid -n 1 & wait; echo >/dev/lopi'; test_pthread",
                   results)
    on = [int(count) for count in re.findall(r"LOPI, (\d+) functions are on", printed)]
    want(len(on) == 10 and on[1::2] == [0] * 5 and min(on[0:8:2]) > 500, f"{mode}: {on}\n{printed}")
    want("not ok" not in printed, f"{mode}: {printed}")
    calls = functions_of(results)["sys_getpid"][0]
    want(2 * GETPIDS <= calls < 2 * GETPIDS + 200, f"{mode}: getpid {calls}")


def refused(lopi):
    """What cannot be instrumented is named, and no image is made."""
    where = lopi.directory("castle kernel refused")
    image = os.path.join(where, "castle-lopi.iso")
    for functions, payload, message in [("trap_int80", "cycles", "trap_int80 left alone: it is a label, not a function"),
                                        ("no_such_function", "cycles", "no function no_such_function"),
                                        ("sys_getpid", "trace", "LOPI_PAYLOAD counter, calls, cycles or callgraph")]:
        status, _, errors = run_both(make(lopi, image, "kernel", "static", payload, functions))
        want(status != 0 and message in errors, f"LOPI={functions} LOPI_PAYLOAD={payload}: status {status}\n{errors}")
        want(not os.path.exists(image), f"{functions}: an image was made")
    return 3


def everything(lopi):
    """One after the other: they share a place in the build tree."""
    return whole_kernel(lopi) + inline_functions(lopi) + switched(lopi) + refused(lopi)


def cases(lopi):
    return [("castle: the kernel", functools.partial(everything, lopi))]
