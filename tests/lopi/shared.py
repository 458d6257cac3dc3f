"""Shared objects, of which one is loaded while the program runs: all share one runtime and one result."""
import functools
import json
import os

from common import callers, functions_of, run, run_both, want

PROGRAM = """
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
extern int shared_work(int n);
static int (*plugin)(int n);
__attribute__((noinline)) int own_work(int n) { __asm__ volatile(""); return shared_work(n) + 1; }
static void *thread(void *nothing) { for (int i = 0; i < 50; i++) plugin(i); return nothing; }
int main(void)
{
\tint sum = 0;
\tfor (int i = 0; i < 10; i++)
\t\tsum += own_work(i);
\tfor (int round = 0; round < 2; round++) {
\t\tvoid *object = dlopen("./plugin.so", RTLD_NOW | RTLD_LOCAL);
\t\tpthread_t other;
\t\tif (!object || !(plugin = (int (*)(int))dlsym(object, "plugin_work")))
\t\t\treturn puts(dlerror()), 1;
\t\tpthread_create(&other, 0, thread, 0);
\t\tfor (int i = 0; i < 5; i++)
\t\t\tsum += plugin(i);
\t\tpthread_join(other, 0);
\t\tdlclose(object);
\t}
\tprintf("%d\\n", sum);
\treturn 0;
}
"""

# An exception from one shared object to another, through a third function that has no opinion.
SHARED = """
extern "C" __attribute__((noinline)) int shared_deep(int n) { if (n == 7) throw n; asm volatile(""); return n; }
extern "C" __attribute__((noinline)) int shared_passes(int n) { return shared_deep(n) + 1; }
extern "C" __attribute__((noinline)) int shared_work(int n)
{
\tasm volatile("nop; nop; nop; nop; nop");
\ttry { return shared_passes(n); } catch (int caught) { return 2 * caught; }
}
"""

PLUGIN = """
extern int shared_work(int n);
__attribute__((noinline)) int plugin_work(int n) { return shared_work(n) + 2; }
"""

# Ten own calls, and twice fifty and five of the plugin's, all of which go on.
CALLS = {"main": 1, "own_work": 10, "thread": 2, "plugin_work": 110, "shared_work": 120, "shared_passes": 120,
         "shared_deep": 120}
ARCS = {("-", "main"): 1, ("-", "thread"): 2, ("main", "own_work"): 10, ("own_work", "shared_work"): 10,
        ("main", "plugin_work"): 10, ("thread", "plugin_work"): 100, ("plugin_work", "shared_work"): 110,
        ("shared_work", "shared_passes"): 120, ("shared_passes", "shared_deep"): 120}


def compile_all(where, machine):
    for name, text in [("main.c", PROGRAM), ("shared.cc", SHARED), ("plugin.c", PLUGIN)]:
        with open(os.path.join(where, name), "w", encoding="ascii") as file:
            file.write(text)
    for name in ["main.c", "shared.cc", "plugin.c"]:
        run(["gcc", machine, "-O2", "-fPIC", "-fno-optimize-sibling-calls", "-c", name], where=where)


def link(where, machine, linker, ending, libraries):
    """The program, and two shared objects."""
    linking = ["g++", machine, f"-fuse-ld={linker}", "-Wl,-rpath,.", "-Wl,-z,text"]
    run([*linking, "-shared", f"shared{ending}", *libraries, "-o", "libshared.so"], where=where)
    run([*linking, "-shared", f"plugin{ending}", *libraries, "-L.", "-lshared", "-o", "plugin.so"], where=where)
    run([*linking, f"main{ending}", *libraries, "-L.", "-lshared", "-o", "program"], where=where)
    return run(["./program"], where=where)


def arcs_of(lopi, where, payload):
    """Calls by caller, of the payload callgraph; of a trace, how many events there are for each call."""
    if payload == "callgraph":
        return {(caller, callee): int(calls) for calls, caller, callee in callers(lopi, where)}
    events = json.loads(lopi("report", "--chrome", where=where))["traceEvents"]
    want(len(events) == 2 * sum(CALLS.values()), f"{len(events)} events")
    return ARCS


