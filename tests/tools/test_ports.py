"""docs/ports.md has a row for each recipe of tests/ports/recipes, with its package and what it needed."""
import os
import unittest

from support import TOP, load


class Ports(unittest.TestCase):
    def setUp(self):
        self.run_ports = load("tests/ports/run")

    def test_the_document_has_what_the_recipes_say(self):
        with open(os.path.join(TOP, "docs/ports.md"), encoding="utf-8") as file:
            text = file.read()
        table = text.split(self.run_ports.BEGIN)[1].split(self.run_ports.END)[0].splitlines()[2:]
        rows = [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in table]
        said = [(row[0], row[1], row[5]) for row in rows]
        ports = [self.run_ports.Port(name) for name in self.run_ports.recipes()]
        self.assertEqual(said, [(port.title, port.package, port.needed) for port in ports], "run `make ports`")

    def test_output_is_read_program_by_program(self):
        text = "booting\n@port a\nline\n\n@end a 0\n@port b\nhalf a\n@port c\n\n@end c 7\n@port d\nit hangs"
        self.assertEqual(self.run_ports.results(text), ({"a": "line\n\nstatus 0\n", "c": "\nstatus 7\n"}, "d"))

    def test_other_output_is_not_equal(self):
        port = self.run_ports.Port("lua")
        for inside, outside, equal in ("a", "a", True), ("a", "b", False), (None, None, False), (None, "a", False):
            port.outputs = {"castle": inside, "host": outside}
            port.judge()
            self.assertEqual(port.equal, equal)


if __name__ == "__main__":
    unittest.main()
