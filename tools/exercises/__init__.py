"""The graded exercises: cutting solutions out of the kernel's source, and trying what was put in their place. tools/exercise calls
it; what is cut, and which tests must pass, is in tests/exercises/N.toml."""
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(TOP, "tests/exercises")
sys.path.insert(0, os.path.join(TOP, "tests/boot"))


class Unfit(Exception):
    """Something that the user can put right; the text says what."""
