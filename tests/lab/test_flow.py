"""Flowcharts of documents as drawings."""
import unittest

from lab import flow

TEXT = """flowchart LR
    b["B, the second"] --> c
    a["A & more"] --> b
    a --> c --> d
"""


class Flow(unittest.TestCase):
    def test_boxes_and_arrows_are_read(self):
        labels, edges = flow.read(TEXT)
        self.assertEqual(labels, {"b": "B, the second", "c": "c", "a": "A & more", "d": "d"})
        self.assertEqual(edges, [("b", "c"), ("a", "b"), ("a", "c"), ("c", "d")])

    def test_each_box_is_below_those_that_lead_to_it(self):
        self.assertEqual(flow.ordered(*flow.read(TEXT)), ["a", "b", "c", "d"])

    def test_a_circle_is_drawn_all_the_same(self):
        self.assertEqual(flow.ordered(*flow.read("flowchart LR\na --> b --> a")), ["a", "b"])

    def test_the_drawing_says_what_the_text_says(self):
        drawing = flow.draw(TEXT)
        self.assertIn(">A &amp; more</text>", drawing)
        self.assertEqual(drawing.count("<path"), 4)

    def test_what_is_not_understood_stays_text(self):
        for text in ("sequenceDiagram\na->>b: x", "flowchart LR\na -- words --> b", "flowchart LR\na{choice} --> b", ""):
            self.assertIsNone(flow.draw(text))
