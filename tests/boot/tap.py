"""Reads TAP (Test Anything Protocol) out of a console's output, where other lines may stand between."""
import re

# What a console of several partitions has in front of each line.
NUMBER = r"^(?:\[\d+\] )?"
RESULT = re.compile(NUMBER + r"(not )?ok (\d+)(?: - (.*))?$", re.M)
PLAN = re.compile(NUMBER + r"1\.\.(\d+)$", re.M)


def parse(output):
    """Returns (passed, failed, problems): every plan must be kept, and there must be one."""
    passed = failed = 0
    problems = []
    results = planned = 0
    for match in RESULT.finditer(output):
        results += 1
        if match.group(1):
            failed += 1
            problems.append(f"not ok {match.group(2)} - {match.group(3) or ''}")
        else:
            passed += 1
    plans = PLAN.findall(output)
    planned = sum(int(plan) for plan in plans)
    if not plans:
        problems.append("no plan: the tests did not reach their end")
    elif planned != results:
        problems.append(f"{planned} tests planned, {results} reported")
    return passed, failed, problems
