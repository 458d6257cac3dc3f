"""The cluster on the terminal: one page, drawn anew each second; without a terminal, a line for each change."""
import sys

HEAD = "\x1b[H\x1b[2J"


def words(one):
    """A node's line."""
    if not one["running"]:
        return f"node {one['node']}   off"
    if not one["alive"]:
        return f"node {one['node']}   {'silent' if 'hears' in one else 'boots'}"
    hears = " ".join(str(i + 1) for i in range(32) if one["hears"] >> i & 1)
    role = "owner" if one["owner"] == one["node"] else "majority" if one["majority"] else "no majority"
    return (f"node {one['node']}   hears {hears:8} {role:12} {one['processes']:4} processes {one['free'] * 4 // 1024:5} MB free "
            f"{one.get('rate', 0):6} messages/s {one['lost']:5} lost")


class Page:
    """Draws states."""

    def __init__(self, address):
        self.address, self.last = address, None
        self.terminal = sys.stdout.isatty()

    def draw(self, state):
        if self.terminal:
            lines = ["Castle: a cluster" + (f"   {self.address}" if self.address else "") + "   ctrl-C ends it", ""]
            for one in state["nodes"]:
                lines += [words(one), "         " + one.get("programs", "")[:100]]
            for number, network in enumerate(state["networks"], 1):
                lines.append(f"network {number}   {network['carried']:8} frames {network['dropped']:6} dropped" + ("   CUT" if network["cut"] else ""))
            sys.stdout.write(HEAD + "\n".join(lines) + "\n")
        else:
            self.draw_changes(state)
        sys.stdout.flush()

    def draw_changes(self, state):
        said = [(one["node"], one["running"], one["alive"], one.get("hears"), one.get("owner"), one.get("majority")) for one in state["nodes"]]
        for before, now, one in zip(self.last or [None] * len(said), said, state["nodes"]):
            if before != now:
                print(words(one))
        self.last = said
