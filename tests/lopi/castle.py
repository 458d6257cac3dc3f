"""LOPI on Castle: programs and the kernel, instrumented in all ways, in every mode."""
import functools
import os
import re
import tarfile

from corpus import ASSEMBLY
from common import CORPUS, TOP, Failed, difference, functions_of, run, want
from tool import COUNTING, HOOKS, write

STRATEGIES = ["static", "paired", "thesis"]
# Kernels, by their names in tests/boot/run, and CPUs.
MACHINES = [("up", 1), ("giantlock", 4), ("appkern", 3), ("smp0", 1), ("smp0-appkern", 3)]
TRACED = "giantlock"  # where the trace, which is long, is looked at
MODULES = ["main", "control", "convention", "jumps", "threads", "storage", "assembly"]
# The corpus has a module in C++, which Castle has not.
WITHOUT_EXCEPTIONS = "void exceptions_test(void) { }\n"
WAYS = [("static", "calls"), ("static", "callgraph"), ("static", "trace"), ("paired", "calls"), ("paired", "cycles"),
        ("thesis", "calls"), ("thesis", "callgraph")]
# tests/lopi/corpus/threads.c: four threads, of 2000 rounds each, of round % 7 calls and one.
STEPS = 4 * sum(number % 7 + 1 for number in range(2000))
KNOWN = {"work": 4, "step": STEPS, "threads_test": 1, "main": 1, "catches": 1001, "in_handler": 5}
# uapps/bench/radix.c: all threads, in one round.
RADIX_THREADS = 4
RADIX_CALLS = {"initialise": RADIX_THREADS, "sort": RADIX_THREADS, "check": 1, "main": 1}
TOOLS = ["init", "minish", "env", "save"]


class Tree:
    """A build tree of its own, with the C library of the other one, for programs that no image has else."""

    def __init__(self, lopi, name):
        self.lopi = lopi
        self.where = lopi.directory(name)
        self.programs = list(TOOLS)
        self.environment = {"CASTLE_BUILD": self.where}
        for folder in ["packages", "programs"]:
            os.mkdir(os.path.join(self.where, folder))
        for shared in ["lib", "newlib", *[f"packages/{tool}" for tool in TOOLS]]:
            os.symlink(os.path.join(lopi.build, shared), os.path.join(self.where, shared))
        with open(os.path.join(lopi.build, "packages/slots"), encoding="ascii") as slots:
            used = {line.split()[0]: line for line in slots}
        with open(os.path.join(self.where, "packages/slots"), "w", encoding="ascii") as slots:
            slots.writelines(used[tool] for tool in TOOLS)

    def castle_cc(self, *arguments):
        run([os.path.join(TOP, "uapps/castle-cc"), *arguments], where=self.where, environment=self.environment)

    def add_program(self, name, *objects):
        self.castle_cc("-o", f"programs/{name}", *objects)
        run(["objcopy", "--strip-all", f"programs/{name}", f"packages/{name}"], where=self.where)
        self.programs.append(name)

    def instrument(self, name, strategy, payload, *objects):
        """Makes and links copies of the objects; the library's objects may stay as they are."""
        os.mkdir(os.path.join(self.where, name))
        self.lopi("--castle", "--all", "--quiet", "--strategy", strategy, "--payload", payload, "-d", name, *objects,
                  where=self.where)
        self.add_program(name, *[os.path.join(name, os.path.basename(one)) for one in objects], f"{name}/liblopi.a")

    def image(self, kind):
        """An image with these programs, and the kernel of all modes or that without multiprocessor code."""
        output = os.path.join(self.where, f"{kind}.iso")
        run([os.path.join(TOP, "iso/make-iso"), self.where, os.path.join(self.lopi.build, kind, "castle.elf"), output,
             *self.programs])
        return output


def kind_of(kernel):
    return "kernel-up" if kernel.startswith("smp0") else "kernel"


def boot(image, kernel, cpus, programs, com2, machine="qemu", options=()):
    """Boots and runs programs; returns what they printed, and leaves what came over COM2 in a file."""
    mode = {"smp0": "up", "smp0-appkern": "appkern"}.get(kernel, kernel)
    printed = run([os.path.join(TOP, "tools/run"), "--iso", image, "--machine", machine, "--mode", mode, "--smp",
                   str(cpus), "--com2", com2, "--run", programs, *options], patience=5)
    want("PANIC" not in printed, printed)
    return printed


def unpack(archive, where, name):
    """The files that save sent."""
    output = os.path.join(where, name)
    with tarfile.open(archive) as files:
        files.extractall(output, filter="data")
    return output


# --- programs ---

def corpus_tree(lopi):
    """The corpus as it is, and instrumented in all ways, under the names of the ways."""
    tree = Tree(lopi, "castle programs")
    sources = [os.path.join(CORPUS, f"{name}.c") for name in MODULES]
    with open(os.path.join(tree.where, "exceptions.c"), "w", encoding="ascii") as file:
        file.write(WITHOUT_EXCEPTIONS)
    tree.castle_cc("-O2", "-w", "-c", *sources, "exceptions.c")
    for name in ASSEMBLY:
        tree.castle_cc("-w", "-c", os.path.join(CORPUS, f"{name}.S"), "-o", f"{name}_asm.o")
    objects = [f"{name}.o" for name in [*MODULES, "exceptions", *[f"{name}_asm" for name in ASSEMBLY]]]
    tree.add_program("plain", *objects)
    for strategy, payload in WAYS:
        tree.instrument(f"{strategy}-{payload}", strategy, payload, *objects)
    return tree


