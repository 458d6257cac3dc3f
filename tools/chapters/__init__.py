"""The book: chapters in Markdown (docs/), the code that they walk, and pages and a PDF made of them. tools/book calls it."""
import os

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONTENTS = "docs/book/contents.toml"


class Wrong(Exception):
    """The book cannot be made; the text says why."""
