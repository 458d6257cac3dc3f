"""The programs that are measured, from Debian's sources, with the inputs they are given. All are built -m32 -O2 (or
-m64), not position-independent; inputs are generated, the same each time, in three sizes: `full` is what is counted, `small`
what is counted if it must not take long, `large` what is timed."""
import contextlib
import fcntl
import os
import random
import re

from commands import MACHINE, TOP, command

CC = ["gcc", MACHINE, "-O2", "-fno-pic", "-w"]


def code_sections(path):
    """The names of an object file's sections that have code."""
    listing = path + ".sections"
    command(["objdump", "-h", "-w", path], ".", listing)
    with open(listing, encoding="utf-8") as lines:
        return [line.split()[1] for line in lines if "CODE" in line]


def in_order(objects, order, folder):
    """A linker script that has the objects' sections of code in an order of its own, in which those of a copy that the program
    as it is has not stand among the others, and change nothing about theirs."""
    sections = [(os.path.basename(path), name, path) for path in objects for name in code_sections(path)]
    sections.sort(key=lambda one: random.Random(f"{order} {one[0]} {one[1]}").random())
    script = os.path.join(folder, "order.ld")
    with open(script, "w", encoding="utf-8") as file:
        file.write("SECTIONS\n{\n\t.text.ordered :\n\t{\n" + "".join(f"\t\t\"{path}\"({name})\n" for _, name, path in sections)
                   + "\t}\n}\nINSERT BEFORE .text;\n")
    return script