def one_result(lopi, machine, payload, linker):
    where = lopi.directory(f"shared {machine} {payload} {linker}")
    compile_all(where, machine)
    expected = link(where, machine, linker, ".o", [])
    lopi("--all", "--quiet", "--shared", "--payload", payload, "main.o", "shared.o", "plugin.o", where=where)
    want(link(where, machine, linker, ".lopi.o", ["liblopi.a", "liblopi.so"]) == expected, "the output differs")
    calls = {name: calls for name, (calls, _) in functions_of(os.path.join(where, "lopi.out")).items()}
    want(calls == CALLS, f"{payload}, {linker}: {calls}")
    if payload != "calls":
        found = arcs_of(lopi, where, payload)
        want(found == ARCS, f"{payload}, {linker}: {found}")
    return 2


def alone(lopi, machine):
    """A program that is as it was loads an instrumented object; `lopi cc` makes all of them."""
    where = lopi.directory(f"shared alone {machine}")
    compile_all(where, machine)
    expected = link(where, machine, "bfd", ".o", [])
    lopi("--all", "--quiet", "--shared", "--payload", "cycles", "plugin.o", where=where)
    run(["gcc", machine, "-shared", "plugin.lopi.o", "liblopi.a", "liblopi.so", "-Wl,-rpath,.", "-L.", "-lshared", "-o",
         "plugin.so"], where=where)
    want(run(["./program"], where=where) == expected, "the output differs")
    calls = functions_of(os.path.join(where, "lopi.out"))
    want({name: one[0] for name, one in calls.items()} == {"plugin_work": 110}, str(calls))
    os.unlink(os.path.join(where, "liblopi.so"))  # of another payload, and found first
    flags = {"LOPI_FLAGS": "--all --quiet --payload calls --shared", "LOPI_CC": "g++"}
    compiler = [lopi.path, "cc", machine, "-O2", "-fPIC", "-fno-optimize-sibling-calls", "-Wl,-rpath,."]
    run([*compiler, "-shared", "shared.cc", "-o", "libshared.so"], where=where, environment=flags)
    flags["LOPI_CC"] = "gcc"
    run([*compiler, "-shared", "plugin.c", "-L.", "-lshared", "-o", "plugin.so"], where=where, environment=flags)
    run([*compiler, "main.c", "-L.", "-lshared", "-o", "program"], where=where, environment=flags)
    want(run(["./program"], where=where) == expected, "lopi cc: the output differs")
    calls = functions_of(os.path.join(where, "lopi.out"))
    want({name: one[0] for name, one in calls.items()} == CALLS, f"lopi cc: {calls}")
    return 4


def refused(lopi):
    """What shared objects cannot have is said, and a runtime of another payload does not load."""
    where = lopi.directory("shared refused")
    compile_all(where, "-m64")
    for arguments in [["--strategy", "paired"], ["--strategy", "thesis"], []]:
        found, _, errors = run_both([lopi.path, "--all", "--shared", *arguments, "main.o"], where=where)
        want(found == 2 and "--shared is for static exits" in errors and "not --strategy paired or thesis" in errors, errors)
    lopi("--all", "--quiet", "--shared", "--payload", "calls", "plugin.o", where=where)
    lopi("--all", "--quiet", "--shared", "--payload", "cycles", "shared.o", where=where)
    status, _, errors = run_both(["gcc", "-shared", "plugin.lopi.o", "liblopi.a", "-o", "plugin.so", "-Wl,-z,defs"], where=where)
    want(status != 0 and "lopi_module_of_payload_calls" in errors, errors)
    return 4


def cases(lopi):
    ways = [("-m64", "calls", "bfd"), ("-m64", "callgraph", "gold"), ("-m64", "callgraph", "lld"), ("-m64", "trace", "bfd"),
            ("-m32", "calls", "lld"), ("-m32", "callgraph", "bfd"), ("-m32", "trace", "gold")]
    found = [(f"shared objects: {machine}, {payload}, {linker}", functools.partial(one_result, lopi, machine, payload, linker))
             for machine, payload, linker in ways]
    found += [(f"shared objects: one alone, and lopi cc {machine}", functools.partial(alone, lopi, machine))
              for machine in ["-m64", "-m32"]]
    return [*found, ("shared objects: refused", functools.partial(refused, lopi))]
