"""Where the kernel's source is, and how a C file falls apart into comments, declarations and functions.

This is no compiler: it relies on the project's own style (clang-format, a declaration a statement, macros that
look like declarations).
"""
import bisect
import os
import re

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KERNEL = ("arch", "boot", "kernel")
DOMAINS = "kernel/lock/domains.h"

TOKEN = re.compile(r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""", re.S | re.X)
DIRECTIVE = re.compile(r"^[ \t]*\#(?:[^\n\\]|\\.)*", re.S | re.M)
ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")
FUNCTION = re.compile(r"^(?P<before>(?:[\w\s*]+?)[\s*])(?P<name>\w+)\s*\((?!\s*\*)(?P<rest>.*)\)\s*$", re.S)
NO_FUNCTION = {"_Static_assert", "if", "for", "while", "switch", "return", "void", "bool", "int"}


def files_below(folders, endings, top=TOP):
    """Paths below `folders`, relative to `top`, in order."""
    found = [os.path.relpath(os.path.join(path, name), top)
             for folder in folders for path, _, names in os.walk(os.path.join(top, folder))
             for name in names if name.endswith(endings)]
    return sorted(found)


def read(name, top=TOP):
    with open(os.path.join(top, name), encoding="utf-8") as file:
        return file.read()


def blank(text):
    """As many characters and lines of nothing."""
    return re.sub(r"[^\n]", " ", text)


def words_of(comment):
    """The text of a comment as one line."""
    inside = re.sub(r"^/\*+|\*+/$|^//", "", comment)
    return " ".join(re.sub(r"^\s*\*(?= |$)", "", line).strip() for line in inside.split("\n")).strip()


class Function:
    """A declaration or a definition; `doc` is the comment that covers it, or None."""

    def __init__(self, source, match, start, body):
        self.source, self.start, self.body = source, start, body
        self.name = match["name"]
        before = match["before"].split()
        self.is_static, self.is_inline = "static" in before, "inline" in before
        self.doc = None

    @property
    def line(self):
        return self.source.line_at(self.start)

    @property
    def place(self):
        return f"{self.source.name}:{self.line}"


class Source:
    """One C file: `text` as it is, `code` without comments and directives and with empty strings."""

    def __init__(self, name, text):
        self.name, self.text = name, text
        self.lines = [match.end() for match in re.finditer("\n", text)]
        self.comments = []
        self.code = DIRECTIVE.sub(lambda match: blank(match[0]), TOKEN.sub(self._token, text))
        self.functions = list(self._functions())

    def _token(self, match):
        token = match[0]
        if token[0] == "/":
            self.comments.append((match.start(), match.end()))
            return blank(token)
        return token[0] + blank(token[1:-1]) + token[-1]

    def line_at(self, offset):
        return bisect.bisect_right(self.lines, offset) + 1

    def line_start(self, line):
        return self.lines[line - 2] if line > 1 else 0

    def _end_of(self, start):
        """Where what starts at `start`, on no level, ends; and the body if it has one without being initialised."""
        depth, body, assigned = 0, None, False
        for match in re.compile(r"[(){}\[\];=]").finditer(self.code, start):
            char, at = match[0], match.start()
            if char in "([{":
                if char == "{" and depth == 0 and not assigned:
                    body = at
                depth += 1
            elif char in ")]}":
                depth -= 1
                if char == "}" and depth == 0 and body is not None and self._is_function(start, body):
                    return at + 1, (body, at + 1)
            elif char == "=" and depth == 0:
                assigned = True
            elif char == ";" and depth == 0:
                return at + 1, None
        return len(self.code), None

    def _is_function(self, start, body):
        return FUNCTION.match(ATTRIBUTE.sub(" ", self.code[start:body]))

    def items(self):
        """(start, end, body or None) of all that stands on no level."""
        position = 0
        while True:
            match = re.compile(r"\S").search(self.code, position)
            if not match:
                return
            end, body = self._end_of(match.start())
            yield match.start(), end, body
            position = end

    def _functions(self):
        previous_end, doc = 0, None
        for start, end, body in self.items():
            head = ATTRIBUTE.sub(" ", self.code[start:body[0] if body else end - 1])
            match = FUNCTION.match(head)
            own = self._comment_above(start)
            goes_on = previous_end and "\n\n" not in self.text[previous_end:start]
            doc = own or (doc if goes_on else None)
            previous_end = end
            if not match or match["name"] in NO_FUNCTION or "typedef" in match["before"].split():
                continue
            if body is None and "=" in head:
                continue
            function = Function(self, match, start, body)
            function.doc = " ".join(filter(None, (doc, self._comment_beside(end)))) or None
            yield function

    def _comment_above(self, start):
        """The words of a comment on lines of its own, with only directives between it and `start`."""
        index = bisect.bisect_left(self.comments, (start, start)) - 1
        if index < 0:
            return None
        first, last = self.comments[index]
        between = self.text[last:start]
        if "\n\n" in between or self.code[last:start].strip():
            return None
        if self.text[self.text.rfind("\n", 0, first) + 1:first].strip():
            return None
        return words_of(self.text[first:last])

    def _comment_beside(self, end):
        """The words of a comment on the line that ends at `end`."""
        index = bisect.bisect_left(self.comments, (end, end))
        if index < len(self.comments) and not self.text[end:self.comments[index][0]].strip(" \t"):
            return words_of(self.text[slice(*self.comments[index])])
        return None


def load(name, top=TOP):
    return Source(name, read(name, top))


def domains(top=TOP):
    """The names of the lock domains; empty if there is no header that names them."""
    if not os.path.exists(os.path.join(top, DOMAINS)):
        return set()
    return set(re.findall(r"^\s*(?:\w+\()?LOCK_DOMAIN\((\w+),", read(DOMAINS, top), re.M)) - {"name", "domain"}