class Program:
    """One program: its sources, how they compile and link, and a run of it."""
    name = package = None
    about = ""        # what it does, and with what
    sources = ()      # C files, from the source folder
    flags = ()
    libraries = ()
    arguments = ()    # {input} is the input of the size that is asked for
    product = ""      # the file that it writes, if it is not standard output
    answers = (0,)    # the statuses that it ends with
    sizes = {}        # what make_input() is told

    def __init__(self, build):
        self.order = None  # in which code is linked: a seed, or as the object files are listed
        self.where = os.path.join(build, "lopi-bench", self.name + MACHINE.replace("-m32", ""))
        self.source = os.path.join(self.where, "source")
        os.makedirs(self.where, exist_ok=True)

    @contextlib.contextmanager
    def locked(self):
        """One at a time compiles in the program's folder."""
        with open(os.path.join(self.where, "lock"), "w", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def fetch(self, build):
        if os.path.exists(os.path.join(self.where, "fetched")):
            return
        command([os.path.join(TOP, "uapps/third-party/source"), build, self.package, self.source], TOP)
        self.configure()
        with open(os.path.join(self.where, "fetched"), "w", encoding="ascii"):
            pass

    def configure(self):
        """What must happen before compiling."""

    def make_input(self, size):
        """What the program reads, as bytes."""
        raise NotImplementedError

    def input(self, size):
        """The name, in self.where, of the input of a size; made when it is first wanted."""
        name = "input-" + re.sub(r"\W+", "-", str(self.sizes[size])).strip("-")
        path = os.path.join(self.where, name)
        if not os.path.exists(path):
            with open(path + ".new", "wb") as file:
                file.write(self.make_input(self.sizes[size]))
            os.rename(path + ".new", path)
        return name

    def object_of(self, source):
        return source.replace("/", "_").removesuffix(".c") + ".o"

    def compile(self, target, source=None, flags=()):
        """Compiles into the folder `target`; from another copy of the sources, perhaps."""
        os.makedirs(target, exist_ok=True)
        for name in self.sources:
            command([*CC, *self.flags, *flags, "-c", name, "-o",
                     os.path.join(target, self.object_of(name))], source or self.source)

    def objects(self, folder):
        return [os.path.join(folder, self.object_of(name)) for name in self.sources]

    def link(self, folder, libraries=()):
        objects = self.objects(folder)
        script = [] if self.order is None else [f"-Wl,-T,{in_order(objects, self.order, folder)}"]
        command([*CC, "-no-pie", *objects, *script, *libraries, *self.libraries, "-o", os.path.join(folder, "program")],
                self.where)

    def run_command(self, program, size):
        return [program, *(word.format(input=self.input(size)) for word in self.arguments)]


def log_text(size):
    """Lines like those of a server's log."""
    chance = random.Random(5)
    words = ["GET", "POST", "/index.html", "/images/logo.png", "200", "404", "Mozilla/5.0", "bytes"]
    lines, length = [], 0
    while length < size:
        line = (f"10.0.{chance.randrange(9)}.{chance.randrange(250)} - [{chance.randrange(10**6)}] "
                f"{' '.join(chance.choice(words) for _ in range(6))} {chance.randrange(99999)}\n")
        lines.append(line)
        length += len(line)
    return "".join(lines).encode()


class LogReader(Program):
    """Its input is a server's log."""

    def make_input(self, size):
        return log_text(size)


class Gzip(LogReader):
    name, package = "gzip", "gzip"
    about = "compression of a server's log, level 6"
    sizes = {"small": 200_000, "full": 700_000, "large": 8_000_000}
    sources = tuple(f"{name}.c" for name in "bits deflate gzip inflate trees unlzh unlzw unpack unzip "
                    "util zip version".split())
    flags = ("-I.", "-Ilib", "-DHAVE_CONFIG_H")
    arguments = ("-c", "-6", "{input}")

    def configure(self):
        command(["./configure", "--disable-dependency-tracking", f"CC=gcc {MACHINE}", "CFLAGS=-O2 -fno-pic",
                 "LDFLAGS=-no-pie"],
                self.source)
        command(["make", "version.h", "version.c"], self.source)
        command(["make", "-C", "lib"], self.source)

    def link(self, folder, libraries=()):
        self.libraries = (os.path.join(self.source, "lib/libgzip.a"),)
        super().link(folder, libraries)


class Bzip2(LogReader):
    name, package = "bzip2", "bzip2"
    about = "compression of a server's log, blocks of 100 KB"
    sizes = {"tiny": 12_000, "small": 60_000, "full": 200_000, "large": 4_000_000}
    sources = tuple(f"{name}.c" for name in "blocksort huffman crctable randtable compress decompress "
                    "bzlib bzip2".split())
    flags = ("-D_FILE_OFFSET_BITS=64",)
    arguments = ("-c", "-1", "{input}")


class Picosat(Program):
    name, package = "picosat", "picosat"
    about = "satisfiability of random clauses of three literals"
    sizes = {"small": 140, "full": 180, "large": 220}
    sources = ("picosat.c", "app.c", "main.c", "version.c")
    flags = ("-DNDEBUG", "-DPICOSAT_VERSION=\"965\"", "-DPICOSAT_CC=\"gcc\"", "-DPICOSAT_CFLAGS=\"-O2\"")
    arguments = ("-n", "{input}")
    answers = (0, 10, 20)  # it does not know; there is a solution; there is none

    def configure(self):
        with open(os.path.join(self.source, "config.h"), "w", encoding="ascii"):
            pass

    def make_input(self, size):
        chance, variables, clauses = random.Random(11), size, size * 17 // 4
        lines = [f"p cnf {variables} {clauses}"]
        for _ in range(clauses):
            chosen = chance.sample(range(1, variables + 1), 3)
            lines.append(" ".join(str(chance.choice([-1, 1]) * one) for one in chosen) + " 0")
        return "\n".join(lines).encode() + b"\n"


LUA_SCRIPT = """
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local words, count = {}, {}
for i = 1, WORDS do words[i] = string.format("word%d", (i * 7919) % 997) end
for _, word in ipairs(words) do count[word] = (count[word] or 0) + 1 end
local keys = {}
for word in pairs(count) do keys[#keys + 1] = word end
table.sort(keys)
local text = table.concat(words, " ")
local found = 0
for _ in text:gmatch("word1%d") do found = found + 1 end
local Point = {}
Point.__index = Point
function Point.new(x, y) return setmetatable({ x = x, y = y }, Point) end
function Point:add(other) return Point.new(self.x + other.x, self.y + other.y) end
local sum = Point.new(0, 0)
for i = 1, POINTS do sum = sum:add(Point.new(i, -i)) end
print(fib(DEPTH), #keys, keys[1], found, sum.x, sum.y, #text:upper():gsub("W", "v"))
"""


class Lua(Program):
    name, package = "lua", "lua5.4"
    about = "a script: recursion, strings, tables, objects"
    sizes = {"small": (1500, 2000, 14), "full": (6000, 8000, 19), "large": (100_000, 600_000, 28)}
    sources = tuple(f"src/{name}.c" for name in "lapi lauxlib lbaselib lcode lcorolib lctype ldblib ldebug "
                    "ldo ldump lfunc lgc linit liolib llex lmathlib lmem loadlib lobject lopcodes loslib "
                    "lparser lstate lstring lstrlib ltable ltablib ltm lua lundump lutf8lib lvm lzio".split())
    # Otherwise Lua's seed for hashes comes from addresses and the time, and its cache of strings is looked up by
    # their addresses: copies that lie elsewhere would call functions more or less often.
    flags = ("-DLUA_USE_POSIX", "-DLUA_COMPAT_5_3", "-Dluai_makeseed(L)=1",
             "-DSTRCACHE_N=1", "-DSTRCACHE_M=2")
    libraries = ("-lm",)
    arguments = ("{input}",)

    def make_input(self, size):
        script = LUA_SCRIPT
        for word, number in zip(("WORDS", "POINTS", "DEPTH"), size):
            script = script.replace(word, str(number))
        return script.encode()


class Tcc(Program):
    name, package = "tcc", "tcc"
    about = "compilation of generated C without headers"
    sizes = {"tiny": 20, "small": 200, "full": 700, "large": 25_000}
    sources = ("tcc.c",)
    flags = ("-DONE_SOURCE=1", "-DTCC_TARGET_I386", "-I.")
    libraries = ("-ldl", "-lm", "-lpthread")
    arguments = ("-nostdinc", "-c", "-x", "c", "{input}", "-o", "output.o")
    product = "output.o"

    def configure(self):
        cpu = {"-m32": "i386", "-m64": "x86_64"}[MACHINE]
        command(["./configure", f"--cpu={cpu}", f"--cc=gcc {MACHINE}"], self.source)

    def make_input(self, size):
        """A C file without headers: many functions of a few shapes."""
        chance, parts = random.Random(3), ["struct node { int value; struct node *next; };"]
        for number in range(size):
            parts.append(f"""
static int table{number}[] = {{ {', '.join(str(chance.randrange(1000)) for _ in range(12))} }};
int function{number}(int a, struct node *list, const char *text)
{{
	int sum = a * {chance.randrange(99)} + {number}, i;
	for (i = 0; i < {chance.randrange(1, 40)}; i++) {{
		if (table{number}[i % 12] > sum && list)
			sum ^= list->value << (i & 7);
		else
			sum += text ? text[i % 3] : i;
	}}
	switch (sum & 3) {{
	case 0: return sum;
	case 1: while (list) list = list->next, sum--; break;
	default: sum = {'function%d(sum, list, "text%d")' % (chance.randrange(number), number) if number else '1'};
	}}
	return sum > {chance.randrange(500)} ? sum - 1 : -sum;
}}""")
        return "\n".join(parts).encode()


ALL = [Gzip, Bzip2, Picosat, Lua, Tcc]
