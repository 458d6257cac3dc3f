"""Wires between two machines (tools/cluster/hub.py)."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools"))
from cluster.hub import End, Hub  # noqa: E402

__all__ = ["End", "Wire"]


class Wire(Hub):
    """A network of two ends."""

    def __init__(self, folder, seed, faults=0.0):
        super().__init__(folder, "ab", seed, faults)
