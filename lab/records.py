"""What a run printed: `@castle {json}` lines, and numbers found by an experiment's patterns."""
import json
import re
from typing import Any, Iterable

MARK = "@castle "
# What the console of a machine of several partitions has in front of each line.
NUMBER = re.compile(r"\[\d+\] ")


def valid(record: Any) -> bool:
    """Whether a line has what every figure must have."""
    return (isinstance(record, dict) and isinstance(record.get("bench"), str)
            and isinstance(record.get("metric"), str) and isinstance(record.get("value"), (int, float))
            and not isinstance(record["value"], bool))


def read(output: str, patterns: Iterable[tuple[str, str]] = (), bench: str = ""
         ) -> tuple[list[dict[str, Any]], list[str]]:
    """The records in an output, and the lines that should have been some but are not."""
    records, malformed = [], []
    for line in output.splitlines():
        number = NUMBER.match(line)
        line = line[number.end():] if number else line
        if not line.startswith(MARK.strip()):
            continue
        try:
            record = json.loads(line[len(MARK):])
        except ValueError:
            record = None
        if valid(record):
            records.append(record)
        else:
            malformed.append(line)
    for metric, pattern in patterns:
        found = re.search(pattern, output, re.M)
        if found:
            try:
                records.append({"bench": bench, "metric": metric,
                                "value": float(found.group(1).replace(",", ""))})
            except ValueError:
                malformed.append(f"pattern {metric}: not a number: {found.group(1)}")
    return records, malformed
