"""The gateway's end of the cluster's networks: hears what nodes report, by UDP, without a network of the host's."""
import json
import struct
import threading
import time

HOST = 200  # the gateway's number on each network
PORT = 4720
ADDRESS = bytes.fromhex("5254000000c8")
SILENCE = 2.0  # seconds without a report; then a node is shown as silent


def arp_reply(frame):
    """To the question for the gateway's address; None if the frame is something else."""
    if frame[12:14] != b"\x08\x06" or frame[20:22] != b"\0\x01" or frame[41] != HOST:
        return None
    return frame[6:12] + ADDRESS + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + ADDRESS + frame[38:42] + frame[22:32]


def datagram(frame):
    """What a UDP datagram to the gateway carries; None if the frame is something else."""
    if frame[:6] != ADDRESS or frame[12:14] != b"\x08\0" or frame[23] != 17:
        return None
    start = 14 + 4 * (frame[14] & 15)
    _, port, length = struct.unpack("!HHH", frame[start:start + 6])
    return frame[start + 8:start + length] if port == PORT else None


class Gateway:
    """What is known of each node."""

    def __init__(self, count):
        self.lock = threading.Lock()
        self.nodes = {number: {"node": number} for number in range(1, count + 1)}
        self.heard, self.rates = {}, {}

    def listen(self, hub, frame):
        """For hubs: each frame that a node sends."""
        answer, text = arp_reply(frame), datagram(frame)
        if answer:
            hub.send(answer)
        if text:
            self.report(text)

    def report(self, text):
        try:
            said = json.loads(text)
            number = said["node"]
        except (ValueError, KeyError, TypeError):
            return
        now = time.monotonic()
        with self.lock:
            if number not in self.nodes:
                return
            before, since = self.nodes[number], now - self.heard.get(number, 0)
            if since < 0.2:  # the same report, over the other network
                return
            if "sent" in before and since < SILENCE:
                said["rate"] = round((said.get("sent", 0) + said.get("came", 0) - before["sent"] - before["came"]) / since)
            self.nodes[number], self.heard[number] = said, now

    def state(self):
        """A list of nodes, for pages."""
        now = time.monotonic()
        with self.lock:
            return [dict(said, alive=now - self.heard.get(number, -SILENCE) < SILENCE) for number, said in sorted(self.nodes.items())]
