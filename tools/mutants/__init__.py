"""What tools/mutate consists of: the rules by which something is taken out of the kernel's source, how a kernel is made of what
is left, and which suites should notice."""
import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Unfit(Exception):
    """Something that the user can put right; the text says what."""
