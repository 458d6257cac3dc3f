"""Running a machine with its serial console on the terminal, to be looked at or typed at."""
import os
import re
import select
import subprocess
import sys
import termios
import time
import tty

from machines.machine import STATUS_MACHINE_FAILED, STATUS_NO_VERDICT, STATUS_TIMEOUT

# The kernel's first line: its banner, or why there is none.
FIRST_WORDS = re.compile(rb"Castle: |command line: |memory: |PANIC: ")
# Its last one. A machine that ends without it was reset, or failed. One that takes its time to go off may have begun
# to say that it cannot.
VERDICT = re.compile(rb"Castle: power off, status (\d+)\r?\n(?:C[^\r\n]*)?\Z")
# Its very last one, on a machine that it cannot switch off.
STOPPED = re.compile(rb"Castle has stopped with status (\d+); it is safe to switch off\r?\n\Z")
PROMPT = b"castle$ "  # the first shell's
ESCAPE = b"\x01"  # ctrl-A, as in QEMU: with x it ends the machine, twice it is ctrl-A


class Console:
    """Passes the machine's output on, from Castle's first line unless all of it is wanted."""

    def __init__(self, everything):
        self.started = everything
        self.held = b""
        self.carriage_return = b""
        self.last = b""
        self.prompted = False  # the shell has asked for a command

    def write(self, data):
        self.last = (self.last + data)[-256:]
        self.prompted = self.prompted or PROMPT in self.last
        if not self.started:
            self.held += data
            first = FIRST_WORDS.search(self.held)
            if not first:
                return
            self.started = True
            data, self.held = self.held[first.start():], b""
        # A carriage return whose newline has not come yet waits for it.
        data = self.carriage_return + data
        self.carriage_return = b"\r" if data.endswith(b"\r") else b""
        data = data[:len(data) - len(self.carriage_return)]
        sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
        sys.stdout.buffer.flush()

    def verdict(self):
        """The status in the kernel's last line; None without one."""
        return status_in(VERDICT, self.last)

    def stopped(self):
        """The status of a kernel that could not switch the machine off; None if that is not so."""
        return status_in(STOPPED, self.last)


def status_in(pattern, text):
    found = pattern.search(text)
    return int(found.group(1)) if found else None


def say(text):
    print(f"run: {text}", file=sys.stderr)


def show(machine, output, console, typist=None):
    """Shows a machine's output to its end, or the kernel's; false if the time is over before. A typist types."""
    timeout = machine.options.timeout
    deadline = time.monotonic() + timeout if timeout else None
    while True:
        left = None if deadline is None else max(0, deadline - time.monotonic())
        inputs = [output, typist.source] if typist and typist.is_ready() else [output]
        again = typist is not None and typist.ended and (left is None or left > typist.patience)
        ready = select.select(inputs, [], [], typist.patience if again else left)[0]
        if not ready and again:
            typist.type_end()
            continue
        if not ready:
            say(f"no end after {timeout:g} seconds")
            return False
        if output not in ready:
            typist.type()
            continue
        data = os.read(output.fileno(), 65536)
        if not data:
            return True
        console.write(data)
        if console.stopped() is not None:
            return True


def attend(machine, child, output, console, typist=None):
    """Shows a machine that has been started to its end, and ends it if that does not come; the run's status."""
    try:
        if not show(machine, output, console, typist):
            return STATUS_TIMEOUT
        if console.stopped() is not None:
            return console.stopped()
        code = child.wait()
    finally:
        child.kill()
        child.wait()
        machine.finish()
    return judge(machine, code, console)


def run_batch(machine, directory):
    """Runs without a terminal; returns the run's status."""
    child, output = machine.start(directory)
    return attend(machine, child, output, Console(machine.options.boot_log))


# What ends whoever reads the console, in the middle of a line even, and then the machine.
END_OF_INPUT = b"\x04\x04poweroff\n"
PATIENCE = 5  # seconds of silence after that until it is typed again; then twice as many