def compare(first, functions, name):
    """The functions that both know have the same calls, and some have calls that everybody can count."""
    both = first.keys() & functions.keys()
    want(len(both) > 60, f"{name}: {len(both)} functions")
    wrong = [f"{one}: {first[one][0]}, {functions[one][0]}" for one in both if first[one][0] != functions[one][0]]
    wrong += [f"{one}: {functions.get(one, (0, 0))[0]}, not {calls}" for one, calls in KNOWN.items()
              if functions.get(one, (0, 0))[0] != calls]
    want(not wrong, f"{name}: calls differ: {'; '.join(wrong[:8])}")


def boot_corpus(tree, kernel, cpus):
    """Runs all programs in one boot: the same output from each, and the same calls."""
    names = [f"{strategy}-{payload}" for strategy, payload in WAYS]
    com2 = os.path.join(tree.where, f"{kernel}.com2")
    commands = ["plain"] + [f"env LOPI_OUT={name} {name}" for name in names]
    commands.append(f"save {' '.join(names)} {'static-trace.trace' if kernel == TRACED else ''}")
    printed = boot(tree.image(kind_of(kernel)), kernel, cpus, "; ".join(commands), com2)
    lines = [line for line in printed.splitlines() if not line.startswith("Castle")]
    size = len(lines) // (len(names) + 1)
    want(size > 10, printed)
    for index, name in enumerate(names):
        text = "\n".join(lines[(index + 1) * size:(index + 2) * size])
        if text != "\n".join(lines[:size]):
            raise Failed(f"{kernel}: {name}: the output differs:\n{difference(chr(10).join(lines[:size]), text)}")
    results = unpack(com2, tree.where, f"{kernel}-results")
    return results, {name: functions_of(os.path.join(results, name)) for name in names}


def programs(lopi):
    """The corpus, in every mode, instrumented in every way."""
    tree, first, checks = corpus_tree(lopi), None, 0
    for kernel, cpus in MACHINES:
        results, functions = boot_corpus(tree, kernel, cpus)
        for name in functions:
            first = first or functions[name]
            compare(first, functions[name], f"{kernel}: {name}")
            checks += 1
        if kernel == TRACED:
            folded = lopi("report", "--folded", os.path.join(results, "static-trace"))
            want(re.search(r"^work;recurse.*;step \d+$", folded, re.M), folded[:500])
        arcs = lopi("report", "--callgraph", os.path.join(results, "thesis-callgraph"))
        want(re.search(r"^ *4 +\d+ .* - +work$", arcs, re.M), arcs)
    return checks + len(MACHINES) + 1


def radix(lopi):
    """A program of uapps, whose threads another object creates, of which nothing is instrumented."""
    tree = Tree(lopi, "castle radix")
    common = os.path.join(lopi.build, "uapps/bench/common")
    objects = [os.path.join(common, "../radix.o"), os.path.join(common, "parallel.o")]
    for strategy in STRATEGIES:
        name = f"radix-{strategy}"
        os.mkdir(os.path.join(tree.where, name))
        lopi("--castle", "-fn", ",".join(RADIX_CALLS), "--strategy", strategy, "--payload", "calls", "-d",
             name, *objects, where=tree.where)
        tree.add_program(name, f"{name}/radix.o", f"{name}/parallel.o", os.path.join(common, "common.a"),
                         f"{name}/liblopi.a")
    names = [f"radix-{strategy}" for strategy in STRATEGIES]
    commands = [f"env LOPI_OUT={name} {name} -p {RADIX_THREADS} -n 1 -k 4096" for name in names]
    for kernel, cpus in [("giantlock", 4), ("appkern", 3)]:
        com2 = os.path.join(tree.where, f"{kernel}.com2")
        boot(tree.image("kernel"), kernel, cpus, "; ".join([*commands, f"save {' '.join(names)}"]), com2)
        results = unpack(com2, tree.where, f"{kernel}-results")
        for name in names:
            calls = {one: found[0] for one, found in functions_of(os.path.join(results, name)).items()}
            want(calls == RADIX_CALLS, f"{kernel}: {name}: {calls}")
    return 2 * len(names)


def hooks(lopi):
    """Hooks of the user's; results straight to the host."""
    tree = Tree(lopi, "castle hooks")
    write(tree.where, "counting.c", COUNTING)
    write(tree.where, "hooks.c", HOOKS)
    tree.castle_cc("-O1", "-c", "counting.c")
    lopi("--castle", "-fn", "step,twice", "--hooks", "hooks.c", "counting.o", where=tree.where,
         environment={**tree.environment, "CC": os.path.join(TOP, "uapps/castle-cc")})
    tree.add_program("counting", "counting.lopi.o", "liblopi.a")
    results = os.path.join(tree.where, "results")
    boot(tree.image("kernel"), "up", 1, "env LOPI_OUT=/dev/com2 counting", results)
    functions = functions_of(results)
    want(functions == {"step": (20, 100), "twice": (1000, 50)}, str(functions))
    return 1


def cases(lopi):
    return [(f"castle: {test.__name__}", functools.partial(test, lopi)) for test in [programs, radix, hooks]]
