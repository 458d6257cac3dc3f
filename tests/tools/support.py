"""What the tests of tools have in common."""
import importlib.machinery
import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(TOP, "tests/boot"), os.path.join(TOP, "tools")]


def load(path):
    """A program without .py, as a module."""
    loader = importlib.machinery.SourceFileLoader("program", os.path.join(TOP, path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("program", loader))
    sys.modules["program"] = module
    loader.exec_module(module)
    return module
