"""A child process that ends with its runner, however that ends, and whose output goes to a file."""
import ctypes
import os
import signal
import subprocess
import time
from typing import Optional

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
GRACE = 10            # seconds in which a child that is told to end may clean up


# What make tells its children, in which a run must not differ from one that was started by hand.
OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES")


def end_with_parent() -> None:
    """Run in the child. SIGTERM: tools/run then ends its machine and removes its files."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A command in a session of its own, so that ctrl-C reaches the runner alone."""

    def __init__(self, command: list[str], output: str, folder: str, timeout: float) -> None:
        self.started = time.monotonic()
        self.deadline = self.started + timeout
        self.cpu_seconds: Optional[float] = None
        with open(output, "wb") as file:
            environment = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=file,
                                            stderr=subprocess.STDOUT, cwd=folder, start_new_session=True,
                                            preexec_fn=end_with_parent)

    def status(self) -> Optional[int]:
        """Its exit status, once it has ended; and what it and its own children took of the processors, then."""
        if self.process.returncode is None:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                self.process.returncode = os.waitstatus_to_exitcode(status)
                self.cpu_seconds = usage.ru_utime + usage.ru_stime
        return self.process.returncode

    def seconds(self) -> float:
        return time.monotonic() - self.started

    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def end(self) -> None:
        """Ends it and all that it started in its session."""
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            pass
        self.signal(signal.SIGKILL)
        self.process.wait()

    def signal(self, number: int) -> None:
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass
