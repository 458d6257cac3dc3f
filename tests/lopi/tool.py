"""The tool's own manners: what it refuses, its exit statuses, how functions are chosen, what it reports."""
import functools
import json
import os
import re
import shutil
import signal
import xml.dom.minidom

from common import CORPUS, callers, functions_of, run, run_both, want

BIG, BIG_ROOM = 30000, 300 << 20  # functions, and bytes of memory to instrument them with

COUNTING = """
extern __thread volatile unsigned lopi_counter;
__attribute__((noinline)) void step(void) { lopi_counter += 3; }
__attribute__((noinline)) void twice(void) { step(); lopi_counter += 1; step(); }
__attribute__((noinline)) int nested(int n) { lopi_counter++; return n ? nested(n - 1) + 1 : 0; }
int main(void) { for (int i = 0; i < 10; i++) twice(); return nested(4) != 4; }
"""

# Calls work() five times for each argument and for its name; the argument is a program that it executes meanwhile.
STARTS = """
#include <sys/wait.h>
#include <unistd.h>
__attribute__((noinline)) int work(int n) { return n * 3 + 1; }
int main(int count, char **arguments)
{
\tvolatile int sum = 0;
\tfor (int i = 0; i < 5 * count; i++)
\t\tsum += work(i);
\tif (count > 1 && vfork() == 0) {
\t\texecl(arguments[1], arguments[1], (char *)0);
\t\t_exit(1);
\t}
\twait(0);
\treturn 0;
}
"""

# Two threads of C++, one of C11, and forty rounds of OpenMP call work() once each.
THREADS = """
#include <thread>
#include <threads.h>
extern "C" __attribute__((noinline)) void work() { asm volatile(""); }
static int call(void *) { work(); return 0; }
int main()
{
\tthrd_t third;
\tstd::thread one(work), two(work);
\tone.join();
\ttwo.join();
\tif (thrd_create(&third, call, nullptr) == thrd_success)
\t\tthrd_join(third, nullptr);
#pragma omp parallel for num_threads(4)
\tfor (int i = 0; i < 40; i++)
\t\twork();
}
"""

# Calls work() seven times and ends in one of several ways.
ENDS = """
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
__attribute__((noinline)) void work(void) { __asm__ volatile(""); }
int main(int count, char **arguments)
{
\tfor (int i = 0; i < 7; i++)
\t\twork();
\tswitch (count > 1 ? atoi(arguments[1]) : -1) {
\tcase 0: _exit(3);
\tcase 1: _Exit(4);
\tcase 2: kill(getpid(), SIGTERM); pause();
\tcase 3: *(volatile int *)0 = 1;
\tcase 4: abort();
\tcase 5: alarm(1); pause();
\tcase 6: if (vfork() == 0) _exit(0);
\t}
\treturn 0;
}
"""

CMAKE = """
cmake_minimum_required(VERSION 3.10)
project(shapes C CXX)
add_compile_options(-m32 -O1 -falign-functions=16)
add_link_options(-m32)
add_library(area STATIC area.cc)
add_executable(shapes main.c)
target_link_libraries(shapes area m)
"""

SHAPES = """
namespace shapes {
struct Box {
\tint size;
\t__attribute__((noinline)) int area(int a, char *) const { asm volatile(""); return size * a; }
\t__attribute__((noinline)) int area(long a) { asm volatile(""); return size + a; }
\t__attribute__((noinline)) int operator()(int a) { asm volatile(""); return size - a; }
};
template<class T> __attribute__((noinline)) T twice(T a) { asm volatile(""); return a + a; }
}
int main()
{
\tshapes::Box box = { 4 };
\tvolatile int sum = 0;
\tfor (int i = 0; i < 5; i++) {
\t\tsum += shapes::twice(i);
\t\tif (i < 4)
\t\t\tsum += box.area(long(i));
\t\tif (i < 3)
\t\t\tsum += box.area(i, nullptr);
\t\tif (i < 2)
\t\t\tsum += box(i);
\t}
}
"""

HOOKS = """
static inline void do_enter_func(lopi_record *record, struct lopi_activation *activation,
\t\t\t\t struct lopi_activation *caller)
{
\tactivation->start = 5;
\trecord->calls += caller ? 1 : 100;
}

static inline void do_leave_func(lopi_record *record, struct lopi_activation *activation,
\t\t\t\t struct lopi_activation *caller)
{
\t(void)caller;
\trecord->value += activation->start;
}
"""

# With names as they are beside names with numbers: a profile has one or the other, but either may be read.
CALLGRIND = """events: Ir
fn=(below main)
1 0
fn=(1) main
1 10
fn=(2) twice
2 50
cfn=(3) step
calls=20 1
2 9000
fn=(3)
5 940
"""