class Typist:
    """Types standard input at the console once Castle listens, and no faster than it is taken."""

    PIECE = 256  # the console keeps what is typed ahead, but not without end

    def __init__(self, console, keyboard):
        self.console, self.keyboard = console, keyboard
        self.source = sys.stdin.fileno()
        self.ended = False
        self.patience = PATIENCE

    def is_ready(self):
        return not self.ended and self.console.prompted

    def type(self):
        data = os.read(self.source, self.PIECE)
        self.ended = not data
        self.send(data or END_OF_INPUT)

    def type_end(self):
        """Once more: keys that came while the shell edited its line were text, whatever has read them then."""
        self.patience *= 2
        self.send(END_OF_INPUT)

    def send(self, keys):
        try:
            self.keyboard.write(keys)
            self.keyboard.flush()
        except BrokenPipeError:  # the machine went off before its input ended
            self.ended = True


def run_script(machine, directory):
    """Makes standard input, which is no terminal, what is typed at the console; returns the run's status."""
    child, output, keyboard = machine.start_script(directory)
    console = Console(machine.options.boot_log)
    return attend(machine, child, output, console, Typist(console, keyboard))


def judge(machine, code, console):
    """The status of a run that has ended; says what was wrong with it."""
    verdict = console.verdict()
    status = machine.status(code, verdict)
    if status == STATUS_MACHINE_FAILED and verdict != status:
        say("the machine itself failed")
    elif not console.started:
        say("the machine ended before Castle said anything")
    elif status == STATUS_NO_VERDICT and verdict != status:
        say("the machine was reset, or ended without a verdict")
    if verdict is None:
        for line in machine.complaint():
            say(line)
    return status


def run_interactive(machine, directory):
    """Makes the terminal the machine's console, in raw mode if it is one; ctrl-A x ends the machine."""
    terminal = sys.stdin.isatty() and termios.tcgetattr(sys.stdin)
    child, console = machine.start_interactive(directory)
    try:
        if terminal:
            tty.setraw(sys.stdin, termios.TCSANOW)
        if console is not None:
            return converse(machine, child, console)
        return machine.status(child.wait(machine.options.timeout), verdict=0)
    except subprocess.TimeoutExpired:
        return STATUS_TIMEOUT
    finally:
        child.kill()
        child.wait()
        # A machine that was killed had no chance to undo what it did to the terminal.
        for descriptor in (0, 1, 2):
            os.set_blocking(descriptor, True)
        if terminal:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, terminal)


class Keys:
    """What the user types, ctrl-A being special."""

    def __init__(self):
        self.escaped = False

    def pass_on(self, data):
        """What of `data` is for the machine; None if it asks for the machine's end."""
        result = b""
        for key in (data[i:i + 1] for i in range(len(data))):
            if not self.escaped and key == ESCAPE:
                self.escaped = True
                continue
            if self.escaped and key == b"x":
                return None
            self.escaped = False
            result += key
        return result


def converse(machine, child, console):
    """Passes on what the user types and what the machine prints; returns the run's status."""
    timeout = machine.options.timeout
    deadline = time.monotonic() + timeout if timeout else None
    keys, inputs, last, code = Keys(), [console, sys.stdin.fileno()], b"", None
    while True:
        ready = select.select(inputs, [], [], 0.1)[0]
        if console in ready:
            data = os.read(console, 65536)
            last = (last + data)[-256:]
            os.write(sys.stdout.fileno(), data)
        elif code is not None:
            break
        elif not ready:
            code = child.poll()
        if sys.stdin.fileno() in ready:
            typed = os.read(sys.stdin.fileno(), 1024)
            data = keys.pass_on(typed)
            if data is None:
                return 0
            if typed:
                os.write(console, data)
            else:
                inputs.remove(sys.stdin.fileno())
        if deadline and time.monotonic() > deadline:
            return STATUS_TIMEOUT
    return machine.status(code, status_in(VERDICT, last))
