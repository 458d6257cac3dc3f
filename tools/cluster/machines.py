"""A cluster: nodes, networks, gateway."""
import os

from cluster.gateway import Gateway
from cluster.hub import Hub
from cluster.nodes import Node

NETWORKS = 2


class Cluster:
    """All of it."""

    def __init__(self, options, folder, keeps_all=False):
        self.gateway = Gateway(options.nodes)
        names = [str(number) for number in range(1, options.nodes + 1)]
        self.hubs = [Hub(os.path.join(folder, str(number)), names, options.seed + number, options.faults, self.gateway.listen)
                     for number in range(NETWORKS)]
        self.nodes = [Node(number, options,
                           [hub.ends[number - 1] for hub in self.hubs], keeps_all) for number in range(1, options.nodes + 1)]

    def start(self):
        for node in self.nodes:
            node.start()

    def state(self):
        nodes = [dict(said, running=node.running()) for said, node in zip(self.gateway.state(), self.nodes)]
        return {"nodes": nodes, "networks": [dict(hub.count, cut=hub.cut) for hub in self.hubs],
                "log": [f"{node.number}: {line}" for node in self.nodes for line in node.lines[-20:]]}

    def act(self, path):
        """What a button of the page says, as /kill/2; whether there is such a thing."""
        verb, _, number = path.strip("/").partition("/")
        things = self.nodes if verb in ("kill", "start") else self.hubs if verb in ("cut", "mend") else []
        if not number.isdecimal() or not 1 <= int(number) <= len(things):
            return False
        thing = things[int(number) - 1]
        if verb in ("cut", "mend"):
            thing.cut = verb == "cut"
        else:
            getattr(thing, verb)()
        return True

    def end(self):
        for node in self.nodes:
            node.end()
        for hub in self.hubs:
            hub.end()