GPROF = """Flat profile:

Each sample counts as 0.01 seconds.
  %   cumulative   self              self     total
 time   seconds   seconds    calls  ms/call  ms/call  name
 94.00      0.94     0.94       20     0.05     0.05  step
  5.00      0.99     0.05       10     0.01     0.01  twice
  1.00      1.00     0.01                             main
"""


# A function without a call in it, and one that another object replaces.
DIRECT = """
#include <stdio.h>
static __attribute__((noinline)) int small(int n) { __asm__ volatile(""); return n > 0 ? n : 0; }
__attribute__((weak, noinline)) int weak(int n) { __asm__ volatile(""); return -n; }
int main(void)
{
\tint sum = 0;
\tfor (int n = 1; n <= 10; n++)
\t\tsum += weak(small(n));
\tprintf("%d\\n", sum);
\treturn 0;
}
"""


def write(where, name, text):
    with open(os.path.join(where, name), "w", encoding="utf-8") as file:
        file.write(text)


def counting(lopi, name, machine="-m32"):
    """A directory with the object file counting.o."""
    where = lopi.directory(name)
    write(where, "counting.c", COUNTING)
    run(["gcc", machine, "-O1", "-c", "counting.c"], where=where)
    return where


def link_and_run(where, *objects, machine="-m32"):
    run(["gcc", machine, *objects, "liblopi.a", "-o", "program"], where=where)
    run(["./program"], where=where)
    return functions_of(os.path.join(where, "lopi.out"))


def counter(lopi, machine):
    """The thesis's payload adds up what the counter moved during each call, in every strategy."""
    where = counting(lopi, f"counter {machine}", machine)
    for strategy in ["static", "paired", "thesis"]:
        lopi("--all", "--strategy", strategy, "--quiet", "counting.o", where=where)
        values = {name: value for name, (_, value) in link_and_run(where, "counting.lopi.o", machine=machine).items()}
        # nested: 5, 4, 3, 2 and 1, for each call includes the calls it makes.
        values.setdefault("main", 75)  # with seven bytes, a loop begins in its first
        want(values == {"step": 60, "twice": 70, "nested": 15, "main": 75}, f"{strategy}: {values}")
    return 3


def hooks(lopi, machine):
    where = counting(lopi, f"hooks {machine}", machine)
    write(where, "hooks.c", HOOKS)
    lopi("-fn", "step,twice", "--hooks", "hooks.c", "counting.o", where=where)
    functions = link_and_run(where, "counting.lopi.o", machine=machine)
    want(functions == {"step": (20, 100), "twice": (1000, 50)}, str(functions))
    return 1


def selection(lopi):
    where = counting(lopi, "selection")
    write(where, "callgrind.out", CALLGRIND)
    write(where, "gprof.out", GPROF)
    for arguments, names in [
            (["-fn", "step"], {"step"}),
            (["-fn", "step,tw*"], {"step", "twice"}),
            (["-fn", "*", "--exclude", "main,n*"], {"step", "twice"}),
            (["--all"], {"step", "twice", "nested", "main"}),
            (["--from-callgrind", "callgrind.out"], {"step"}),
            (["--share", "99", "--from-callgrind", "callgrind.out"], {"step", "twice"}),
            (["--from-callgrind", "callgrind.out", "--share", "99"], {"step", "twice"}),
            (["--from-gprof", "gprof.out"], {"step"}),
            (["--share", "100", "--from-gprof", "gprof.out"], {"step", "twice", "main"})]:
        lopi(*arguments, "--payload", "calls", "counting.o", where=where)
        found = set(link_and_run(where, "counting.lopi.o"))
        want(found == names, f"{arguments}: {found}")
    return 9


