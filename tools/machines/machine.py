"""What every kind of machine has in common."""
import ctypes
import signal
import subprocess

STATUS_TIMEOUT = 124
STATUS_MACHINE_FAILED = 125
STATUS_NO_VERDICT = 126
PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
MEMORY_LEAST = 2  # MB: with less, the boot loader ends without a word


class Refused(Exception):
    """What was asked for is not possible; the text says why."""


def die_with_parent():
    """Run in the child: however this process ends, by SIGKILL even, the machine ends with it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Machine:
    """A kind of machine: how to start it, and what its end means."""

    name = None
    program = None  # that the host must have

    def __init__(self, options):
        self.options = options

    def check(self):
        """Raises Refused if the options ask for what this machine has not."""

    def kernel_command_line(self):
        options = self.options
        if options.cmdline is not None:
            return options.cmdline
        words = [f"mode={options.mode}", f"machine={self.name}"]
        if options.run:
            words.append(f'run="{options.run}"')
        return " ".join(words + options.append)

    def start(self, directory):
        """Starts the machine without a terminal; (its process, a file to read its console from)."""
        raise NotImplementedError

    def start_interactive(self, directory):
        """Starts the machine for a user; (its process, the descriptor of its console's other end, or
        None if it uses the terminal itself)."""
        raise NotImplementedError

    def finish(self):
        """After the machine's end, while the run's folder is still there."""

    def status(self, code, verdict):
        """The run's status, from the machine's exit status and that in the kernel's last line."""
        raise NotImplementedError

    def complaint(self):
        """What the machine said about its own failure; lines."""
        return []

    def spawn(self, command, **how):
        return subprocess.Popen(command, preexec_fn=die_with_parent, **how)
