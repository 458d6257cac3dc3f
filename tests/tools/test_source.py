#!/usr/bin/env python3
"""Tests of the commands that look at the kernel's source, on small trees of their own, and of the source itself."""
import os
import subprocess
import sys
import tempfile
import textwrap
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tools"))
from source import contracts, includes, measures, tree, variables  # noqa: E402

DOMAINS = """
    LOCK_DOMAIN(scheduler, 78, "ready queues")
    LOCK_DOMAIN(pages, 94, "free pages")
"""


class Tree(unittest.TestCase):
    """A test with a tree of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.top = folder.name
        self.write("kernel/lock/domains.h", DOMAINS)

    def write(self, name, text):
        path = os.path.join(self.top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(text).lstrip("\n"))

    def call(self, tool):
        return subprocess.run([os.path.join(TOP, "tools", tool), "--top", self.top], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, text=True)


class Reading(unittest.TestCase):
    def functions(self, text):
        return tree.Source("x.h", textwrap.dedent(text)).functions

    def test_declarations_and_definitions_are_found(self):
        found = self.functions("""
            typedef int (*handler)(int);
            struct operations { int (*open)(void); };
            extern const struct operations all[];
            static int (*hook)(void);
            DRIVER(com2, com2_init);
            #define f(x) g(x)
            __attribute__((noreturn, format(printf, 1, 2))) void panic(const char *format, ...);
            static const int table[] = { 1, 2 };
            const struct thread *const *thread_all(void);
            static inline __attribute__((always_inline)) bool is_on(int group)
            {
                    return "}" && group; /* } */
            }
            void (*later)(void) = other(3);
            int last(int (*function)(int), int x)
            {
                    return function(x);
            }
            """)
        self.assertEqual([(f.name, bool(f.body), f.is_static) for f in found],
                         [("panic", False, False), ("thread_all", False, False), ("is_on", True, True),
                          ("last", True, False)])

    def test_a_comment_covers_what_follows_without_a_blank_line(self):
        found = self.functions("""
            /* The
             * first. */
            int a(void);
            int b(void); /* beside */

            int c(void);
            /* Not its own. */

            int d(void);
            /* Through a directive. */
            #define MAX 3
            int e(int x,
                  int y);
            """)
        self.assertEqual([f.doc for f in found],
                         ["The first.", "The first. beside", None, None, "Through a directive."])

    def test_lines_are_counted(self):
        found = self.functions("/* one */\n\nint a(void);\n#if 0\n#endif\nint b(void);\n")
        self.assertEqual([f.line for f in found], [3, 6])


class Contracts(Tree):
    def problems(self):
        return list(contracts.Contracts(self.top).problems())

    def test_the_grammar(self):
        for text, expected in (
                ("Does it. Caller holds pages.", (("pages",), "Caller holds")),
                ("Caller holds pages, scheduler; may block; frees the thread.", (("pages", "scheduler"), "Caller holds")),
                ("Caller holds pages and scheduler (both change): 0 or -ENOMEM.", (("pages", "scheduler"), "Caller holds")),
                ("Caller holds nothing; frees the file", ((), "Caller holds")),
                ("Caller holds the queue's domain.", ((), "Caller holds")),
                ("caller holds pages.", (("pages",), "Caller holds")),
                ("Pure. Any context, interrupts on or off.", ((), "Any context")),
                ("First level.", ((), "First level")),
                ("At boot, after paging_init(): x", None),
                ("At boot.", ((), "At boot")),
                ("Caller must hold pages.", None),
                ("Says what the Caller holds pages for.", None),
                ("Caller holds Pages.", None),
                ("Any context; by whoever holds a reference.", ((), "Any context")),
                ("Any context that is right.", None),
                (None, None)):
            with self.subTest(text):
                self.assertEqual(contracts.contract_in(text), expected)

    def test_a_function_without_one_is_named(self):
        self.write("kernel/x.h", """
            /* Says nothing. */
            int x_make(void);

            /* Caller must hold pages. */
            int x_free(void);
            """)
        problems = self.problems()
        self.assertEqual(problems[0], 'kernel/x.h:5: x_free: no contract; what is no sentence of the grammar: '
                                      '"Caller must hold pages."')
        self.assertEqual(problems[1:], ["kernel/x.h:2: x_make: no contract"])
        self.assertEqual(self.call("contracts").returncode, 1)

    def test_one_for_all_and_one_of_its_own(self):
        self.write("kernel/x.h", """
            /*
             * Of x. Contract of all functions here: Caller holds
             * pages.
             */
            int x_make(void);

            /* Any context. */
            int x_size(void);
            """)
        self.write("kernel/x.c", """
            int x_make(void)
            {
                    return 0;
            }
            int x_size(void)
            {
                    return 0;
            }
            """)
        self.assertEqual(self.problems(), ["kernel/x.c:1: x_make: no assert_held(pages) in its first lines"])

    def test_one_for_a_group(self):
        self.write("kernel/x.h", """
            /* Contract of all functions here, unless they say otherwise: any context. */
            int x_size(void);

            /* Making and freeing. Contract of all these functions: Caller holds
             * pages. */

            int x_make(void);
            int x_free(void);
            """)
        self.write("kernel/x.c", "int x_size(void)\n{\n\treturn 0;\n}\nint x_free(void)\n{\n\treturn 0;\n}\n")
        self.assertEqual(self.problems(), ["kernel/x.c:5: x_free: no assert_held(pages) in its first lines"])

    def test_a_stub_needs_no_second_comment(self):
        self.write("kernel/x.h", """
            #ifdef CASTLE_SMP
            /* Caller holds pages. */
            void x_tell(int x);
            #else
            static inline void x_tell(int x)
            {
                    (void)x;
            }
            #endif
            """)
        self.assertEqual(self.problems(), [])

    def test_two_contracts(self):
        self.write("kernel/x.h", "/* At boot. Any context. */\nint x(void);\n")
        self.assertEqual(self.problems(), ["kernel/x.h:2: x: two contracts"])

    def test_an_unknown_domain(self):
        self.write("kernel/x.h", "/* Caller holds giant. */\nint x(void);\n")
        self.assertEqual(self.problems(), ["kernel/x.h:2: x: kernel/lock/domains.h has no domain giant"])

    def assertions(self, body):
        self.write("kernel/x.h", "/* Caller holds pages, scheduler. */\nint x(struct y *y);\n")
        self.write("kernel/x.c", f"int x(struct y *y)\n{{\n{body}\n}}\n")
        return [problem.split(": ", 2)[2] for problem in self.problems()]

    def test_assertions_come_first_after_declarations(self):
        self.assertEqual(self.assertions("struct z *z = y->z, *other; unsigned int a[] = { 1 }; (void)y;\n"
                                         "assert_held(pages); uint32_t b; assert_held(scheduler); return f(b);"), [])

    def test_assertions_that_are_missing_or_late(self):
        self.assertEqual(self.assertions("y->z = 0; assert_held(pages); assert_held(scheduler);"),
                         ["no assert_held(pages) in its first lines", "no assert_held(scheduler) in its first lines"])
        self.assertEqual(self.assertions("if (y) { assert_held(pages); }\nassert_held(scheduler);")[0],
                         "no assert_held(pages) in its first lines")

    def test_an_assertion_that_is_not_in_the_contract(self):
        self.assertEqual(self.assertions("assert_held(pages); assert_held(scheduler); assert_held(timers);"),
                         ["asserts timers, which its contract does not name"])

    def test_what_holds_nothing_asserts_what_it_is_to_take(self):
        self.write("kernel/x.h", "/* Caller holds nothing. */\nint x(void);\n\n/* Any context. */\nint y(void);\n")
        self.write("kernel/x.c", "".join(f"int {name}(void)\n{{\n\tassert_held(pages);\n\treturn 0;\n}}\n" for name in "xy"))
        self.assertEqual(self.problems(), ["kernel/x.c:6: y: asserts pages, which its contract does not name"])

    def test_inline_functions_that_do_something_assert(self):
        self.write("kernel/x.h", """
            /* Caller holds pages. */
            static inline int x_delegates(int x)
            {
                    return y_do(&pages, x);
            }

            /* Caller holds pages. */
            static inline int x_does(struct x *x)
            {
                    return x->count++;
            }
            """)
        self.assertEqual(self.problems(), ["kernel/x.h:8: x_does: no assert_held(pages) in its first lines"])


class Globals(Tree):
    def problems(self, c="", assembly="", flags=()):
        macros = "#define GUARDED_BY(domain)\n#define SET_AT_BOOT\n#define UNGUARDED(reason)\n" \
                 "#define CPU_LOCAL __attribute__((section(\".cpulocal,\\\"aw\\\",@nobits#\")))\n"
        self.write("kernel/x.c", macros + textwrap.dedent(c))
        self.write("kernel/y.S", assembly)
        os.makedirs(os.path.join(self.top, "build/kernel/kernel"), exist_ok=True)
        for name in ("x.c", "y.S"):
            subprocess.run(["gcc", "-m32", "-g", "-O2", "-fno-pic", "-fno-common", *flags,
                            f"-ffile-prefix-map={self.top}=.", "-c", f"kernel/{name}",
                            "-o", f"build/kernel/kernel/{name[0]}.o"], cwd=self.top, check=True)
        found = variables.Variables(os.path.join(self.top, "build"), self.top, ("kernel",))
        return [problem.split(": ", 1)[1] for problem in found.problems()]

    def test_every_way_to_say_it(self):
        self.assertEqual(self.problems("""
            struct x { int a; };
            int guarded GUARDED_BY(pages) = 3;
            static int pair, other GUARDED_BY(scheduler);
            CPU_LOCAL int local;
            struct x made SET_AT_BOOT = { .a = 1 };
            static volatile int open[2] UNGUARDED("one writer; \\"any value is right\\"");
            static int (*hook)(void) SET_AT_BOOT;
            const int constant = 5;
            #define COUNTER(name) int count_##name GUARDED_BY(pages);
            COUNTER(first)
            int *use(void)
            {
                    static int last GUARDED_BY(pages);
                    last++;
                    pair += other++ + open[0]++ + (hook = 0, 1);
                    return &last;
            }
            """, """
            	.bss
            	/* SET_AT_BOOT: the stack. */
            	.globl stack
            stack:
            	.skip 16
            """), [])

    def test_macros_and_locks(self):
        self.write("kernel/lock.h", """
            #define LOCK_CLASS(variable, name) \\
                    int variable UNGUARDED("the checker's own") = name
            #define PLAIN(variable) int variable
            """)
        self.assertEqual(self.problems("""
            #include "lock.h"
            LOCK_CLASS(my_lock_class, 3);
            int guarded GUARDED_BY(my_lock);
            int wrong GUARDED_BY(lock);
            PLAIN(silent);
            """), ["wrong kernel/lock/domains.h has no domain lock", "silent says nothing of what guards it"])

    def test_what_says_nothing_is_named_with_its_line(self):
        self.assertEqual(self.problems("""
            int first, second GUARDED_BY(pages);
            int third = 3; /* GUARDED_BY(pages) */
            int *use(void)
            {
                    static int last;
                    return &last;
            }
            """, "\t.bss\n/* SET_AT_BOOT */\n\nstack:\t.skip 16\n"),
            ["third says nothing of what guards it", "last says nothing of what guards it",
             "stack says nothing of what guards it"])
        self.assertIn("kernel/x.c:7: third", "".join(variables.Variables(
            os.path.join(self.top, "build"), self.top, ("kernel",)).problems()))

    def test_wrong_answers(self):
        self.assertEqual(self.problems("""
            int a GUARDED_BY(giant);
            int b UNGUARDED("");
            int c SET_AT_BOOT GUARDED_BY(pages);
            CPU_LOCAL int d SET_AT_BOOT;
            """),
            ["a kernel/lock/domains.h has no domain giant", "b does not say why it is UNGUARDED",
             "c says two things of what guards it", "d says two things of what guards it"])

    def test_nothing_built(self):
        with self.assertRaises(variables.Unbuilt):
            variables.Variables(os.path.join(self.top, "build"), self.top, ("kernel",))
        self.assertEqual(self.call("globals").returncode, 2)


class Includes(Tree):
    TABLE = [("low", "", ["kernel/low/"]), ("middle", "", ["kernel/", "include/castle/"]),
             ("high", "", ["kernel/low/high.c", "kernel/high/*.h"])]

    def setUp(self):
        super().setUp()
        self.write("kernel/low/a.c", '#include "kernel/low/a.h"\n#include <castle/x.h>\n')
        self.write("kernel/low/high.c", '#include "kernel/b.h"\n')
        self.write("kernel/b.h", '#include "kernel/low/a.h"\n# include "kernel/high/c.h"\n')

    def includes(self, exceptions):
        return includes.Includes(self.top, self.TABLE, exceptions)

    def test_upward_includes_are_named(self):
        self.assertEqual(list(self.includes({}).problems()),
                         ["kernel/b.h:2: middle includes kernel/high/c.h of high",
                          "kernel/low/a.c:2: low includes include/castle/x.h of middle"])

    def test_what_is_argued_for_is_not(self):
        argued = {("kernel/b.h", "kernel/high/c.h"): "why", ("kernel/low/a.c", "include/castle/x.h"): "why"}
        self.assertEqual(list(self.includes(argued).problems()), [])
        self.assertIn("| `kernel/b.h` | `kernel/high/c.h` | high | why |", self.includes(argued).report())

    def test_an_exception_may_be_a_pattern(self):
        argued = {("kernel/b.h", "kernel/high/"): "why", ("kernel/low/*.c", "include/castle/x.h"): "why"}
        self.assertEqual(list(self.includes(argued).problems()), [])

    def test_an_exception_without_need_or_reason(self):
        argued = {("kernel/b.h", "kernel/high/c.h"): " ", ("kernel/low/a.c", "include/castle/x.h"): "why",
                  ("kernel/b.h", "kernel/low/a.h"): "it is downwards"}
        self.assertEqual([problem.split(" is")[0] for problem in self.includes(argued).problems()],
                         ["kernel/b.h:", "kernel/b.h:"])

    def test_a_file_without_a_layer(self):
        self.write("boot/x.c", '#include "kernel/low/a.h"\n')
        self.assertIn("boot/x.c: has no layer in tools/source/layers.py", list(self.includes({}).problems()))

    def test_a_part_includes_what_it_may_alone(self):
        part = [("kernel/b.h", "a part", ["include/castle/", "kernel/low/"])]
        found = includes.Includes(self.top, self.TABLE, {("*", "*"): "why"}, part)
        self.assertEqual([str(include.file) for include in found.strays()], ["kernel/b.h"])
        self.assertIn("kernel/b.h:2: is of a part that may not include kernel/high/c.h", list(found.problems()))
        self.assertIn("| `kernel/b.h` | a part |", found.report())
        part[0][2].append("kernel/high/*.h")
        self.assertEqual(includes.Includes(self.top, self.TABLE, {}, part).strays(), [])

    def test_tables_are_put_between_the_marks(self):
        document = f"a\n{includes.START}old\n{includes.END}b\n"
        self.assertEqual(includes.put_in(document, "new\n"), f"a\n{includes.START}new\n{includes.END}b\n")
        with self.assertRaises(ValueError):
            includes.put_in("no marks", "new\n")


class Measures(Tree):
    def failures(self):
        return measures.Measures(self.top).all().failures

    def write_functions(self, bodies):
        """A file with functions whose bodies are statements."""
        self.write("kernel/x.c", "".join(f"/* {'c' * 20} */\n" * 3 + f"int f{i}(int x)\n{{\n" + "".join(
            f"\t{line}\n" for line in body) + "}\n" for i, body in enumerate(bodies)))
        self.write(".clang-format", tree.read(".clang-format"))

    def misses(self, bodies, word):
        self.write_functions(bodies)
        found = [failure for failure in self.failures() if word in failure]
        return found

    def test_long_functions(self):
        short = ["return x;"]
        # A function has three lines around its statements: name, braces.
        self.assertEqual(self.misses([short] * 9 + [["x++;"] * 37], "lines, more"), [])
        self.assertEqual(self.misses([short] * 9 + [["x++;"] * 38], "lines, more"),
                         ["kernel/x.c:67: f9: 41 lines, more than 40"])
        self.assertEqual(self.misses([["x++;"] * 9] * 9, "median"), [])
        self.assertEqual(self.misses([["x++;"] * 10] * 9, "median"), ["the median is 13, more than 12"])
        self.assertEqual(self.misses([short] * 9 + [["x++;"] * 28], "percentile"), [])
        self.assertEqual(self.misses([short] * 8 + [["x++;"] * 28] * 2, "percentile"),
                         ["the 90th percentile is 31, more than 30"])

    def test_complexity(self):
        self.assertEqual(self.misses([["if (x)", "\tx--;"] * 9], "complexity"), [])
        self.assertEqual(self.misses([["if (x)", "\tx--;"] * 10], "complexity"),
                         ["kernel/x.c:4: f0: complexity 11, more than 10"])

    def test_long_files(self):
        self.write("kernel/x.S", "/* c */\n" * 450)
        self.write("kernel/y.S", "/* c */\n" * 451)
        self.assertEqual([failure for failure in self.failures() if "450" in failure],
                         ["kernel/y.S: 451 lines, more than 450"])

    def test_comments(self):
        self.assertEqual(measures.comment_lines('int a; /* b\n\n * c */\nint d = "/*";\n\nint e; // f\n'), (3, 4))
        self.write("kernel/x.h", "int a;\n" * 14 + "/* b */\n" * 3)
        self.assertEqual([failure for failure in self.failures() if "comments" in failure], [])
        self.write("kernel/x.h", "int a;\n" * 14 + "/* b */\n" * 2)
        self.assertEqual([failure for failure in self.failures() if "comments" in failure],
                         ["comments: 11.1 %, less than 15"])

    def test_orphans(self):
        self.assertEqual(list(measures.orphans_in("/* a\n */\n/*\n * b\n */\n/* c\n * d */\n/* e\n * f\n */\n")), [2, 10])

    def test_orphans_are_mended(self):
        words = "a word and " * 9
        self.assertEqual(measures.mended("/* a\n */\nint b; /* c\n */\n/* d\n * e */\n"), "/* a */\nint b; /* c\n */\n/* d\n * e */\n")
        mended = measures.mended(f"\t/* {words}\n\t */\n")
        self.assertEqual(list(measures.orphans_in(mended)), [])
        self.assertEqual((mended[:5], mended[-5:], " ".join(mended.split()).count("word")), ("\t/*\n\t", "\t */\n", 9))

    def test_fix(self):
        self.write(".clang-format", tree.read(".clang-format"))
        self.write("kernel/x.c", "int  a;\n/* " + "word " * 19 + "words */\nint b;\n")
        self.assertEqual(len([failure for failure in self.failures() if "kernel/x.c" in failure]), 1)
        measures.Measures(self.top).fix()
        self.assertEqual([failure for failure in self.failures() if "kernel/x.c" in failure], [])

    def test_format(self):
        self.write(".clang-format", tree.read(".clang-format"))
        self.write("uapps/good.c", "int a;\n")
        self.write("uapps/bad.c", "int  a;\n")
        self.write("uapps/third-party/bad.c", "int  a;\n")
        self.assertEqual([failure for failure in self.failures() if "clang" in failure],
                         ["uapps/bad.c: clang-format would change it"])

    def test_slices(self):
        source = tree.Source("x.c", textwrap.dedent("""
            static int declared(void);
            static int once(void) { return 1; }
            static int handed_on(void) { return 1; }
            static int twice(void) { return once(); }
            static int declared(void) { return twice() + twice(); }
            int public(void) { return declared() + use(handed_on); }
            """))
        lengths = {function.name: 4 for function in source.functions}
        self.assertEqual([(function.name, called) for function, called in measures.used_once(source, lengths)],
                         [("once", True), ("handed_on", False), ("declared", True)])
        self.assertEqual(list(measures.used_once(source, {"once": 7})), [])

    def test_contracts_and_includes_count(self):
        self.write("kernel/mem/x.h", '#include "kernel/boot/y.h"\nint x(void);\n')
        failures = self.failures()
        self.assertIn("contracts: 1 (tools/contracts lists them)", failures)
        self.assertIn("kernel/mem/x.h:1: mem includes kernel/boot/y.h of boot", failures)
        self.assertEqual(self.call("style").returncode, 1)


class TheSource(unittest.TestCase):
    """Castle's own."""

    def run_tool(self, *command):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
        return subprocess.run(command, cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True,
                              env=environment)

    def test_style(self):
        done = self.run_tool("tools/style")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_every_variable_says_what_guards_it(self):
        done = self.run_tool("make", "-s", "globals")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_document_shows_the_layers(self):
        document = tree.read(includes.DOCUMENT)
        self.assertEqual(document, includes.put_in(document, includes.Includes().report()), "make includes")

    def test_the_document_shows_the_grammar(self):
        document = "".join(line.strip() for line in tree.read("docs/contracts.md").splitlines())
        self.assertIn(contracts.CONTRACT.pattern, document)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
