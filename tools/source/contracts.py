"""Contracts of the kernel's public functions: what must be held by the caller of each, and whether it says so in
its first lines, too.

Every function that a header of kernel/, arch/ia32/ or boot/ declares has, in the comment above it (or above the first of
declarations that follow each other without a blank line, or beside it), one sentence of this form:

    Caller holds DOMAIN[, DOMAIN ...] [(why)] [; may block] [; frees WHAT, or another condition].
    Caller holds nothing ...            no lock that the function needs: it is where that is taken, once it is a lock of
                                        its own; until then it may assert it
    Any context[, WHERE] ...            whatever is held or not: it touches nothing that needs a lock
    First level[, WHERE] ...            in a first-level interrupt handler
    At boot[, WHERE] ...                on one processor, before others start
    Caller holds the NOUN's domain      which depends on the object: the function asserts it in its own way

DOMAIN is a name of kernel/lock/domains.h. A header may say "Contract of all functions here: ..." in the comment
that it opens with, or in the comment above a group of functions "Contract of all of them: ...": it holds for all
that follow; a function's own sentence counts more.

A definition of a function whose contract names domains begins with assert_held(DOMAIN) for each of them; only
declarations come before. An inline function of a header that does nothing but call another, or give a constant
back, needs none.
"""
import argparse
import collections
import re

from . import tree

DOMAIN_LIST = r"[a-z]\w*(?:(?:, | and )[a-z]\w*)*"
SENTENCE = (rf"(?:[Cc]aller holds (?:the \w+'s domain|(?P<holds>{DOMAIN_LIST}))|"
            r"(?P<form>[Aa]ny context|[Ff]irst level|[Aa]t boot)(?:, [^.;:()]+)?)"
            r"(?: \((?P<why>[^()]+)\))?(?P<blocks>; may block)?(?:; (?P<more>[^.:]+))?(?:[.:](?= |$)|$)")
CONTRACT = re.compile(rf"(?:^|(?<=[.:)!?] )){SENTENCE}")
FOR_ALL = re.compile(rf"Contract of all (?:\w+(?: \w+)*)(?:, [^:]+)?: {SENTENCE}")
ATTEMPT = re.compile(r"Caller (?:must )?holds?\b|Any context|First level|At boot|Contract of all functions")
ASSERTION = re.compile(r"^assert_held\w*\s*\(\s*(\w+)")
# A declaration within a function; `(void)name` counts as one.
DECLARATION = re.compile(r"^(?:\(void\)\s*\w+$|(?!return\b|goto\b|else\b|case\b)(?:(?:const|static|volatile|struct|union|"
                         r"enum|unsigned|register)\s+)*\w+[\s*]+(?:const\s+)?\w+(?:\s*\[[^]]*\])*\s*(?:=|,|$))")
DELEGATION = re.compile(r"^(?:return\s*)?(?:-?\w+|\w+\s*\(.*\))$", re.S)
HEADERS = ("kernel", "arch/ia32", "boot")

Contract = collections.namedtuple("Contract", "domains form")
HOLDS_NOTHING = Contract((), "Caller holds")


def contract_in(words, pattern=CONTRACT):
    """The contract that a comment states, or None."""
    match = pattern.search(words or "")
    if not match:
        return None
    named = re.split(", | and ", match["holds"]) if match["holds"] else []
    return Contract(tuple(name for name in named if name != "nothing"), (match["form"] or "Caller holds").capitalize())


def header_contracts(header):
    """(where, contract) of the comments that state one for all functions that follow, from the last one up."""
    stated = [(start, contract_in(tree.words_of(header.text[start:end]), FOR_ALL)) for start, end in header.comments]
    return [(start, contract) for start, contract in reversed(stated) if contract]


def section_at(sections, offset):
    return next((contract for start, contract in sections if start < offset), None)


def statements(source, body):
    """The texts of a body's statements; a block is one."""
    start, end = body[0] + 1, body[1] - 1
    depth, begin = 0, start
    for match in re.compile(r"[(){};]").finditer(source.code, start, end):
        char = match[0]
        if char in "({":
            depth += 1
        elif char in ")}":
            depth -= 1
        closes = char == "}" and depth == 0 and "=" not in source.code[begin:match.start()].split("{")[0]
        if (char == ";" and depth == 0) or closes:
            yield source.code[begin:match.start()].strip()
            begin = match.end()


