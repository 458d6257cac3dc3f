"""What programs on Castle measured, for tools that compare kernels: the `@castle` lines of a run."""
import json
import os
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MARK = "@castle "


def run(arguments, programs):
    """(records, all of the output) of one run of tools/run with these arguments. CalledProcessError if it fails."""
    command = [os.path.join(TOP, "tools/run"), *arguments, "--run", "; ".join(programs)]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
    return [json.loads(line[len(MARK):]) for line in output.splitlines() if line.startswith(MARK)], output


def name(record):
    """Its "benchmark.metric"."""
    return f'{record["bench"]}.{record["metric"]}'


def values(records):
    """Values by "benchmark.metric"."""
    return {name(record): record["value"] for record in records}