def statuses(lopi):
    where = counting(lopi, "statuses")
    write(where, "text.o", "not an object file")
    run(["gcc", "-m64", "-c", "counting.c", "-o", "wide.o"], where=where)
    run(["gcc", "-m32", "-c", os.path.join(CORPUS, "assembly.S"), "-o", "asm.o"], where=where)
    run(["gcc", "-m32", "-flto", "-c", "counting.c", "-o", "lto.o"], where=where)
    run(["clang", "-m32", "-flto", "-c", "counting.c", "-o", "bitcode.o"], where=where)
    lopi("--all", "--quiet", "-o", "instrumented.o", "counting.o", where=where)
    os.unlink(os.path.join(where, "liblopi.a"))
    run(["ar", "rcT", "thin.a", "asm.o"], where=where)
    os.mkfifo(os.path.join(where, "pipe.o"))
    os.mkdir(os.path.join(where, "other"))
    shutil.copy(os.path.join(where, "counting.o"), os.path.join(where, "other"))
    table = [
        (2, [], "no object files"), (2, ["counting.o"], "which functions"),
        (2, ["--all", "--payload", "none", "counting.o"], "no payload none"),
        (2, ["--nonsense"], "--help"),
        (2, ["--all", "-o", "x.o", "counting.o", "asm.o"], "one object file"),
        (2, ["--all", "-d", ".", "counting.o", "other/counting.o"], "counting.o would have the same copy, ./counting.o"),
        (2, ["--all", "asm.o", "asm.o"], "would have the same copy, asm.lopi.o"),
        (2, ["--all", "--hooks", "h.c", "--payload", "calls", "asm.o"], "instead of a --payload"),
        (2, ["--all", "--shared", "asm.o"], "for the payloads calls"),
        (3, ["--all", "pipe.o"], "not a file"), (3, ["--all", "thin.a"], "a thin archive"),
        (1, ["-fn", "absent", "counting.o"], "no function absent"),
        (1, ["-fn", "asm_where_long", "--strategy", "paired", "asm.o"], "return address"),
        (3, ["--all", "missing.o"], "No such file"), (3, ["--all", "text.o"], "not an ELF file"),
        (3, ["--all", "counting.o", "wide.o"], "for the same processor"), (3, ["--all", "--castle", "wide.o"], "for the IA-32"),
        (3, ["--all", "lto.o"], "link-time"),
        (3, ["--all", "."], "a directory"),
        (3, ["--all", "bitcode.o"], "link-time"), (3, ["--all", "instrumented.o"], "instrumented already"),
        (3, ["--from-callgrind", "counting.c", "counting.o"], "no profile"),
        (3, ["report", "counting.c"], "not the results"), (2, ["report", "--nonsense"], "--help"),
    ]
    for status, arguments, message in table:
        found, _, errors = run_both([lopi.path, *arguments], where=where)
        want(found == status and message in errors, f"{arguments}: status {found}: {errors}")
        want(not os.path.exists(os.path.join(where, "liblopi.a")), f"{arguments}: something written")
    text = lopi("--help")
    want("usage:" in text and "--payload cycles main.o" in text, "--help")
    return len(table) + 1


def refusals(lopi):
    """Functions that cannot be patched are left as they are, byte for byte, with a reason."""
    where = lopi.directory("refusals")
    run(["gcc", "-m32", "-c", os.path.join(CORPUS, "assembly.S"), "-o", "asm.o"], where=where)
    listed = lopi("--list", "--no-fall-back", "asm.o", where=where)
    reasons = dict(re.findall(r"^asm\.o: (\w+): no: (.*)$", listed, re.M))
    wanted = {"asm_return": "another function follows", "asm_entered": "a branch leads",
              "asm_loops": "loops to its first", "asm_data_inside": "no instruction",
              "asm_sizeless": "size is not known", "asm_jecxz": "loop instruction",
              "asm_short_conditional": "short conditional"}
    for name, reason in wanted.items():
        want(reason in reasons.get(name, ""), f"{name}: {reasons.get(name)}")
    want(not os.path.exists(os.path.join(where, "asm.lopi.o")), "--list has written something")
    lopi("--all", "--quiet", "--payload", "calls", "asm.o", where=where)
    before, after = (code_of(where, name) for name in ["asm.o", "asm.lopi.o"])
    want(before != after, "nothing was instrumented")
    for name in ["asm_return", "asm_data_inside", "asm_sizeless"]:
        want(before[name] == after[name], f"{name} was changed")
    return len(wanted) + 4


def code_of(where, name):
    """The disassembly of each function."""
    text = run(["objdump", "-dr", name], where=where)
    return dict(re.findall(r"^[0-9a-f]+ <(\w+)>:\n((?:.+\n)+)", text, re.M))


def reports(lopi):
    where = counting(lopi, "reports")
    lopi("--all", "--quiet", "--payload", "trace", "counting.o", where=where)
    link_and_run(where, "counting.lopi.o")
    folded = dict(line.rsplit(" ", 1) for line in lopi("report", "--folded", where=where).splitlines())
    want("main;twice;step" in folded and "main;nested;nested" in folded, str(folded))
    events = json.loads(lopi("report", "--chrome", where=where))["traceEvents"]
    want(len(events) == 2 * (1 + 10 + 20 + 5), f"{len(events)} events")
    depth = 0
    for event in events:
        depth += {"B": 1, "E": -1}[event["ph"]]
        want(depth >= 0, "a return without a call")
    lopi("report", "--svg", "-o", "flame.svg", where=where)
    picture = xml.dom.minidom.parse(os.path.join(where, "flame.svg"))
    titles = [node.firstChild.data for node in picture.getElementsByTagName("title")]
    want(any(title.startswith("twice: 10 calls") for title in titles), str(titles))
    scripts = [node.firstChild.data for node in picture.getElementsByTagName("script")]
    want(any("click" in text for text in scripts), "nothing happens when one clicks")
    lopi("--all", "--quiet", "--payload", "callgraph", "counting.o", where=where)
    link_and_run(where, "counting.lopi.o")
    arcs = callers(lopi, where)
    want(set(arcs) == {("1", "-", "main"), ("10", "main", "twice"), ("20", "twice", "step"),
                       ("1", "main", "nested"), ("4", "nested", "nested")}, str(arcs))
    flat = lopi("report", where=where)
    want(re.search(r" 20 .* step$", flat, re.M) is not None, flat)
    want(re.search(r"self time +time +self/call +time/call", flat) is not None, flat)
    want(re.search(r" 20 .*( +\d+\.\d+ ([mun]s|s )){4}  step$", flat, re.M) is not None, f"no times:\n{flat}")
    return 8