def assertions(source, body):
    """The domains that the first statements of a body assert."""
    found = []
    for statement in statements(source, body):
        match = ASSERTION.match(statement)
        if match:
            found.append(match[1])
        elif not DECLARATION.match(statement):
            break
    return found


def only_delegates(function):
    left = [text for text in statements(function.source, function.body) if not text.startswith("(void)")]
    return not left or (len(left) == 1 and DELEGATION.match(left[0]))


class Contracts:
    """Those of the tree below `top`."""

    def __init__(self, top=tree.TOP):
        self.domains = tree.domains(top)
        self.headers = [tree.load(name, top) for name in tree.files_below(HEADERS, ".h", top)]
        self.sources = [tree.load(name, top) for name in tree.files_below(HEADERS, ".c", top)]
        self.stated, self.declared = {}, {}
        for header in self.headers:
            sections = header_contracts(header)
            for function in header.functions:
                # A static inline function's second version, or a declaration's, needs no second comment.
                contract = contract_in(function.doc) or section_at(sections, function.start)
                self.declared.setdefault(function.name, function)
                if contract:
                    self.stated.setdefault(function.name, (contract, function))

    def missing(self):
        """Declarations without a contract."""
        return [function for name, function in sorted(self.declared.items()) if name not in self.stated]

    def contradictory(self):
        """Declarations whose comment has two contracts."""
        return [function for header in self.headers for function in header.functions
                if len(list(CONTRACT.finditer(function.doc or ""))) > 1]

    def unknown(self):
        """(declaration, domain) where there is no such domain."""
        return [(function, domain) for _, (contract, function) in sorted(self.stated.items())
                for domain in contract.domains if domain not in self.domains]

    def definitions(self):
        for source in self.sources + self.headers:
            for function in source.functions:
                public = not function.is_static or source in self.headers
                if function.body and public and function.name in self.stated:
                    yield function, self.stated[function.name][0]

    def unasserted(self):
        """(definition, domain) where the first statements do not assert what the contract says."""
        return [(function, domain) for function, contract in self.definitions()
                if not (function.is_static and only_delegates(function))
                for domain in contract.domains if domain not in assertions(function.source, function.body)]

    def unstated(self):
        """(definition, domain) where they assert what the contract does not say. One that is called with nothing held
        asserts what it is to take itself."""
        return [(function, domain) for function, contract in self.definitions() if contract != HOLDS_NOTHING
                for domain in assertions(function.source, function.body) if domain not in contract.domains]

    def problems(self):
        for function in self.missing():
            near = ATTEMPT.search(function.doc or "")
            yield f"{function.place}: {function.name}: no contract" + (
                f"; what is no sentence of the grammar: \"{function.doc[near.start():][:60]}\"" if near else "")
        for function in self.contradictory():
            yield f"{function.place}: {function.name}: two contracts"
        for function, domain in self.unknown():
            yield f"{function.place}: {function.name}: {tree.DOMAINS} has no domain {domain}"
        for function, domain in self.unasserted():
            yield f"{function.place}: {function.name}: no assert_held({domain}) in its first lines"
        for function, domain in self.unstated():
            yield f"{function.place}: {function.name}: asserts {domain}, which its contract does not name"

    def summary(self):
        return (f"public functions: {len(self.declared)}; without a contract: {len(self.missing())}; contracts with an "
                f"unknown domain: {len(self.unknown())}; assertions missing: {len(self.unasserted())}, "
                f"not in the contract: {len(self.unstated())}")


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="contracts", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--top", default=tree.TOP, metavar="DIR", help="the tree to look at")
    parser.add_argument("--below", default="", metavar="PATH", help="list only what is in files below PATH")
    parser.add_argument("--list", action="store_true", help="list all contracts instead")
    options = parser.parse_args(arguments)
    contracts = Contracts(options.top)
    if options.list:
        for name, (contract, function) in sorted(contracts.stated.items()):
            print(f"{function.place}: {name}: {contract.form} {', '.join(contract.domains)}".rstrip())
        return 0
    problems = list(contracts.problems())
    for problem in problems:
        if problem.startswith(options.below):
            print(problem)
    print(contracts.summary())
    return 1 if problems else 0
