"""Skeletons: the files of an exercise as they are in the tree, with the bodies of some functions cut out. What stands there
instead says what the function must do, and panics when it is called, so that one sees at once what is missing."""
import glob
import os
import re
import textwrap
import tomllib

from exercises import FOLDER, Unfit
from source import tree

SOLUTION = re.compile(r"^/\* solution \*/\n.*?^/\* end of solution \*/\n", re.M | re.S)
KEYS = {"title": str, "chapter": str, "cut": list, "new": list, "test": list}
PANIC = '#include "kernel/debug/panic.h"\n'


def numbers():
    return sorted(os.path.basename(path)[:-5] for path in glob.glob(os.path.join(FOLDER, "*.toml")))


def load(number):
    path = os.path.join(FOLDER, f"{number}.toml")
    if not os.path.exists(path):
        raise Unfit(f"there is no exercise {number}; there are {', '.join(numbers())}")
    with open(path, "rb") as file:
        exercise = tomllib.load(file)
    wrong = [key for key, value in exercise.items() if not isinstance(value, KEYS.get(key, ()))]
    if wrong or not exercise.get("test") or not (exercise.get("cut") or exercise.get("new")):
        raise Unfit(f"{path}: {'what is ' + wrong[0] if wrong else 'tests, and cuts or new files, are needed'}")
    return {"cut": [], "new": [], **exercise, "number": number}


def body_of(function, task, number):
    """What stands in place of a function's body."""
    words = textwrap.wrap(f"EXERCISE: {task}", 80)
    comment = "".join(f"\t * {line}\n" for line in words)
    return f'{{\n\t/*\n{comment}\t */\n\tpanic("exercise {number}: write {function}()");\n}}'


def cut(text, path, cuts, number):
    """The file without the bodies of these functions."""
    functions = {function.name: function for function in tree.Source(path, text).functions if function.body}
    missing = [each["function"] for each in cuts if each["function"] not in functions]
    if missing:
        raise Unfit(f"exercise {number} cuts {missing[0]}(), which {path} does not have any more")
    for each in sorted(cuts, key=lambda one: -functions[one["function"]].body[0]):
        start, end = functions[each["function"]].body
        text = text[:start] + body_of(each["function"], each["task"], number) + text[end:]
    return with_panic(text)


def with_panic(text):
    """With the header that declares panic(), after the last include."""
    if PANIC in text:
        return text
    last = list(re.finditer(r"^#include .*\n", text, re.M))[-1]
    return text[:last.end()] + PANIC + text[last.end():]


def solution(exercise):
    """{file: text} as the tree has it."""
    files = {each["file"]: tree.read(each["file"]) for each in exercise["cut"]}
    files.update({each["file"]: tree.read(each["from"]) for each in exercise["new"]})
    return files


def skeleton(exercise):
    """{file: text} with the solution cut out."""
    files = {}
    for path, text in solution(exercise).items():
        cuts = [each for each in exercise["cut"] if each["file"] == path]
        if cuts:
            files[path] = cut(text, path, cuts, exercise["number"])
            continue
        files[path], count = SOLUTION.subn("", text)
        if not count:
            raise Unfit(f"exercise {exercise['number']}: {path} has no part between /* solution */ and /* end of solution */")
    return files
