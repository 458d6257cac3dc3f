"""The rules: each finds places in the functions of a source file, and says what stands there instead."""
import collections
import random
import re

from source import tree

# Not of the kernel that is tested, but of what tests it.
LEFT_OUT = re.compile(r"kernel/debug/(lock_|fail_)|kernel/measure/")
FOLDERS = ("arch", "kernel")

# `edits` are (start, end, text) in the file's text, in order; `line` and `last` are the first and the last line of what is changed, and
# of a check `last` is that of the refusal.
Mutant = collections.namedtuple("Mutant", "rule file line last what edits")

BALANCED = r"\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)"
# Calls whose result nobody looks at, a statement each.
CALLS = {
    "reference": r"\w+_reference",
    "release": r"(?:file|inode|container|process|thread|package|user_path)_release|page_free|page_free_run|slab_free|kmem_free|"
               r"\w+_table_free|content_free|directory_free|fpu_free|files_free",
    "wake": r"wait_queue_wake_\w+|thread_wake|ticket_kick|lock_kick|wake|wake_writers|futex_wake_container",
    "directory": r"cr3_write|invlpg|directory_load|container_directory_\w+|cross_call|directories_create",
}
LOCK = re.compile(rf"^[ \t]+(?P<name>lock_acquire|lock_release|application_lock|application_unlock)(?P<arguments>{BALANCED});", re.M)
AROUND = re.compile(r"\b(?:giant_)?lock_around\(")
FENCE = re.compile(r"\(void\)__atomic_exchange_n\((&[\w>.\[\]-]+), ([^,;]+), __ATOMIC_\w+\);")
CHECK = re.compile(rf"\bif (?P<condition>{BALANCED})\n[ \t]+return -(?P<error>E[A-Z0-9]+);")
ERROR = re.compile(r"\breturn -(?P<error>E[A-Z0-9]+);")


def body_matches(source, function, pattern):
    start, end = function.body
    return re.compile(pattern).finditer(source.code, start, end) if isinstance(pattern, str) else pattern.finditer(
        source.code, start, end)


def call_rules(source, function):
    """A statement that is one call goes."""
    for rule, names in CALLS.items():
        for found in body_matches(source, function, rf"(?m)^[ \t]+((?:{names}){BALANCED};)"):
            yield rule, found.start(1), found.group(1), [(found.start(1), found.end(1), "(void)0;")]


def lock_rule(source, function):
    """A lock is not taken in a function, and not given back there."""
    pairs = collections.defaultdict(list)
    for found in body_matches(source, function, LOCK):
        key = "application" if found["name"].startswith("application") else found["arguments"]
        pairs[key].append((found.start("name"), found.end(), "(void)0;"))
    for edits in pairs.values():
        start, end, _ = edits[0]
        yield "lock", start, source.code[start:end], edits


def around_rule(source, function):
    """An expression is found without the lock."""
    for found in body_matches(source, function, AROUND):
        depth, at, commas = 1, found.end(), []
        while depth:
            depth += {"(": 1, ")": -1}.get(source.code[at], 0)
            commas += [at] if source.code[at] == "," and depth == 1 else []
            at += 1
        inside = found.end() if found[0].startswith("giant") else commas[1] + 1
        yield "lock", found.start(), source.code[found.start():at], [(found.start(), at, f"({source.text[inside:at - 1]})")]


def fence_rule(source, function):
    """A store that is a fence, too, is a store."""
    for found in body_matches(source, function, FENCE):
        text = f"*({found[1]}) = ({found[2]});"
        yield "fence", found.start(), found[0], [(found.start(), found.end(), text)]


def check_rule(source, function):
    """What is refused is not."""
    for found in body_matches(source, function, CHECK):
        start, end = found.span("condition")
        yield "check", found.start(), found[0], [(start, end, f"({source.text[start:end]} && 0)")]


def error_rule(source, function):
    """What fails says that it went well."""
    for found in body_matches(source, function, ERROR):
        yield "errno", found.start(), found[0], [(found.start(), found.end(), "return 0;")]


RULES = (call_rules, lock_rule, around_rule, fence_rule, check_rule, error_rule)
NAMES = (*CALLS, "lock", "fence", "check", "errno")


def mutants_of(file):
    """All of one file."""
    source = tree.load(file)
    for function in source.functions:
        for rule in RULES if function.body else ():
            for name, start, what, edits in rule(source, function):
                line = source.line_at(start)
                yield Mutant(name, file, line, line + what.count("\n"), " ".join(what.split()), edits)


def all_mutants():
    return [mutant for file in tree.files_below(FOLDERS, (".c", ".h")) if not LEFT_OUT.match(file)
            for mutant in mutants_of(file)]


def sample(mutants, count, seed):
    """So many of them; the rules take turns, so that the rare ones are there, too, and that a part is like the whole."""
    chance = random.Random(seed)
    piles = collections.defaultdict(list)
    for mutant in mutants:
        piles[mutant.rule].append(mutant)
    for pile in piles.values():
        chance.shuffle(pile)
    chosen = []
    while len(chosen) < count and any(piles.values()):
        chosen += [pile.pop() for pile in piles.values() if pile][:count - len(chosen)]
    return chosen


def apply(mutant):
    """The file's text with the mutant's edits."""
    text = tree.read(mutant.file)
    for start, end, instead in sorted(mutant.edits, reverse=True):
        text = text[:start] + instead + text[end:]
    return text
