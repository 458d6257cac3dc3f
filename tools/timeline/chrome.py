"""The timeline in the Trace Event Format, which Perfetto and chrome://tracing open: a track for each processor and for each
thread, flows for forwarded calls, instants for what takes no time."""
import json

from timeline.threads import READY, thread_lanes

COLOURS = {"user": "good", "kernel": "thread_state_iowait", "spinning": "terrible", "idle": "grey", READY: "thread_state_runnable"}
INSTANTS = {"WAKE": "wake-up of thread {a}", "IPI": "interrupt to CPU {a}", "INTERRUPT": "interrupt {a}",
            "DIRECTORY": "page directory {a:08x}", "SPURIOUS": "spurious fault at {a:08x}",
            "MESSAGE": "message", "ACTIVATE": "thread of {a} made ready"}


def mark_text(event):
    return (event.a.to_bytes(4, "little") + event.b.to_bytes(4, "little")).split(b"\0")[0].decode("latin-1")


def instants(ring, microseconds):
    for event in ring.events:
        if event.name == "MARK":
            name = f"mark: {mark_text(event)}"
        elif event.name in INSTANTS:
            name = INSTANTS[event.name].format(a=event.a, b=event.b)
        else:
            continue
        yield {"ph": "i", "s": "t", "pid": 0, "tid": ring.cpu, "ts": microseconds(event.time), "name": name}


def slices(lane, microseconds):
    for one in lane.intervals:
        name = one.who if one.state == "user" else one.cause if one.state == "kernel" and one.cause else one.state
        yield {"ph": "X", "pid": 0, "tid": lane.ring.cpu, "ts": microseconds(one.start),
               "dur": microseconds(one.end) - microseconds(one.start), "name": name or one.state, "cat": one.state,
               "cname": COLOURS[one.state],
               "args": {"state": one.state, "thread": one.who, "cause": one.cause, "cycles": one.cycles}}


def thread_tracks(lanes, microseconds):
    """Threads as the tracks of another process, so that they stand together."""
    yield {"ph": "M", "pid": 1, "name": "process_name", "args": {"name": "threads"}}
    for number, lane in enumerate(thread_lanes(lanes)):
        yield {"ph": "M", "pid": 1, "tid": number, "name": "thread_name", "args": {"name": lane.name}}
        for one in lane.stretches:
            yield {"ph": "X", "pid": 1, "tid": number, "ts": microseconds(one.start), "dur": round(microseconds(one.end) - microseconds(one.start), 4),
                   "name": one.cause if one.state == "kernel" and one.cause else one.state, "cat": one.state, "cname": COLOURS[one.state],
                   "args": {"state": one.state, "cpu": one.cpu, "cycles": one.end - one.start}}


def flows(calls, microseconds):
    """From the application processor to the boot processor, and back."""
    for number, call in enumerate(calls):
        steps = {step.number: step for step in call.steps}
        for half, (begin, end) in enumerate(((1, 4), (7, 8))):
            common = {"pid": 0, "name": call.call, "cat": "forwarded", "id": 2 * number + half}
            yield {"ph": "s", "tid": steps[begin].cpu, "ts": microseconds(steps[begin].time), **common}
            yield {"ph": "f", "bp": "e", "tid": steps[end].cpu, "ts": microseconds(steps[end].time), **common}


def write(path, log, lanes, calls, start):
    """Times are from `start`, in microseconds by the kernel's own measure of the cycle counter."""
    rate = (log.cycles_per_ms or 1000) / 1000

    def microseconds(time):
        return round((time - start) / rate, 4)

    events = [{"ph": "M", "pid": 0, "name": "process_name", "args": {"name": f"Castle, mode={log.mode}, {log.machine}"}}]
    for lane in lanes:
        kind = "application kernel" if lane.ring.application else "kernel"
        events.append({"ph": "M", "pid": 0, "tid": lane.ring.cpu, "name": "thread_name",
                       "args": {"name": f"{lane.name} ({kind})"}})
        events += slices(lane, microseconds)
        events += instants(lane.ring, microseconds)
    events += thread_tracks(lanes, microseconds)
    events += flows(calls, microseconds)
    with open(path, "w", encoding="ascii") as file:
        json.dump({"traceEvents": events, "displayTimeUnit": "ns"}, file, separators=(",", ":"))
