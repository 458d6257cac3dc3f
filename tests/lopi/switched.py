"""Functions that are switched on while the program runs: off, they are the compiler's, byte for byte; on, all is counted;
and whatever threads are doing when they are switched, they compute what they did."""
import functools
import os
import re

from common import functions_of, run, run_both, want

# Without an argument: 10, 20, 30 and 40 calls of work, with a signal in between. With one: threads, and that many
# signals, of which the last one switches on.
PROGRAM = """
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
__attribute__((noinline)) unsigned leaf(unsigned n) { __asm__ volatile(""); return n * 3 + 1; }
__attribute__((noinline)) unsigned work(unsigned n) { unsigned s = leaf(n); __asm__ volatile("" : "+r"(s)); return s ^ n; }
__attribute__((noinline)) unsigned other(unsigned n)
{
\tunsigned sum = 1;
\tfor (unsigned i = 0; i < n % 7; i++)
\t\tsum += work(i);
\treturn sum;
}
static void some(int n) { for (int i = 0; i < n; i++) work(i); }
static volatile int done;
static unsigned round_of_calls(void)
{
\tunsigned sum = 0;
\tfor (unsigned i = 0; i < 3000; i++)
\t\tsum += other(i);
\treturn sum;
}
static void *thread(void *wrong)
{
\tunsigned right = round_of_calls();
\twhile (!done)
\t\t*(int *)wrong += round_of_calls() != right;
\t*(int *)wrong += round_of_calls() != right;
\treturn NULL;
}
static void with_threads(int signals)
{
\tpthread_t threads[3];
\tint wrong[3] = { 0 };
\tfor (int i = 0; i < 3; i++)
\t\tpthread_create(&threads[i], NULL, thread, &wrong[i]);
\tfor (; signals; signals--) {
\t\tkill(getpid(), SIGUSR2);
\t\tusleep(500);
\t}
\tdone = 1;
\tfor (int i = 0; i < 3; i++) {
\t\tpthread_join(threads[i], NULL);
\t\tprintf("%d wrong, %u\\n", wrong[i], round_of_calls());
\t}
}
int main(int count, char **arguments)
{
\tif (count > 1)
\t\treturn with_threads(atoi(arguments[1])), 0;
\tfor (int i = 1; i <= 4; i++) {
\t\tsome(10 * i);
\t\tif (i < 4 && getenv("LOPI_SIGNAL"))
\t\t\tkill(getpid(), SIGUSR2);
\t}
\treturn 0;
}
"""


def code_of(where, name):
    """The instructions of each function of the object file; stubs are in a section of their own."""
    text = run(["objdump", "-d", "-j", ".text", "-j", ".text.startup", name], where=where)
    return re.findall(r"^[0-9a-f]+ <(\w+)>:\n((?:.+\n)+)", text, re.M)


def calls_of(where):
    return {name: calls for name, (calls, _) in functions_of(os.path.join(where, "lopi.out")).items()
            if name in ("leaf", "work", "other")}


def switched(lopi, machine, strategy, payload):
    where = lopi.directory(f"switched {machine} {strategy} {payload}")
    with open(os.path.join(where, "program.c"), "w", encoding="ascii") as file:
        file.write(PROGRAM)
    run(["gcc", machine, "-O2", "-fPIE", "-c", "program.c"], where=where)
    run(["gcc", machine, "-pie", "program.o", "-o", "plain"], where=where)
    expected = run(["./plain", "0"], where=where)
    lopi("--all", "--quiet", "--switched", "--strategy", strategy, "--payload", payload, "program.o", where=where)
    run(["gcc", machine, "-pie", "-Wl,-z,text", "program.lopi.o", "liblopi.a", "-o", "program"], where=where)
    before = code_of(where, "program.o")
    want(len(before) > 4 and code_of(where, "program.lopi.o") == before, "what is off is not what it was")
    for environment, calls in [({}, {"leaf": 0, "work": 0, "other": 0}), ({"LOPI_ON": "le*,absent"}, {"leaf": 100}),
                               ({"LOPI_ON": "*"}, {"leaf": 100, "work": 100}),
                               ({"LOPI_SIGNAL": "USR2"}, {"leaf": 60, "work": 60}),
                               ({"LOPI_SIGNAL": "USR2", "LOPI_ON": "work"}, {"leaf": 0, "work": 60})]:
        run(["./program"], where=where, environment=environment)
        found = calls_of(where)
        want({**found, **calls} == found, f"{environment}: {found}")
    want(run(["./program", "51"], where=where, environment={"LOPI_SIGNAL": "USR2"}) == expected, "with threads, the output differs")
    want(calls_of(where)["work"] > 0, "with threads, nothing was counted")
    want("lost 0" in open(os.path.join(where, "lopi.out"), encoding="ascii").read(), "calls are said to be lost")
    return 9


def refused(lopi):
    where = lopi.directory("switched refused")
    with open(os.path.join(where, "program.c"), "w", encoding="ascii") as file:
        file.write(PROGRAM)
    run(["gcc", "-O2", "-c", "program.c"], where=where)
    status, _, errors = run_both([lopi.path, "--all", "--switched", "--strategy", "thesis", "program.o"], where=where)
    want(status == 2 and "--switched is for" in errors, errors)
    lopi("--all", "--quiet", "--switched", "--payload", "calls", "program.o", where=where)
    run(["gcc", "program.lopi.o", "liblopi.a", "-o", "program"], where=where)
    run(["./program"], status=-6, where=where, environment={"LOPI_SIGNAL": "KILL"})
    return 2


def cases(lopi):
    ways = [("-m64", "static", "callgraph"), ("-m64", "paired", "calls"), ("-m32", "static", "calls"),
            ("-m32", "paired", "callgraph")]
    return [*[(f"switched: {machine}, {strategy}, {payload}", functools.partial(switched, lopi, machine, strategy, payload))
              for machine, strategy, payload in ways], ("switched: refused", functools.partial(refused, lopi))]
