"""What tools/conflicts consists of: the plugin for QEMU (C), and here what makes it ready, names what it found, and shows
that."""
import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.dirname(os.path.abspath(__file__))


class Unfit(Exception):
    """Something that the user can put right; the text says what."""
