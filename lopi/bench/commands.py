"""Running commands, and what goes wrong with them."""
import os
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


# What all is compiled for; -m64 is x86-64.
MACHINE = os.environ.get("LOPI_BENCH_MACHINE", "-m32")


class Broken(Exception):
    """What cannot be measured, and why."""


def command(arguments, where, output=None):
    with open(output or os.devnull, "wb") as out:
        done = subprocess.run(arguments, cwd=where, stdout=out, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise Broken(f"{' '.join(arguments)}: status {done.returncode}\n{done.stderr.decode()[-2000:]}")


def environment(out):
    """What the programs get, with the file for LOPI's output. It lies on their stacks: were it the caller's, caches
    would miss more or less from one caller to the next."""
    return {"PATH": os.defpath, "LOPI_OUT": out}
