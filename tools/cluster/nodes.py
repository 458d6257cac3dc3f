"""The cluster's machines."""
import os
import signal
import subprocess
import threading

from machines.machine import die_with_parent

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KEPT_LINES = 200


class Node:
    """A machine that is started, killed and started again."""

    def __init__(self, number, options, ends, keeps_all=False):
        self.keeps_all = keeps_all  # of what it says, not the last lines alone
        self.number, self.options, self.ends = number, options, ends
        self.child = self.reader = None
        self.lines, self.all = [], []
        self.starts = []  # how many lines there were at each

    def command(self):
        options, number = self.options, self.number
        programs = f"NODE={number}; NODES={options.nodes}; relay {number} {options.nodes} & report & {options.run}"
        words = [os.path.join(TOP, "tools/run"), "--iso", os.path.join(TOP, options.iso), "--smp", str(options.smp), "--node", str(number), "--run", f"dash -c '{programs.rstrip(' &;')} & wait'"]
        words += ["--mode", options.mode] if options.mode else []
        words += ["--resume", options.resume] if options.resume else []
        for network, end in enumerate(self.ends):
            words += ["--net", end.backend(), "--append", f"net.{network}=10.{network + 1}.0.{number}/24"]
        return words

    def start(self):
        if self.running():
            return
        self.starts.append(len(self.all))
        self.child = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                      text=True, errors="replace", start_new_session=True, preexec_fn=die_with_parent)
        self.reader = threading.Thread(target=self.read, args=(self.child,), daemon=True)
        self.reader.start()

    def read(self, child):
        for line in child.stdout:
            self.lines = self.lines[-KEPT_LINES:] + [line.rstrip("\n")]
            if self.keeps_all:
                self.all.append(line.rstrip("\n"))

    def running(self):
        return self.child is not None and self.child.poll() is None

    def kill(self):
        """As if its plug were pulled: the machine's process ends with that of tools/run."""
        if self.running():
            os.kill(self.child.pid, signal.SIGKILL)
        self.finish()

    def end(self):
        if self.running():
            self.child.terminate()
        self.finish()

    def finish(self):
        if self.child:
            self.child.wait()
            self.reader.join()
            self.child.stdout.close()
            self.child = None