def refused_links(lopi, machine):
    """Linkers refuse what cannot work, and name the reason: shared objects, and a library of another payload."""
    where = lopi.directory(f"refused links {machine}")
    write(where, "counting.c", COUNTING)
    run(["gcc", machine, "-O1", "-fPIC", "-c", "counting.c"], where=where)
    lopi("--all", "--quiet", "--payload", "calls", "counting.o", where=where)
    for linker in ["bfd", "gold", "lld"]:
        status, _, errors = run_both(["gcc", machine, f"-fuse-ld={linker}", "-shared", "counting.lopi.o", "liblopi.a", "-o",
                                      "counting.so"], where=where)
        want(status != 0 and ("executables_only" in errors or "with -shared" in errors or "making a shared object" in errors
             or "unsupported reloc" in errors), errors)
    for linker in ["bfd", "gold", "lld"]:
        run(["gcc", machine, f"-fuse-ld={linker}", "counting.lopi.o", "liblopi.a", "-o", "program"], where=where)
        run(["./program"], where=where)
        want(functions_of(os.path.join(where, "lopi.out"))["step"][0] == 20, linker)
    lopi("--all", "--quiet", "--payload", "cycles", "-o", "other.o", "counting.o", where=where)
    status, _, errors = run_both(["gcc", machine, "counting.lopi.o", "liblopi.a", "-o", "program"], where=where)
    want(status != 0 and "lopi_library_of_payload_calls" in errors, errors)
    return 7


def direct_calls(lopi, machine):
    """Calls in the object go to stubs at once, but not to what a linker may replace; what is reached by them alone stays in the
    results when linkers drop what nobody needs."""
    where = lopi.directory(f"direct calls {machine}")
    write(where, "direct.c", DIRECT)
    write(where, "strong.c", "int weak(int n) { __asm__ volatile(\"\"); return n; }\n")
    run(["gcc", machine, "-O2", "-fno-pic", "-ffunction-sections", "-c", "direct.c", "strong.c"], where=where)
    lopi("--all", "--quiet", "--payload", "cycles", "direct.o", "strong.o", where=where)
    jumps = re.findall(r"R_(?:386|X86_64)_(?:PC32|PLT32)\s+(\S+)", code_of(where, "direct.lopi.o")["main"])
    want(sum(".lopi" in one for one in jumps) >= 2 and any(one.startswith("weak") for one in jumps), f"main calls {jumps}")
    for linker in ["bfd", "gold", "lld"]:
        run(["gcc", machine, "-no-pie", f"-fuse-ld={linker}", "-Wl,--gc-sections", "strong.lopi.o", "direct.lopi.o", "liblopi.a",
             "-o", "program"], where=where)
        want(run(["./program"], where=where) == "55\n", linker)
        calls = {name: one[0] for name, one in functions_of(os.path.join(where, "lopi.out")).items()}
        want(calls == {"main": 1, "small": 10, "weak": 10}, f"{linker}: {calls}")
    return 7


# w() is another object's in the end, and so is a function of a group that both have; what is called in the first bytes, or last.
REPLACED = """
__attribute__((weak, noinline)) int w(int n) { return n + 1; }
int last(int n) { return w(n); }
__attribute__((noinline)) int first(int n) { return w(n) + 1; }
int either(int n) { if (n > 3) return w(n); return n; }
"""
REPLACING = """
#include <stdio.h>
int last(int n), first(int n), either(int n);
int w(int n) { return n + 100; }
int main(void) { printf("%d %d %d\\n", last(1), first(1), either(4)); return 0; }
"""
GROUPED = """
template <int> struct box { __attribute__((noinline)) static int get(int n) { return n + 1; } };
int NAME(int n) { return box<1>::get(n); }
"""
GROUPING = "int one(int), two(int); int main() { return one(1) + two(2) != 5; }\n"


def replaced(lopi, machine):
    """Instructions that are moved keep the names of what they call, which may be another object's in the end."""
    where = lopi.directory(f"replaced {machine}")
    for name, text in [("replaced.c", REPLACED), ("replacing.c", REPLACING), ("main.cc", GROUPING),
                       *((f"{name}.cc", GROUPED.replace("NAME", name)) for name in ["one", "two"])]:
        write(where, name, text)
    run(["gcc", machine, "-O2", "-c", "replaced.c", "replacing.c"], where=where)
    run(["g++", machine, "-O2", "-c", "one.cc", "two.cc", "main.cc"], where=where)
    for strategy in ["static", "paired", "thesis"]:
        lopi("--all", "--quiet", "--strategy", strategy, "replaced.o", "replacing.o", "one.o", "two.o", "main.o", where=where)
        run(["gcc", machine, "replaced.lopi.o", "replacing.lopi.o", "liblopi.a", "-o", "program"], where=where)
        want(run(["./program"], where=where) == "101 102 104\n", strategy)
        for linker in ["bfd", "gold", "lld"]:
            run(["g++", machine, f"-fuse-ld={linker}", "main.lopi.o", "one.lopi.o", "two.lopi.o", "liblopi.a", "-o", "program"],
                where=where)
            run(["./program"], where=where)
    return 12


def at_once(lopi):
    """Programs that run at once, one executed by the other, do not write to one file; those that follow one another do."""
    where = lopi.directory("at once")
    write(where, "starts.c", STARTS)
    run(["gcc", "-m32", "-O1", "-c", "starts.c"], where=where)
    lopi("--all", "--quiet", "--payload", "trace", "starts.o", where=where)
    run(["gcc", "-m32", "starts.lopi.o", "liblopi.a", "-o", "program"], where=where)
    for _ in range(2):
        run(["./program", "./program"], where=where)
    names = sorted(name for name in os.listdir(where) if name.startswith("lopi.out") and not name.endswith(".trace"))
    want(len(names) == 3, f"one program, and one it started, twice: {names}")
    for name in names:
        calls = functions_of(os.path.join(where, name))
        want(calls == {"work": (10 if name == "lopi.out" else 5, 0), "main": (1, 0)}, f"{name}: {calls}")
        events = json.loads(lopi("report", "--chrome", name, where=where))["traceEvents"]
        want(len(events) == 2 * (calls["work"][0] + 1), f"{name}: {len(events)} events")
    return 7


def stale_trace(lopi):
    """A trace of an earlier run is not taken for this run's."""
    where = counting(lopi, "stale trace")
    for payload in ["trace", "cycles"]:
        lopi("--all", "--quiet", "--payload", payload, "counting.o", where=where)
        link_and_run(where, "counting.lopi.o")
    want(os.path.exists(os.path.join(where, "lopi.out.trace")), "there is no trace any more")
    status, _, errors = run_both([lopi.path, "report", "--folded"], where=where)
    want(status == 3 and "wrote no trace" in errors, errors)
    return 1


def all_threads(lopi, machine):
    """Threads count whoever starts them: the library of C++, C11's functions, OpenMP; in static programs, too."""
    where = lopi.directory(f"all threads {machine}")
    write(where, "threads.cc", THREADS)
    run(["g++", machine, "-O1", "-fopenmp", "-falign-functions=16", "-c", "threads.cc"], where=where)
    checks = 0
    for strategy, payload in [("static", "calls"), ("static", "cycles"), ("paired", "calls"), ("thesis", "calls")]:
        lopi("-fn", "work", "--strategy", strategy, "--payload", payload, "threads.o", where=where)
        for way in [["-fopenmp"], ["-fopenmp", "-static"]]:
            run(["g++", machine, *way, "threads.lopi.o", "liblopi.a", "-o", "program"], where=where)
            run(["./program"], where=where)
            calls = functions_of(os.path.join(where, "lopi.out"))["work"][0]
            want(calls == 2 + 1 + 40, f"{strategy}, {payload}, {way}: {calls}")
            checks += 1
    return checks


def ends(lopi, machine):
    """However a program ends, it leaves results, and ends as it would; what a child of vfork() does is not the program's end."""
    where = lopi.directory(f"ends {machine}")
    write(where, "ends.c", ENDS)
    run(["gcc", machine, "-O1", "-falign-functions=16", "-c", "ends.c"], where=where)
    lopi("-fn", "work", "--payload", "trace", "ends.o", where=where)
    run(["gcc", machine, "ends.lopi.o", "liblopi.a", "-o", "program"], where=where)
    table = {"_exit": 3, "_Exit": 4, "kill": -signal.SIGTERM, "fault": -signal.SIGSEGV, "abort": -signal.SIGABRT,
             "alarm": -signal.SIGALRM, "vfork": 0}
    for number, (way, status) in enumerate(table.items()):
        for name in os.listdir(where):
            if name.startswith("lopi.out"):
                os.unlink(os.path.join(where, name))
        found, _, _ = run_both(["./program", str(number)], where=where)
        want(found == status, f"{way}: status {found}")
        want(functions_of(os.path.join(where, "lopi.out"))["work"][0] == 7, f"{way}: not all calls")
        want(len(json.loads(lopi("report", "--chrome", where=where))["traceEvents"]) == 14, f"{way}: not all events")
    return 3 * len(table)


