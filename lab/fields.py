"""Reading the tables of an experiment file. Whatever is wrong, the message names the file and the key."""
from typing import Any, Iterator

from lab import LabError

MISSING = object()
NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list",
         dict: "a table"}


class Fields:
    """One table of the file: values are taken out of it by name and type; what is left over is unknown."""

    def __init__(self, table: dict[str, Any], file: str, path: str = "") -> None:
        self.table, self.file, self.path = table, file, path
        self.known: set[str] = set()

    def name(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def fault(self, key: str, what: str) -> LabError:
        return LabError(f"{self.file}: {self.name(key)}: {what}")

    def take(self, key: str, kind: type, default: Any = MISSING) -> Any:
        """The value of a key, which must be of a kind; the key is required if there is no default."""
        self.known.add(key)
        if key not in self.table:
            if default is MISSING:
                raise self.fault(key, f"is missing; it must be {NAMES[kind]}")
            return default
        value = self.table[key]
        good = isinstance(value, (int, float) if kind is float else kind)
        if not good or (isinstance(value, bool) and kind is not bool):
            raise self.fault(key, f"must be {NAMES[kind]}, not {value!r}")
        return value

    def take_list(self, key: str, kind: type, default: Any = MISSING) -> Any:
        """As take(), for a list whose elements are of one kind."""
        values = self.take(key, list, default)
        for number, value in enumerate(values or [], 1):
            if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
                raise self.fault(key, f"element {number} must be {NAMES[kind]}, not {value!r}")
        return values

    def take_choice(self, key: str, choices: Any, default: Any = MISSING) -> str:
        value = self.take(key, str, default)
        if value is not None and value not in choices:
            raise self.fault(key, f"{value!r} is none of {', '.join(sorted(choices))}")
        return value

    def inner(self, key: str) -> "Fields":
        """The table at a key; an empty one if there is none."""
        return Fields(self.take(key, dict, {}), self.file, self.name(key))

    def tables(self, key: str) -> Iterator[tuple[str, "Fields"]]:
        """The named tables within the table at a key: [runs.NAME] and such."""
        inner = self.inner(key)
        for name in inner.table:
            yield name, Fields(inner.take(name, dict), self.file, inner.name(name))

    def entries(self, key: str) -> Iterator["Fields"]:
        """The tables of a list: [[tables]] and such. The first is called NAME[1]."""
        for number, table in enumerate(self.take_list(key, dict, []), 1):
            yield Fields(table, self.file, f"{self.name(key)}[{number}]")

    def finish(self) -> None:
        """Refuses what nobody has taken."""
        for key in self.table:
            if key not in self.known:
                raise self.fault(key, f"is not known here; known are {', '.join(sorted(self.known))}")
