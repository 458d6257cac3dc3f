"""Builds the plugin, tells it what it must know of the kernel and the programs, and runs Castle with it."""
import glob
import json
import os
import re
import subprocess
import tempfile

from coherence import FOLDER, TOP, Unfit
from coherence.names import SLOT_SIZE, Symbols, slots_of
from machines.organisations import organisations

# Processors take turns, and the clock is the count of their instructions: nothing of the host's gets in.
ONE_THREAD = ("-icount", "shift=0,sleep=off")
WAIT = "wait_until"  # a program's function in which it passes the time: its instructions are not counted
TAIL = 1500  # characters shown of a run that failed
PIECE = 4 << 20  # partitions begin at multiples of it (kernel/partition/cut.c), each with its kernel
CFLAGS = ("-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared")


def build_plugin(sources, made):
    """The plugin `made` of C sources and headers, built unless it is newer than all of them."""
    if os.path.exists(made) and all(os.path.getmtime(made) > os.path.getmtime(source) for source in sources):
        return made
    os.makedirs(os.path.dirname(made), exist_ok=True)
    fresh = f"{made}.{os.getpid()}"
    done = subprocess.run([os.environ.get("CC", "gcc"), *CFLAGS, "-I", TOP, "-o", fresh,
                           *(source for source in sources if source.endswith(".c"))],
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Unfit(f"the plugin does not build:\n{done.stderr}")
    os.replace(fresh, made)
    return made


def plugin(build):
    """The plugin that counts what processors do to cache lines."""
    return build_plugin(sorted(glob.glob(os.path.join(FOLDER, "*.[ch]"))), os.path.join(build, "coherence", "plugin.so"))


def programs_in(run):
    """The names of the programs that a run consists of."""
    return [words.split()[0] for words in run.split(";") if words.split()]


def is_divided(mode):
    """Whether the machine is several systems in this mode."""
    return any(one.is_divided for one in organisations() if one.name == mode)


def sys_mark(options):
    """Where the call is in the kernel; of partitions' kernels, which are moved there, in any of them."""
    if not is_divided(options.mode):
        return f"sys_mark {Symbols(os.path.join(options.build, 'kernel', 'castle.elf')).address('sys_mark'):x} ffffffff"
    kernel = Symbols(os.path.join(options.build, "kernel-partition", "castle.elf"))
    return f"sys_mark {kernel.address('sys_mark') - kernel.address('kernel_start'):x} {PIECE - 1:x}"


def setup(options, output):
    """What the plugin reads (plugin.c, setup_line())."""
    slots = slots_of(options.build)
    lines = [f"cache {options.cpus} {options.cache} {options.ways}", f"slice {options.slice}",
             sys_mark(options), f"output {output}"]
    for name in programs_in(options.run):
        if name not in slots:
            raise Unfit(f"the image has no program {name}")
        start, mark = slots[name], Symbols.of_program(options.build, name).range("castle_mark")
        lines.append(f"program {start:x} {start + SLOT_SIZE:x}")
        lines += [f"mark {mark[0]:x} {mark[1]:x}"] if mark else []
        wait = Symbols.of_program(options.build, name).range(WAIT)
        lines += [f"wait {wait[0]:x} {wait[1]:x}"] if wait else []
    return "\n".join(lines) + "\n"


def other_side(options):
    """Where the machine is divided, the second partition runs the other half of the program that makes the matrix."""
    return ["--append", f'run@2="{options.run} -e"'] if options.matrix and is_divided(options.mode) else []


def observe(options):
    """Runs Castle once; (what it printed, the windows in the order of time)."""
    with tempfile.TemporaryDirectory(prefix="castle-conflicts-") as folder:
        output, config = os.path.join(folder, "windows"), os.path.join(folder, "setup")
        with open(config, "w", encoding="utf-8") as file:
            file.write(setup(options, output))
        arguments = ["-plugin", f"{plugin(options.build)},setup={config}", *ONE_THREAD]
        command = [os.path.join(TOP, "tools", "run"), "--iso", options.iso, "--machine", "qemu", "--smp", str(options.cpus),
                   "--mem", str(options.mem), "--run", options.run, *(f"--qemu={word}" for word in arguments),
                   *(["--mode", options.mode] if options.mode else []),
                   *(["--timeout", str(options.timeout)] if options.timeout else []),
                   *(word for option in options.append for word in ("--append", option)), *other_side(options)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, errors="replace", check=False)
        if done.returncode:
            raise Unfit(f"the run ended with status {done.returncode}; its end:\n{done.stdout[-TAIL:]}")
        with open(output, encoding="utf-8", errors="replace") as file:
            windows = [json.loads(line) for line in file]
    if any("lacks" in window for window in windows):
        raise Unfit("this QEMU does not let a plugin switch processors; with Debian 12's it works")
    return done.stdout, windows


def mode_in(printed):
    """The mode that Castle says it runs in."""
    found = re.search(r"^Castle: mode (\w+)", printed, re.M)
    return found.group(1) if found else "unknown"
