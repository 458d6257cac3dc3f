"""Networks between machines: QEMU's dgram backends send each frame as a datagram, which goes through here."""
import os
import random
import select
import socket
import threading
import time


class End:
    """Where a machine's card is plugged in, or a program that speaks frames."""

    def __init__(self, folder, name):
        self.here, self.there = os.path.join(folder, f"{name}.wire"), os.path.join(folder, f"{name}.card")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.here)
        self.socket.settimeout(0.2)

    def backend(self):
        """For tools/run --net."""
        return (f"dgram,local.type=unix,local.path={self.there},remote.type=unix,remote.path={self.here}")

    def close(self):
        self.socket.close()

    def send(self, frame):
        """A machine that is not there yet, or no more, loses it, as a cable would."""
        try:
            self.socket.sendto(frame, socket.MSG_DONTWAIT, self.there)
        except OSError:
            pass

    def receive(self):
        """The next frame; None if none comes for a moment."""
        try:
            return self.socket.recv(65536)
        except OSError:
            return None


class Hub:
    """Carries each frame to the end behind which its receiver is, or to all; drops, doubles and swaps some, as a seeded generator says. All of it can be
    cut, or single ends; `listener` gets every frame that an end sends, and `send` is its own voice."""

    def __init__(self, folder, names, seed, faults=0.0, listener=None):
        os.makedirs(folder, exist_ok=True)
        self.ends = [End(folder, name) for name in names]
        self.random, self.faults, self.listener = random.Random(seed), faults, listener
        self.cut = self.ended = False
        self.apart = set()  # ends that are cut off
        self.count = {"carried": 0, "dropped": 0, "doubled": 0, "swapped": 0}
        self.late = []
        self.where = {}  # the end behind which an address was seen last
        self.thread = threading.Thread(target=self.carry, daemon=True)
        self.thread.start()

    def carry(self):
        ends = {end.socket: end for end in self.ends}
        while not self.ended:
            for ready in select.select(list(ends), [], [], 0.02 if self.late else 0.2)[0]:
                self.frame(ready.recv(65536), ends[ready])
            self.deliver_late()

    def frame(self, data, sender):
        if self.listener and not self.cut and sender not in self.apart:
            self.listener(self, data)
        self.where[data[6:12]] = sender
        known = self.where.get(data[:6])
        for end in [known] if known else self.ends:
            if end is not sender:
                self.carry_to(data, end, self.cut or sender in self.apart or end in self.apart)

    def carry_to(self, data, end, is_cut):
        self.count["carried"] += 1
        fate = self.random.random() / self.faults if self.faults else 3
        if is_cut or fate < 1:
            self.count["dropped"] += 1
        elif fate < 2:
            self.count["swapped"] += 1
            self.late.append((time.monotonic() + 0.02, data, end))
        else:
            end.send(data)
            if self.faults and self.random.random() < self.faults:
                self.count["doubled"] += 1
                end.send(data)

    def send(self, frame):
        """A frame of the listener's own, to all."""
        if not self.cut:
            for end in self.ends:
                end.send(frame)

    def deliver_late(self):
        now = time.monotonic()
        for one in [one for one in self.late if one[0] <= now]:
            self.late.remove(one)
            one[2].send(one[1])

    def end(self):
        self.ended = True
        self.thread.join()
        for end in self.ends:
            end.close()
