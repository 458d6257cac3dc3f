"""Five more programs, which nobody looked at while LOPI was made: what it costs there was not tuned. They were chosen
before they were measured: two kinds of compression, an interpreter of JavaScript, awk, and a formatter of Markdown."""
import os
import random
import shutil

from commands import MACHINE, command
from programs import LogReader, Program


class Lz4(LogReader):
    name, package = "lz4", "lz4"
    about = "compression of a server's log, level 9"
    sizes = {"small": 100_000, "full": 400_000, "large": 8_000_000}
    sources = tuple(f"{name}.c" for name in "lib/lz4 lib/lz4hc lib/lz4frame lib/lz4file lib/xxhash programs/bench "
                    "programs/datagen programs/lz4cli programs/lz4io".split())
    flags = ("-Ilib", "-DXXH_NAMESPACE=LZ4_")
    arguments = ("-c", "-9", "{input}")


class Zopfli(LogReader):
    name, package = "zopfli", "zopfli"
    about = "compression of a server's log, 3 iterations"
    sizes = {"small": 3_000, "full": 12_000, "large": 200_000}
    sources = tuple(f"src/zopfli/{name}.c" for name in "blocksplitter cache deflate gzip_container hash katajainen lz77 "
                    "squeeze tree util zlib_container zopfli_bin zopfli_lib".split())
    # The coprocessor's numbers differ by where the compiler keeps them, and with them the choices.
    flags = ("-msse2", "-mfpmath=sse")
    libraries = ("-lm",)
    arguments = ("-c", "--i3", "{input}")


JAVASCRIPT = """
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
function Tree(value) { this.value = value; this.left = null; this.right = null; }
Tree.prototype.add = function (value) {
	var side = value < this.value ? "left" : "right";
	if (this[side]) this[side].add(value); else this[side] = new Tree(value);
};
Tree.prototype.sum = function () {
	return this.value + (this.left ? this.left.sum() : 0) + (this.right ? this.right.sum() : 0);
};
var root = new Tree(500), words = [], number = 1, i;
for (i = 0; i < COUNT; ++i) {
	number = (number * 1103 + 12345) % 65536;
	root.add(number);
	words.push("w" + number.toString(16));
}
words.sort();
print(fib(DEPTH), root.sum(), words.join(",").replace(/w1[0-9a]+,/g, "-").length, JSON.stringify(words).length);
"""


class Mujs(Program):
    name, package = "mujs", "mujs"
    about = "a script in JavaScript: recursion, objects, strings, regular expressions"
    sizes = {"small": (200, 12), "full": (1000, 17), "large": (20_000, 25)}
    sources = tuple(f"{name}.c" for name in "jsarray jsboolean jsbuiltin jscompile jsdate jsdtoa jsdump jserror jsfunction jsgc "
                    "jsintern jslex jsmath jsnumber jsobject json jsparse jsproperty jsregexp jsrepr jsrun jsstate "
                    "jsstring jsvalue main regexp utf".split())
    libraries = ("-lm",)
    arguments = ("{input}",)

    def make_input(self, size):
        return JAVASCRIPT.replace("COUNT", str(size[0])).replace("DEPTH", str(size[1])).encode()


class Mawk(LogReader):
    name, package = "mawk", "mawk"
    about = "sums and words of a server's log"
    sizes = {"small": 100_000, "full": 400_000, "large": 12_000_000}
    sources = tuple(f"{name}.c" for name in "parse scan memory main hash execute code da error init bi_vars cast print "
                    "bi_funct kw jmp array field split re_cmpl regexp zmalloc fin files scancode matherr fcall "
                    "version".split())
    flags = ("-I.", "-DHAVE_CONFIG_H", "-DLOCAL_REGEXP", "-D_DEFAULT_SOURCE", "-D_XOPEN_SOURCE=500")
    libraries = ("-lm",)
    arguments = ("-Wrandom=1", "{{ n[$5]++; s += $NF; gsub(/[0-9]+/, \"#\"); w[$3]++ }} /logo.*404/ {{ k++ }} "
                 "END {{ for (a in n) t += n[a] * length(a); print s, k, t; for (a in w) print a, w[a] | \"sort\" }}",
                 "{input}")

    def configure(self):
        command(["./configure", f"CC=gcc {MACHINE}", "CFLAGS=-O2 -fno-pic", "LDFLAGS=-no-pie"], self.source)
        command(["make"], self.source)


CONFIGURED = """
#include <stdbool.h>
#define CMARK_ATTRIBUTE(list) __attribute__(list)
#define CMARK_INLINE inline
"""
VERSIONED = """
#define CMARK_VERSION 1
#define CMARK_VERSION_STRING "1"
"""


class Cmark(Program):
    name, package = "cmark", "cmark"
    about = "a text in Markdown, to HTML"
    sizes = {"small": 200, "full": 1200, "large": 20_000}
    sources = tuple(f"src/{name}.c" for name in "blocks buffer cmark cmark_ctype commonmark houdini_href_e houdini_html_e "
                    "houdini_html_u html inlines iterator latex main man node references render scanners utf8 "
                    "xml".split())
    flags = ("-Isrc",)
    arguments = ("{input}",)

    def configure(self):
        for name, text in [("config", CONFIGURED), ("cmark_version", VERSIONED), ("cmark_export", "#define CMARK_EXPORT\n")]:
            with open(os.path.join(self.source, f"src/{name}.h"), "w", encoding="ascii") as file:
                file.write(text)
        shutil.rmtree(os.path.join(self.source, "debian"), ignore_errors=True)

    def make_input(self, size):
        chance, parts = random.Random(17), []
        kinds = ["# Part {} of *all*\n", "Some `code{}`, **bold _and_ so on**, [a link](/to/{} \"title\").\n"
                 "A second line with &amp; and <b>html</b>.\n", "* one\n* two {}\n    1. nested\n    2. more\n",
                 "> quoted {}\n> > twice\n", "    indented(code, {});\n", "```c\nint x = {};\n```\n"]
        for number in range(size):
            parts.append(chance.choice(kinds).replace("{}", str(number)))
        return "\n".join(parts).encode()


HELD_BACK = [Lz4, Zopfli, Mujs, Mawk, Cmark]
