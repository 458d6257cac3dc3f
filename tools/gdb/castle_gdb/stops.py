"""Stopping: breakpoints in one process alone, and the symbols of what has been stopped."""
import gdb

from castle_gdb import kernel, model, view
from castle_gdb.commands import command
from castle_gdb.kernel import Failed


class ProcessBreakpoint(gdb.Breakpoint):
    """Code is shared by all that run the program: this stops if the processor runs one process, or program."""

    def __init__(self, location, wanted):
        super().__init__(location)
        self.wanted = wanted

    def stop(self):
        current = model.this_cpu().current()
        return bool(current) and self.wanted in (str(current.pid), current.container.program)


def program_of(name):
    """A process's program, or the name itself: the process may not have been started yet."""
    if name.isdigit():
        return model.process_find(name).program
    return name


@command("break", "PROCESS LOCATION")
def break_in(name, location):
    """A breakpoint in one process alone: a pid, or the name of a program, which need not run yet."""
    program = program_of(name)
    if not view.symbols_load(program):
        raise Failed(f"the build has no program {program}")
    ProcessBreakpoint(location_in(program, location), name)


def location_in(program, location):
    """The function of this program, where others have one of that name, too: as an address."""
    for objfile in gdb.objfiles():
        if objfile.filename.endswith(f"/programs/{program}"):
            found = objfile.lookup_global_symbol(location) or objfile.lookup_static_symbol(location)
            if found and found.type.code == gdb.TYPE_CODE_FUNC:
                return f"*{kernel.address_of(found.value()):#x}"
    return location


def stopped(event):
    """A processor in user mode: its program's symbols are wanted."""
    del event
    try:
        cpu = model.this_cpu()
        if cpu.in_user_mode and cpu.current():
            view.symbols_load(cpu.current().container.program)
    except gdb.error:
        pass  # stopped before there is a kernel to ask


gdb.events.stop.connect(stopped)