def plus_plus(lopi):
    """Functions of C++ are chosen and reported by the names that people write."""
    where = lopi.directory("plus plus")
    write(where, "shapes.cc", SHAPES)
    run(["g++", "-m32", "-O1", "-c", "shapes.cc"], where=where)
    for names, calls in [("shapes::Box::area(int, char*) const", {"shapes::Box::area(int, char*) const": 3}),
                         ("shapes::Box::area", {"shapes::Box::area(int, char*) const": 3, "shapes::Box::area(long)": 4}),
                         ("shapes::twice<int>,shapes::Box::operator()",
                          {"int shapes::twice<int>(int)": 5, "shapes::Box::operator()(int)": 2}),
                         ("shapes::*", {"shapes::Box::area(int, char*) const": 3, "shapes::Box::area(long)": 4,
                                        "int shapes::twice<int>(int)": 5, "shapes::Box::operator()(int)": 2})]:
        lopi("-fn", names, "--payload", "trace", "shapes.o", where=where)
        run(["g++", "-m32", "shapes.lopi.o", "liblopi.a", "-o", "program"], where=where)
        run(["./program"], where=where)
        found = {name: int(number) for number, name in
                 re.findall(r"^ *[\d.]+ +(\d+) .* {2}(\S.*)$", lopi("report", where=where), re.M)}
        want(found == calls, f"{names}: {found}")
    return 4


