"""Runs spread over hosts: by a stand-in for ssh that runs what it is told in a folder of each host, and can lose one."""
import contextlib
import io
import os
import shutil
import socket
import stat
import subprocess
import time
import unittest

from lab.hosts import Hosts, hosts_in
from lab import LabError
from support import LabCase, experiment

# ssh HOST COMMAND, with what parallel and the runner put before and between. `gone` cannot be reached; `lost` takes the bundle, and is
# lost with each run that it is given.
SSH = r"""#!/bin/sh
while [ "${1#-}" != "$1" ]; do
	case $1 in -[ol]) shift ;; esac
	shift
done
host=$1
shift
[ "$host" != gone ] || { echo "no route to $host" >&2; exit 255; }
[ "$1" != -- ] || shift
case "$host $*" in "lost "*fake_machine*) echo half; exit 255 ;; esac
mkdir -p "$FAKE_HOSTS/$host" && cd "$FAKE_HOSTS/$host" || exit 255
HOME=$FAKE_HOSTS/$host exec sh -c "$*"
"""
BODY = """[runs.a]
programs = "report {value}"
kernels = ["giantlock"]
cpus = [1, 2, 3, 4, 5, 6]
values = { value = 7 }
"""


@unittest.skipUnless(shutil.which("parallel"), "GNU parallel is not installed")
class Spread(LabCase):
    def setUp(self):
        super().setUp()
        self.ssh = os.path.join(self.folder, "ssh")
        with open(self.ssh, "w", encoding="ascii") as file:
            file.write(SSH)
        os.chmod(self.ssh, stat.S_IRWXU)
        self.hosts = os.path.join(self.folder, "hosts")
        os.environ["FAKE_HOSTS"] = self.hosts

    def spread(self, *hosts):
        """Makes the runs on these hosts, where tools/run is the pretended machine; the runner, and what it said."""
        trial = experiment(BODY)
        runner = Pretended(list(hosts), self.ssh, self.store, 1, folder=self.folder, launcher=FAKE)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            good = runner.work([trial], "full")
        return good, runner, said.getvalue()

    def test_all_runs_come_back(self):
        good, runner, said = self.spread("one", "two")
        self.assertTrue(good, said)
        self.assertEqual(runner.counts["ok"], 6)
        for result in self.store.everything():
            self.assertEqual(result["records"][0]["value"], 7)
            self.assertNotIn("@status", self.output(result))

    def output(self, result):
        with open(os.path.join(self.store.results(result["key"])[-1], "output.txt"), encoding="utf-8") as file:
            return file.read()

    def test_runs_of_a_lost_host_are_taken_up(self):
        good, runner, said = self.spread("one", "lost")
        self.assertTrue(good, said)
        self.assertEqual(runner.counts["ok"], 6)

    def test_a_host_that_is_not_there_is_left_out(self):
        good, runner, said = self.spread("gone", "one")
        self.assertTrue(good, said)
        self.assertIn("host gone is left out: no route to gone", said)
        self.assertEqual(runner.hosts, ["one"])

    def test_without_any_host_runs_are_made_here(self):
        good, _, said = self.spread("gone")
        self.assertTrue(good, said)
        self.assertEqual(self.started(), 6)

    def test_a_host_named_twice_is_refused(self):
        self.assertEqual(hosts_in("a, b c"), ["a", "b", "c"])
        self.assertRaises(LabError, hosts_in, "a b a")


SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin")
# A host: a server on this machine with a folder of its own, which nobody enters but with the key made for the test. The folder `lost` takes
# the bundle, and loses the connection with the first run.
SERVER = """ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host-key
AuthorizedKeysFile {folder}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
ForceCommand mkdir -p {folder}/{name}; cd {folder}/{name}; case "{name} $SSH_ORIGINAL_COMMAND" in "lost "*GNU_Parallel*) echo lost >>{folder}/losses; kill $PPID; exit 255 ;; esac; {inherited} exec sh -c "$SSH_ORIGINAL_COMMAND"
"""
CLIENT = """Host {name}
	HostName 127.0.0.1
	Port {port}
	IdentityFile {folder}/key
	IdentitiesOnly yes
	StrictHostKeyChecking no
	UserKnownHostsFile /dev/null
	LogLevel ERROR
"""


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def comes_up(port, seconds=30):
    """Whether somebody listens there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False


@unittest.skipUnless(SSHD and shutil.which("ssh-keygen") and shutil.which("parallel"), "no sshd, or no GNU parallel")
class Loopback(LabCase):
    """The same over ssh itself, to servers on this machine."""

    def setUp(self):
        super().setUp()
        self.place = os.path.join(self.folder, "ssh")
        os.mkdir(self.place)
        for name in ("key", "host-key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(self.place, name)], check=True)
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)  # where a server of root's keeps those who are not in yet

    def serve(self, name):
        """Starts a host's server; false if it does not come up here."""
        port = free_port()
        inherited = f"FAKE_MACHINE_LOG={self.log}"
        for file, text in (("server-" + name, SERVER), ("client", CLIENT)):
            with open(os.path.join(self.place, file), "a", encoding="ascii") as out:
                out.write(text.format(name=name, port=port, folder=self.place, inherited=inherited))
        server = subprocess.Popen([SSHD, "-D", "-e", "-f", os.path.join(self.place, "server-" + name)], stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        if not comes_up(port):
            self.skipTest("sshd does not start here")

    def test_three_hosts_of_which_one_is_lost(self):
        for name in ("one", "two", "lost"):
            self.serve(name)
        runner = Pretended(["one", "two", "lost"], f"ssh -F {self.place}/client", self.store, 1, folder=self.folder, launcher=FAKE)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            good = runner.work([experiment(BODY)], "full")
        self.assertTrue(good, said.getvalue())
        self.assertEqual(runner.hosts, ["one", "two", "lost"])
        self.assertEqual(runner.counts["ok"], 6)
        self.assertTrue(os.path.exists(os.path.join(self.place, "losses")))
        self.assertNotIn("made here", said.getvalue())
        for name in runner.hosts:
            self.assertEqual(os.listdir(os.path.join(self.place, name, ".cache")), ["castle-lab"])


FAKE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fake_machine")


class Pretended(Hosts):
    """Sends the pretended machine as tools/run."""

    def command(self, job, folder):
        return super().command(job, folder).replace("tools/run", f"env FAKE_MACHINE_LOG={os.environ['FAKE_MACHINE_LOG']} {FAKE} ", 1)


if __name__ == "__main__":
    unittest.main()
