"""The programs that are measured, from Debian's sources, with the inputs they are given. All are built -m32 -O2,
not position-independent; inputs are generated, the same each time."""
import os
import random
import shutil
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CC = ["gcc", "-m32", "-O2", "-fno-pic", "-w"]


class Broken(Exception):
    """A command that failed, with what it printed."""


def command(arguments, where, output=None):
    with open(output or os.devnull, "wb") as out:
        done = subprocess.run(arguments, cwd=where, stdout=out, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise Broken(f"{' '.join(arguments)}: status {done.returncode}\n{done.stderr.decode()[-2000:]}")


class Program:
    """One program: its sources, how they compile and link, and a run of it."""
    name = package = None
    sources = ()      # C files, from the source folder
    flags = ()
    libraries = ()
    arguments = ()

    def __init__(self, build):
        self.where = os.path.join(build, "lopi-bench", self.name)
        self.source = os.path.join(self.where, "source")
        os.makedirs(self.where, exist_ok=True)

    def fetch(self, build):
        if os.path.exists(os.path.join(self.where, "fetched")):
            return
        command([os.path.join(TOP, "uapps/third-party/source"), build, self.package, self.source], TOP)
        self.configure()
        self.make_input()
        with open(os.path.join(self.where, "fetched"), "w", encoding="ascii"):
            pass

    def configure(self):
        """What must happen before compiling."""

    def make_input(self):
        """Files that the program reads, in self.where."""

    def write(self, name, data):
        with open(os.path.join(self.where, name), "wb") as file:
            file.write(data)

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
        command([*CC, "-no-pie", *self.objects(folder), *libraries, *self.libraries, "-o",
                 os.path.join(folder, "program")], self.where)

    def run_command(self, program):
        return [program, *self.arguments]


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


class Gzip(Program):
    name, package = "gzip", "gzip"
    sources = tuple(f"{name}.c" for name in "bits deflate gzip inflate trees unlzh unlzw unpack unzip "
                    "util zip version".split())
    flags = ("-I.", "-Ilib", "-DHAVE_CONFIG_H")
    arguments = ("-c", "-6", "log")

    def configure(self):
        command(["./configure", "--disable-dependency-tracking", "CC=gcc -m32", "CFLAGS=-O2 -fno-pic"],
                self.source)
        command(["make", "version.h", "version.c"], self.source)
        command(["make", "-C", "lib"], self.source)
        self.libraries = (os.path.join(self.source, "lib/libgzip.a"),)

    def link(self, folder, libraries=()):
        self.libraries = (os.path.join(self.source, "lib/libgzip.a"),)
        super().link(folder, libraries)

    def make_input(self):
        self.write("log", log_text(700_000))


class Bzip2(Program):
    name, package = "bzip2", "bzip2"
    sources = tuple(f"{name}.c" for name in "blocksort huffman crctable randtable compress decompress "
                    "bzlib bzip2".split())
    flags = ("-D_FILE_OFFSET_BITS=64",)
    arguments = ("-c", "-1", "log")

    def make_input(self):
        self.write("log", log_text(200_000))


class Picosat(Program):
    name, package = "picosat", "picosat"
    sources = ("picosat.c", "app.c", "main.c", "version.c")
    flags = ("-DNDEBUG", "-DPICOSAT_VERSION=\"965\"", "-DPICOSAT_CC=\"gcc\"", "-DPICOSAT_CFLAGS=\"-O2\"")
    arguments = ("-n", "formula.cnf")

    def configure(self):
        with open(os.path.join(self.source, "config.h"), "w", encoding="ascii"):
            pass

    def make_input(self):
        chance, variables, clauses = random.Random(11), 180, 765
        lines = [f"p cnf {variables} {clauses}"]
        for _ in range(clauses):
            chosen = chance.sample(range(1, variables + 1), 3)
            lines.append(" ".join(str(chance.choice([-1, 1]) * one) for one in chosen) + " 0")
        self.write("formula.cnf", "\n".join(lines).encode() + b"\n")


LUA_SCRIPT = b"""
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local words, count = {}, {}
for i = 1, 6000 do words[i] = string.format("word%d", (i * 7919) % 997) end
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
for i = 1, 8000 do sum = sum:add(Point.new(i, -i)) end
print(fib(19), #keys, keys[1], found, sum.x, sum.y, #text:upper():gsub("W", "v"))
"""


class Lua(Program):
    name, package = "lua", "lua5.4"
    sources = tuple(f"src/{name}.c" for name in "lapi lauxlib lbaselib lcode lcorolib lctype ldblib ldebug "
                    "ldo ldump lfunc lgc linit liolib llex lmathlib lmem loadlib lobject lopcodes loslib "
                    "lparser lstate lstring lstrlib ltable ltablib ltm lua lundump lutf8lib lvm lzio".split())
    # Lua's seed for hashes comes from addresses and the time otherwise.
    flags = ("-DLUA_USE_POSIX", "-DLUA_COMPAT_5_3", "-Dluai_makeseed(L)=1")
    libraries = ("-lm",)
    arguments = ("script.lua",)

    def make_input(self):
        self.write("script.lua", LUA_SCRIPT)


class Tcc(Program):
    name, package = "tcc", "tcc"
    sources = ("tcc.c",)
    flags = ("-DONE_SOURCE=1", "-DTCC_TARGET_I386", "-I.")
    libraries = ("-ldl", "-lm", "-lpthread")
    arguments = ("-nostdinc", "-c", "input.c", "-o", "input.o")

    def configure(self):
        command(["./configure", "--cpu=i386", "--cc=gcc -m32"], self.source)

    def make_input(self):
        """A C file without headers: many functions of a few shapes."""
        chance, parts = random.Random(3), ["struct node { int value; struct node *next; };"]
        for number in range(700):
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
        self.write("input.c", "\n".join(parts).encode())


ALL = [Gzip, Bzip2, Picosat, Lua, Tcc]


def copy_sources(program, target):
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(program.source, target, symlinks=True)
