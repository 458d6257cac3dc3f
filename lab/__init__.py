"""The laboratory: runs the experiments of lab/experiments on Castle and reports what came out beside the
thesis's numbers. docs/lab.md is its manual; lab/run and lab/report are its two commands."""
import os

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class LabError(Exception):
    """Something that the user can put right; the text says what and where."""
