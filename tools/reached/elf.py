"""Reads a kernel's ELF file: sections, and the line table (DWARF 5, section 6.2).

binutils prints the table without columns, and columns are what tells the conditions of one line apart.
"""
import os
import posixpath
import struct

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Content types and forms of the table's header, and its opcodes.
DW_LNCT_PATH, DW_LNCT_DIRECTORY = 1, 2
FORM_STRING, FORM_DATA16, FORM_UDATA, FORM_LINE_STRP = 0x08, 0x1E, 0x0F, 0x1F
FORM_SIZES = {0x0B: "<B", 0x05: "<H", 0x06: "<I"}
COPY, ADVANCE_PC, ADVANCE_LINE, SET_FILE, SET_COLUMN, CONST_ADD_PC, FIXED_ADVANCE_PC = 1, 2, 3, 4, 5, 8, 9
END_SEQUENCE, SET_ADDRESS = 1, 2


class Unfit(Exception):
    """Something that the user can put right; the text says what."""


class Elf:
    """The sections of a 32-bit file by their names: `sections` has their bytes, `addresses` where they run."""

    def __init__(self, path):
        if not os.path.exists(path):
            raise Unfit(f"no {os.path.relpath(path, TOP)}: run `make iso` first")
        with open(path, "rb") as file:
            data = file.read()
        self.entry, start = struct.unpack_from("<I", data, 24)[0], struct.unpack_from("<I", data, 32)[0]
        size, count, names = struct.unpack_from("<HHH", data, 46)
        headers = [struct.unpack_from("<10I", data, start + number * size) for number in range(count)]
        self.sections, self.addresses = {}, {}
        for name, kind, _, address, offset, length, *_ in headers:
            at = headers[names][4] + name
            text = data[at:data.index(b"\0", at)].decode()
            self.sections[text] = data[offset:offset + length] if kind != 8 else b""
            self.addresses[text] = address


class Cursor:
    """Goes through bytes."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, form):
        value = struct.unpack_from(form, self.data, self.at)[0]
        self.at += struct.calcsize(form)
        return value

    def number(self, signed=False):
        """LEB128."""
        value = shift = 0
        while True:
            byte = self.take("<B")
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value - (1 << shift) if signed and byte & 0x40 else value

    def string(self):
        end = self.data.index(b"\0", self.at)
        text, self.at = self.data[self.at:end].decode(), end + 1
        return text


class Unit:
    """One compiled file's part of the table."""

    def __init__(self, cursor, strings):
        self.cursor, self.strings = cursor, strings
        length = cursor.take("<I")
        self.end = cursor.at + length
        version = cursor.take("<H")
        if version != 5:
            raise Unfit(f"the kernel's line table is DWARF {version}, not 5: another compiler?")
        cursor.at += 2
        program = cursor.take("<I") + cursor.at
        self.least, _, _ = (cursor.take("<B") for _ in range(3))
        self.line_base, self.line_range, self.opcode_base = cursor.take("<b"), cursor.take("<B"), cursor.take("<B")
        self.lengths = [cursor.take("<B") for _ in range(self.opcode_base - 1)]
        folders = [path for path, _ in self.entries()]
        self.files = [posixpath.normpath(posixpath.join(folders[0], folders[folder], path))
                      for path, folder in self.entries()]
        cursor.at = program

    def entries(self):
        """(path, number of its folder) of each entry of the next table of the header."""
        formats = [(self.cursor.number(), self.cursor.number()) for _ in range(self.cursor.take("<B"))]
        for _ in range(self.cursor.number()):
            values = {kind: self.value(form) for kind, form in formats}
            yield values[DW_LNCT_PATH], values.get(DW_LNCT_DIRECTORY, 0)

    def value(self, form):
        cursor = self.cursor
        if form == FORM_LINE_STRP:
            return Cursor(self.strings, cursor.take("<I")).string()
        if form == FORM_STRING:
            return cursor.string()
        if form == FORM_UDATA:
            return cursor.number()
        if form == FORM_DATA16:
            cursor.at += 16
            return None
        if form in FORM_SIZES:
            return cursor.take(FORM_SIZES[form])
        raise Unfit(f"the kernel's line table has a form {form:#x} that this does not read")

    def rows(self):
        """(address, file, line, column); None for the last where a stretch of code ends."""
        while self.cursor.at < self.end:
            yield from self.sequence()

    def sequence(self):
        cursor = self.cursor
        state = {"address": 0, "file": 1, "line": 1, "column": 0}
        while True:
            opcode = cursor.take("<B")
            if opcode >= self.opcode_base:
                self.special(state, opcode)
            elif opcode == 0:
                end, kind = cursor.number() + cursor.at, cursor.take("<B")
                if kind == SET_ADDRESS:
                    state["address"] = cursor.take("<I")
                cursor.at = end
                if kind == END_SEQUENCE:
                    yield state["address"], None, 0, 0
                    return
                continue
            elif opcode != COPY:
                self.standard(state, opcode)
                continue
            yield state["address"], self.files[state["file"]], state["line"], state["column"]

    def special(self, state, opcode):
        steps, lines = divmod(opcode - self.opcode_base, self.line_range)
        state["address"] += steps * self.least
        state["line"] += self.line_base + lines

    def standard(self, state, opcode):
        cursor = self.cursor
        if opcode == ADVANCE_PC:
            state["address"] += cursor.number() * self.least
        elif opcode == ADVANCE_LINE:
            state["line"] += cursor.number(signed=True)
        elif opcode in (SET_FILE, SET_COLUMN):
            state["file" if opcode == SET_FILE else "column"] = cursor.number()
        elif opcode == CONST_ADD_PC:
            state["address"] += (255 - self.opcode_base) // self.line_range * self.least
        elif opcode == FIXED_ADVANCE_PC:
            state["address"] += cursor.take("<H")
        else:
            for _ in range(self.lengths[opcode - 1]):
                cursor.number()


def line_rows(elf):
    """Every row of a kernel's line table, in the order of addresses; of several at one address, the last is the instruction's."""
    table, strings = elf.sections[".debug_line"], elf.sections[".debug_line_str"]
    at, rows = 0, []
    while at < len(table):
        unit = Unit(Cursor(table, at), strings)
        rows += unit.rows()
        at = unit.end
    # An end comes before what begins there.
    return sorted(rows, key=lambda row: (row[0], row[1] is not None))
