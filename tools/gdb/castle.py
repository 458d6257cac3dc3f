"""Teaches GDB what Castle is made of: `source tools/gdb/castle.py`, then `help castle`.

`make gdb` does that. The commands read the stopped machine's memory; none of them runs kernel code, so they
work wherever the machine has been stopped, with locks held or half-made lists alike.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import castle_gdb.commands  # noqa: E402,F401
import castle_gdb.paging  # noqa: E402,F401
import castle_gdb.stops  # noqa: E402,F401
