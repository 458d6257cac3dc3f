"""Places in the source that chapters name. Numbers of lines are never written down: they are looked up when the book is made, and a
test looks all of them up.

A listing is a line of its own in a chapter,

    <!-- code: FILE NAME -->                    a function, struct, enum or macro, with the comment above it
    <!-- code: FILE "FIRST LINE" "LAST LINE" -->  from the first line that has the one text to the next that has the other

and a link to a file of the source whose words are a NAME of it, such as [`ticket_halt()`](../../kernel/smp/ticket.c), gets
the line.
"""
import functools
import html
import re

from chapters import Wrong
from chapters.contents import read
from source import tree

LISTING = re.compile(r"^<!-- code: (\S+) (.+?) -->$", re.M)
QUOTED = re.compile(r'^"(.+?)" "(.+?)"$')
LINK = re.compile(r"\[`?([^\]`]+)`?\]\(((?:\.\./)+)((?:arch|boot|kernel|include|uapps|lopi|tests|tools|lab|iso)/[^)#]+)\)")
TOKEN = re.compile(r"(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>\"(?:\\.|[^\"\\\n])*\")|(?P<directive>^[ \t]*#[ \t]*\w+)|"
                   r"\b(?P<word>static|const|inline|struct|enum|union|void|bool|char|int|unsigned|u?int(?:8|16|32|64)_t|return|if|else|while|for|"
                   r"switch|case|default|break|continue|sizeof|extern|volatile|typedef|NULL|true|false)\b", re.S | re.M)
LONGEST = 70  # lines: what is longer is no listing but a file


@functools.lru_cache(maxsize=None)
def lines_of(path):
    try:
        return read(path).split("\n")
    except OSError as error:
        raise Wrong(f"there is no {path}") from error


@functools.lru_cache(maxsize=None)
def functions_of(path):
    """{name: (first line, last line)} of the functions that a C file defines."""
    source = tree.Source(path, "\n".join(lines_of(path)))
    return {function.name: (function.line, source.line_at(function.body[1] - 1)) for function in source.functions if function.body}


def with_comment(path, first):
    """Where the comment above a line begins, if there is one."""
    lines, at = lines_of(path), first - 1
    if at == 0 or not lines[at - 1].rstrip().endswith("*/"):
        return first
    while at > 0 and not lines[at - 1].lstrip().startswith("/*"):
        at -= 1
    return at if at > 0 and lines[at - 1][:1] not in (" ", "\t") else first


def definition(path, name):
    """(first, last) line of a struct, enum, macro, variable or label."""
    lines = lines_of(path)
    forms = (rf"(?:typedef )?{re.escape(name)}\b.*\{{$", rf"#\s*define {re.escape(name)}\b", rf"\.macro {re.escape(name)}\b", rf"{re.escape(name)}:",
             rf"(?:static |extern |CPU_LOCAL |const )*[\w ]+[ *]{re.escape(name)}(?:\[.*\])*(?: .*)?[;={{]", rf"\s+{re.escape(name)},?(?: +/\*.*)?$")
    for form in forms:
        for number, line in enumerate(lines, 1):
            if re.match(form, line):
                return number, end_of(lines, number, line)
    raise Wrong(f"{path} defines no {name}")


def end_of(lines, first, line):
    """The last line of what begins on `first`."""
    if line.startswith(".macro"):
        end = ".endm"
    elif line.rstrip().endswith("\\"):
        return next(number for number in range(first, len(lines) + 1) if not lines[number - 1].endswith("\\"))
    elif line.rstrip().endswith("{"):
        end = "}"
    else:
        return first
    return next((number for number in range(first, len(lines) + 1) if lines[number - 1].startswith(end)), first)


def place(path, name):
    """(first, last) line of a name in a file, without its comment."""
    name = re.sub(r"\(.*\)$", "", name)
    if path.endswith((".c", ".h")) and name in functions_of(path):
        return functions_of(path)[name]
    return definition(path, name)


def extent(path, what):
    """(first, last) line of what a listing names."""
    quoted = QUOTED.match(what)
    if not quoted:
        first, last = place(path, what)
        return with_comment(path, first), last
    lines = lines_of(path)
    first = next((number for number, line in enumerate(lines, 1) if quoted[1] in line), None)
    last = first and next((number for number in range(first, len(lines) + 1) if quoted[2] in lines[number - 1]), None)
    if not last:
        raise Wrong(f"{path} has no lines from {quoted[1]} to {quoted[2]}")
    return first, last


def coloured(text):
    """C as HTML, with comments, strings and the language's own words marked."""
    parts, at = [], 0
    for token in TOKEN.finditer(text):
        parts += [html.escape(text[at:token.start()]), marked(token)]
        at = token.end()
    return "".join(parts) + html.escape(text[at:])


def marked(token):
    """A mark may not go over the end of a line, since each line is an element."""
    return "\n".join(f'<span class="{token.lastgroup}">{html.escape(line)}</span>' if line else "" for line in token.group().split("\n"))


def numbered(path, first, last, target=""):
    """Lines with their numbers, each a place that can be linked to if `target` says how they are called."""
    text = coloured("\n".join(lines_of(path)[first - 1:last]).expandtabs(4))
    name = (lambda number: f' id="{target}{number}"') if target else (lambda number: "")
    return "".join(f'<span class="line"{name(number)}><span class="number">{number}</span>{line}</span>\n'
                   for number, line in enumerate(text.split("\n"), first))


def page_of(path):
    """The page that shows a whole file."""
    return "source-" + path.replace("/", "-") + ".html"


def listing(path, what):
    first, last = extent(path, what)
    if last - first >= LONGEST:
        raise Wrong(f"{path} {what} is {last - first + 1} lines long; a listing has at most {LONGEST}")
    return (f'<figure class="listing"><figcaption><a href="{page_of(path)}#L{first}">{path}:{first}</a></figcaption>'
            f"<pre>{numbered(path, first, last)}</pre></figure>")


def reference(words, path):
    """(words, place or None) of a link to a file of the source."""
    if words.startswith(path.split("/", maxsplit=1)[0] + "/") or words in path:
        return words, None
    return words, place(path, words)[0]


def references(text):
    """All places that a chapter names: (file, what, line)."""
    for found in LISTING.finditer(text):
        yield found[1], found[2], extent(found[1], found[2])[0]
    for words, _, path in LINK.findall(text):
        yield path, words, reference(words, path)[1] or 1


def resolved(text):
    """The chapter with listings, and with links that lead to lines."""
    def link(found):
        words, path = found[1], found[3]
        line = reference(words, path)[1]
        shown = f'<span class="at">{path.rsplit("/", 1)[1]}:{line}</span>' if line else ""
        return f'<a class="code" href="{page_of(path)}{f"#L{line}" if line else ""}"><code>{html.escape(words)}</code>{shown}</a>'

    text = LISTING.sub(lambda found: "\n" + listing(found[1], found[2]) + "\n", text)
    return LINK.sub(link, text)
