"""What the counting commands have in common: the kernels' files, and the lines that they print."""
import functools
import json
import os
import re
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODES = ("uniprocessor", "giantlock", "appkern")
# The multiprocessor code in shared files; each mode's kernel is compiled with or without it.
DEFINES = {"uniprocessor": [], "giantlock": ["-DCASTLE_SMP=1"], "appkern": []}
# The user's side of the application kernel: a part of it, in the C library.
BOOTSTRAP = re.compile(r"uapps/lib/bootstrap\w*\.[ch]|include/castle/apkern\.h")

# Whose a file is that the uniprocessor kernel has not: by its name without the ending; of all others, the giant lock's.
GROUND = "giantlock"
NEW = {
    "coarse": r"kernel/organisation/smp/coarse\w*|kernel/smp/(coarse_calls|lock|process_locks|locked_placement)|kernel/lock/lock",
    "fine": r"kernel/organisation/smp/fine\w*|kernel/smp/(fine_calls|own_queues|own_place|own_lock|wait_locks|directories|epoch|page_stocks|magazines)",
    "lockfree": r"kernel/organisation/smp/lockfree\w*|kernel/smp/(lockfree\w*|counted|free_stack|ring)",
    "ioproc": r"kernel/organisation/smp/ioproc\w*",
    "masterslave": r"kernel/organisation/smp/masterslave\w*",
    "partitioned": r"kernel/organisation/smp/partitioned|kernel/partition/.*",
    "appkern": r"kernel/appkern/.*",
}


def owner_of(name: str) -> str:
    """The organisation of a file that the uniprocessor kernel has not."""
    stem = os.path.splitext(name)[0]
    return next((owner for owner, pattern in NEW.items() if re.fullmatch(pattern, stem)), GROUND)


def output_of(*command: str, text: str = "") -> str:
    return subprocess.run(command, cwd=TOP, check=True, input=text, stdout=subprocess.PIPE, text=True).stdout


@functools.cache
def sources_by_mode() -> dict[str, list[str]]:
    """The source files of each mode's kernel, as the build has them."""
    found: dict[str, list[str]] = {mode: [] for mode in MODES}
    for line in output_of("make", "-s", "lab-sources").splitlines():
        mode, name = line.split()
        found[mode].append(name)
    return found


@functools.cache
def everything_of(mode: str) -> list[str]:
    """The source files of a mode's kernel and all headers that they include, the bootstrap thread's among them."""
    rules = output_of("gcc", "-MM", "-m32", "-D__ASSEMBLER__", *DEFINES[mode], "-I.", "-Iinclude",
                      *(name for name in sources_by_mode()[mode] if name.endswith(".S")))
    rules += output_of("gcc", "-MM", "-m32", *DEFINES[mode], "-I.", "-Iinclude",
                       *(name for name in sources_by_mode()[mode] if name.endswith(".c")))
    names = {os.path.normpath(word) for word in rules.replace("\\\n", " ").split() if not word.endswith(":")}
    if mode == "appkern":
        names.update(bootstrap_files())
    return sorted(names)


def files_of(mode: str) -> list[str]:
    """Those that the mode needs: of the multiprocessor kernel, none that are other organisations'."""
    plain = set(everything_of(MODES[0]))
    return [name for name in everything_of(mode) if mode != GROUND or name in plain or owner_of(name) == GROUND]


def bootstrap_files() -> list[str]:
    names = [f"uapps/lib/{name}" for name in os.listdir(os.path.join(TOP, "uapps/lib"))]
    return [name for name in [*names, "include/castle/apkern.h"] if BOOTSTRAP.fullmatch(name)]


def read(name: str) -> str:
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)


def record(bench: str, metric: str, value: float, mode: str, unit: str) -> None:
    print("@castle " + json.dumps({"bench": bench, "metric": metric, "value": value, "unit": unit, "mode": mode}))