def varint(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 0x80:
            return number, at


def fields(data):
    """The fields of a message of protocol buffers: numbers and values."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        value, at = varint(data, at)
        if tag & 7 == 2:
            value, at = data[at:at + value], at + value
        yield tag >> 3, value


def stacks_of_pprof(data):
    """Calls by stack, the innermost function last."""
    strings, functions, samples = [], {}, {}
    for field, value in fields(data):
        if field == 6:
            strings.append(value.decode())
        elif field == 5:
            function = dict(fields(value))
            functions[function[1]] = function[2]
    for field, value in fields(data):
        if field == 2:
            parts = list(fields(value))
            stack = ";".join(strings[functions[one]] for number, one in reversed(parts) if number == 1)
            samples[stack] = next(one for number, one in parts if number == 2)
    return samples


def formats(lopi):
    """A trace as what other people's viewers read; the sum of two runs."""
    where = counting(lopi, "formats")
    lopi("--all", "--quiet", "--payload", "trace", "counting.o", where=where)
    link_and_run(where, "counting.lopi.o")
    expected = {("-", "main"): 1, ("main", "twice"): 10, ("twice", "step"): 20, ("main", "nested"): 1, ("nested", "nested"): 4}
    want({(caller, name): int(calls) for calls, caller, name in callers(lopi, where)} == expected, "callers of the trace")
    lopi("report", "--callgrind", "-o", "callgrind.out", where=where)
    annotated = run(["callgrind_annotate", "--tree=calling", "callgrind.out"], where=where)
    want(re.search(r">\s+\?\?\?:step \(20x\)", annotated) is not None, annotated)
    lopi("report", "--pprof", "-o", "profile.pb", where=where)
    with open(os.path.join(where, "profile.pb"), "rb") as file:
        stacks = stacks_of_pprof(file.read())
    want(stacks == {"main": 1, "main;twice": 10, "main;twice;step": 20, "main;nested": 1,
                    **{"main" + ";nested" * depth: 1 for depth in range(2, 6)}}, str(stacks))
    os.rename(os.path.join(where, "lopi.out"), os.path.join(where, "one"))
    os.rename(os.path.join(where, "lopi.out.trace"), os.path.join(where, "one.trace"))
    run(["./program"], where=where, environment={"LOPI_OUT": "run.%p"})
    other = next(name for name in os.listdir(where) if re.fullmatch(r"run\.\d+", name))
    want(re.search(r" 40 .* step$", lopi("report", "one", other, where=where), re.M) is not None, "the sum of two runs")
    want(len(json.loads(lopi("report", "--chrome", "one", other, where=where))["traceEvents"]) == 4 * 36, "events of two runs")
    return 5


def archive(lopi):
    """An archive's copy has its members' copies, in their order."""
    where = counting(lopi, "archive")
    write(where, "sum.c", "int step_twice(int a) { return a + 1; }\nint step_thrice(int a) { return a + step_twice(a); }\n")
    write(where, "main.c", "int step_thrice(int); int main(void) { return step_thrice(1) + step_thrice(2) != 8; }\n")
    run(["gcc", "-m32", "-O0", "-c", "sum.c", "main.c"], where=where)
    run(["ar", "rcs", "libsum.a", "sum.o"], where=where)
    lopi("-fn", "step_*,main", "--payload", "calls", "libsum.a", "main.o", where=where)
    want(link_and_run(where, "main.lopi.o", "libsum.lopi.a") == {"main": (1, 0), "step_twice": (2, 0), "step_thrice": (2, 0)},
         "calls into the archive")
    os.mkdir(os.path.join(where, "other"))
    shutil.copy(os.path.join(where, "sum.o"), os.path.join(where, "other"))
    run(["ar", "qc", "libtwo.a", "sum.o", "other/sum.o"], where=where)
    status, _, errors = run_both([lopi.path, "--all", "libtwo.a"], where=where)
    want(status == 3 and "two members are called sum.o" in errors, errors)
    write(where, "text.o", "not an object file")
    run(["ar", "qc", "libtext.a", "text.o"], where=where)
    status, _, errors = run_both([lopi.path, "--all", "libtext.a"], where=where)
    want(status == 3 and "libtext.a(text.o): not an ELF file" in errors, errors)
    os.mkdir(os.path.join(where, "tmp"))
    for status, name in [(3, "libtext.a"), (0, "libsum.a")]:
        run([lopi.path, "--all", "--quiet", name], status=status, where=where, environment={"TMPDIR": os.path.join(where, "tmp")})
        want(not os.listdir(os.path.join(where, "tmp")), f"{name}: something is left in TMPDIR")
    return 5


def project(lopi, name):
    """A project of a program in C and a library in C++ for cmake and make."""
    where = lopi.directory(name)
    write(where, "CMakeLists.txt", CMAKE)
    write(where, "area.cc", "namespace shapes { __attribute__((noinline)) int area(int a, int b) { return a * b; } }\n"
                            'extern "C" int area(int a, int b) { return shapes::area(a, b) + shapes::area(b, a); }\n')
    write(where, "main.c", "int area(int, int);\nint main(void) { int sum = 0; for (int i = 0; i < 10; i++) sum += area(i, i);\n"
                           "return sum != 570; }\n")
    return where


def compiler(lopi):
    """lopi cc compiles, compiles and links at once, and goes into cmake as the compiler."""
    where = project(lopi, "compiler")
    expected = {"main": (1, 0), "area": (10, 0), "_ZN6shapes4areaEii": (20, 0)}
    environment = {"CC": f"{lopi.path} cc", "CXX": f"{lopi.path} c++", "LOPI_FLAGS": "--all --quiet --payload calls"}
    out = os.path.join(where, "lopi.out")
    run(["cmake", "-S", ".", "-B", "built"], where=where, environment=environment)
    run(["cmake", "--build", "built"], where=where, environment=environment)
    run(["built/shapes"], where=where)
    want(functions_of(out) == expected, "built by cmake")
    run([lopi.path, "c++", "-m32", "-O1", "-oboth", "-x", "c++", "area.cc", "-x", "c", "main.c"], where=where,
        environment=environment)
    run(["./both"], where=where)
    want(functions_of(out) == expected, "compiled and linked at once")
    run([lopi.path, "cc", "-m32", "-E", "main.c"], where=where)
    status, _, errors = run_both([lopi.path, "cc", "-m32", "-flto", "-c", "main.c"], where=where)
    want(status == 2 and "-flto" in errors, errors)
    status, _, _ = run_both([lopi.path, "cc", "-m32", "-c", "missing.c"], where=where)
    want(status == 1, f"the compiler's status: {status}")
    write(where, "arguments", "-m32 @more 'main.c' \n")
    write(where, "more", "\"area.cc\"\n")
    run([lopi.path, "cc", "-c", "@arguments"], where=where, environment=environment)
    run([lopi.path, "c++", "-m32", "main.o", "area.o"], where=where, environment=environment)
    run(["./a.out"], where=where)
    want(functions_of(out).keys() >= {"_ZN6shapes4areaEii"}, "arguments in files, and linked as a.out")
    run(["sh", "-c", f"{lopi.path} cc -m32 -xc - -o read <main.c"], status=1, where=where, environment=environment)
    run(["sh", "-c", f"echo 'int main(void) {{ return 0; }}' | {lopi.path} cc -m32 -xc - -o read"], where=where,
        environment=environment)
    run(["./read"], where=where)
    want(functions_of(out) == {"main": (1, 0)}, "from the standard input")
    return 7


def recording(lopi):
    """lopi record builds by the compilers of the PATH, runs, and adds up the results of all processes."""
    where = project(lopi, "recording")
    command = "cmake -S . -B built && cmake --build built && built/shapes && built/shapes"
    lopi("record", "-o", "sum.out", "-f", "--all --quiet --payload trace", "sh", "-c", command, where=where)
    calls = functions_of(os.path.join(where, "sum.out"))
    want(calls == {"main": (2, 0), "area": (20, 0), "_ZN6shapes4areaEii": (40, 0)}, str(calls))
    events = json.loads(lopi("report", "--chrome", "sum.out", where=where))["traceEvents"]
    want(len(events) == 2 * 62, f"{len(events)} events")
    want(sorted(os.listdir(where)) == ["CMakeLists.txt", "area.cc", "built", "main.c", "sum.out", "sum.out.trace"],
         "something is left behind")
    run([lopi.path, "record", "false"], status=1, where=where)
    return 4


def many(lopi):
    """More than 256 functions, some of one name, in several files."""
    where = lopi.directory("many")
    for part in range(2):
        text = [f"static __attribute__((noinline)) int f{n}(int a) {{ return a + {n}; }}"
                for n in range(300)]
        text.append(f"int part{part}(int a) {{ " +
                    "".join(f"a = f{n}(a);" for n in range(300)) + " return a; }")
        write(where, f"part{part}.c", "\n".join(text))
    write(where, "main.c", "int part0(int), part1(int); int main(void) "
                           "{ return part0(1) + part1(2) != 3 + 2 * 44850; }")
    run(["gcc", "-m32", "-O2", "-c", "part0.c", "part1.c", "main.c"], where=where)
    for strategy in ["static", "paired", "thesis"]:
        lopi("--all", "--strategy", strategy, "--payload", "calls", "part0.o", "part1.o", "main.o",
             where=where)
        functions = link_and_run(where, "part0.lopi.o", "part1.lopi.o", "main.lopi.o")
        want(len(functions) == 303 and all(functions[f"f{n}"][0] == 2 for n in range(300)),
             f"{strategy}: {len(functions)} functions")
    return 3


def big(lopi):
    """The tool's memory grows with the object, not with its square; and an object's copy that no linker could read is
    not written."""
    where = lopi.directory("big")
    function = ".type f{0}, @function\nf{0}: movl 4(%esp), %eax\nleal 1000000+{0}(%eax), %eax\nret\n.size f{0}, .-f{0}\n"
    write(where, "big.S", ".text\n" + "".join(function.format(number) for number in range(BIG)))
    write(where, "sections.S", "".join(f'.section .text.f{number}, "ax", @progbits\n' + function.format(number)
                                       for number in range(BIG // 2)))
    run(["gcc", "-m32", "-c", "big.S", "sections.S"], where=where)
    for strategy in ["static", "paired", "thesis"]:
        command = [lopi.path, "--all", "--quiet", "--strategy", strategy, "big.o"]
        run(["prlimit", f"--as={BIG_ROOM}", *command], where=where)
        want(len(re.findall(r" t f\d+\.lopi$", run(["nm", "big.lopi.o"], where=where), re.M)) == BIG, strategy)
    status, _, errors = run_both([lopi.path, "--all", "--quiet", "sections.o"], where=where)
    want(status == 3 and "65,000 sections" in errors, errors)
    return 4


def debugging(lopi, machine):
    """Debug information, compressed or not, and unwind tables still say where things are."""
    where = lopi.directory(f"debugging {machine}")
    write(where, "counting.c", COUNTING)
    for compressed in ["-gz=none", "-gz"]:
        run(["gcc", machine, "-O2", "-g3", compressed, "-c", "counting.c"], where=where)
        lopi("--all", "--quiet", "counting.o", where=where)
        run(["gcc", machine, "counting.lopi.o", "liblopi.a", "-o", "program"], where=where)
        for name in ["step", "twice", "nested"]:
            address = re.search(rf"^([0-9a-f]+) \w {name}$", run(["nm", "program"], where=where), re.M)
            found = run(["addr2line", "-f", "-e", "program", address.group(1)], where=where)
            want(found.startswith(name + "\n") and "counting.c:" in found, found)
        status, _, errors = run_both(["readelf", "--debug-dump=frames-interp", "program"], where=where)
        want(status == 0 and "arning" not in errors, errors)
    run(["gcc", machine, "-g", "-gz=zlib-gnu", "-c", "counting.c"], where=where)
    status, _, errors = run_both([lopi.path, "--all", "counting.o"], where=where)
    want(status == 3 and "compressed by -gz=zlib-gnu" in errors, errors)
    return 9


def cases(lopi):
    tests = [selection, statuses, refusals, reports, at_once, stale_trace, plus_plus, formats,
             archive, compiler, recording, many, big]
    found = [(f"lopi: {test.__name__}", functools.partial(test, lopi)) for test in tests]
    for machine in ["-m32", "-m64"]:
        found += [(f"lopi: {test.__name__} {machine}", functools.partial(test, lopi, machine))
                  for test in [counter, hooks, refused_links, direct_calls, replaced, debugging, all_threads, ends]]
    return found
