"""A cluster of three nodes in QEMU that is tried: clients of the bank (uapps/cluster) on its nodes, what befalls it, and what it answered."""
import os
import sys
import tempfile
import time
import types

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(TOP, "tools"))
from cluster import history  # noqa: E402
from cluster.machines import Cluster  # noqa: E402

TIMEOUT = 240 * float(os.environ.get("CASTLE_TEST_SLOWNESS", "1"))  # to catch hangs only
MONEY = 64 * 1000
LONG = 100000  # seconds: to the end
CLIENT = 3  # the node where clients are
ENOUGH = 12  # answers, of which each account that clients call most likely has some
RUN = "bank {objects} & keep -u cluster_counter; replicate bank $NODE $NODES {early} & {clients}"
CLIENTS = ('if test {node} = 0 || test $NODE = {node}; then sleep 2; {beside} & '
           'clients {clients} {seconds} {seed}; fi &')
COUNTERS = "while true; do test_cluster 0 20; sleep 1; done"


class Failed(Exception):
    """A line that says what was not as it should be."""


class Trial:
    """A cluster, and what it is to say. `everywhere`: clients are on all nodes, not on one alone."""

    def __init__(self, folder, options, seed=1, faults=0.0, everywhere=False, beside=COUNTERS, objects=""):
        clients = CLIENTS.format(node=0 if everywhere else CLIENT, beside=beside, clients=options.clients, seconds=LONG, seed=seed)
        self.options = types.SimpleNamespace(
            nodes=3, iso="castle.iso", mode=os.environ.get("CASTLE_NET_MODE"), smp=1, faults=faults, seed=seed, resume=options.resume,
            run=RUN.format(objects=objects, early="early" if options.early else "", clients=clients))
        self.everywhere = everywhere
        self.cluster = Cluster(self.options, folder, keeps_all=True)
        self.client = self.cluster.nodes[CLIENT - 1]

    def said(self, node, text, since=0):
        return any(text in line for line in self.cluster.nodes[node - 1].all[since:])

    def until(self, what, condition):
        end = time.monotonic() + TIMEOUT
        while not (is_so := condition()):
            if time.monotonic() > end:
                raise Failed(f"not so after {TIMEOUT:g} s: {what}\n" + "\n".join(
                    f"{node.number}: {line}" for node in self.cluster.nodes for line in node.all if not line.startswith(("@call", "counter:")))[-6000:])
            time.sleep(0.2)
        return is_so

    def calls(self, node=CLIENT):
        one = self.cluster.nodes[node - 1]
        return history.of_starts(list(one.all), list(one.starts))

    def answered(self, node=CLIENT):
        return sum(call.state == history.DONE for call in self.calls(node))

    def answers_again(self):
        """Waits for more answers, on each node that has clients."""
        nodes = [node.number for node in self.cluster.nodes if self.everywhere or node is self.client]
        before = {node: self.answered(node) for node in nodes}
        self.until("the bank answers", lambda: all(self.answered(node) >= before[node] + ENOUGH for node in nodes))

    def begin(self):
        self.cluster.start()
        self.answers_again()

    def leader(self):
        """The node that said last that it leads."""
        said = [(int(line.split("epoch ")[1].split(",")[0]), node) for node in self.cluster.nodes for line in node.all
                if line.startswith("replicate: ") and " leads," in line]
        return max(said, key=lambda one: one[0])[1]

    def violations(self):
        return history.violations([self.calls(node.number) for node in self.cluster.nodes], MONEY)

    def revive(self, node):
        """Starts a node that has been killed; waits until it has been filled."""
        since = len(node.all)
        node.start()
        self.until(f"node {node.number} is filled", lambda: self.said(node.number, "follows,", since))

    def set_apart(self, node=None):
        """Neither network takes or brings anything for the node, or all do again."""
        for hub in self.cluster.hubs:
            hub.apart = {hub.ends[node.number - 1]} if node else set()


def attempt(name, options, play, **how):
    """Plays one trial; what was wrong, as lines, and the trial."""
    with tempfile.TemporaryDirectory(prefix="castle-cluster-") as folder:
        trial = Trial(folder, options, **how)
        try:
            wrong = play(trial)
        except Failed as failed:
            wrong = [str(failed)]
        finally:
            trial.cluster.end()
    calls = sum((trial.calls(node.number) for node in trial.cluster.nodes), [])
    done = sum(call.state == history.DONE for call in calls)
    print(f"  {'' if options.early else 'FAIL' if wrong else 'ok':4}  {name}: {done} of {len(calls)} calls answered", flush=True)
    if options.verbose:
        print("\n".join(f"{node.number}: {line}" for node in trial.cluster.nodes for line in node.all))
    for line in wrong[:20]:
        print("        " + line, flush=True)
    return wrong, trial


def add_options(parser):
    parser.add_argument("--verbose", action="store_true", help="print all that nodes have said")
    parser.add_argument("--clients", type=int, default=4, help="on a node (4)")
    parser.add_argument("--early", action="store_true", help="with a seeded fault, which is to be found: a leader answers before another node has it")


def with_saved_machines(run, options):
    """Calls it while there is a folder for machines that begin where the boot loader ends (tools/machines/resume.py)."""
    with tempfile.TemporaryDirectory(prefix="castle-resume-") as options.resume:
        return run(options)
