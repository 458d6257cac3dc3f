"""The timeline's page in headless Chromium: a log made up here, and what a reader does with it."""
import html
import json
import os
import re
import shutil
import subprocess
import tempfile

from timeline import page
from timeline.lanes import lanes_of
from timeline.log import CALLS, Event, Log, Ring

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT = 300  # seconds: to catch what hangs
CALL = 1000  # cycles of each call and of what is computed in between
# Says what happened, when all of it has.
SCENARIO = r"""<pre id="said"></pre><script>
const errors = [], said = {};
const box = () => canvas.getBoundingClientRect();
const at = (kind, x, y, more) => canvas.dispatchEvent(new (kind === "wheel" ? WheelEvent : kind === "dblclick" ? MouseEvent : PointerEvent)(kind,
	{ clientX: box().left + x, clientY: box().top + y, bubbles: true, cancelable: true, pointerId: 1, ...more }));
const lanesSeen = () => rows.map((row) => row.lane.name);
const seen = () => [view.start, view.end];
canvas.setPointerCapture = () => {};
said.lanes = lanesSeen();
said.first = seen();
document.getElementById("all").click();
said.all = seen();
at("wheel", 600, 20, { deltaY: -400 });
said.zoomed = seen();
at("pointerdown", 600, 20, {});
at("pointermove", 500, 20, {});
at("pointerup", 500, 20, {});
said.dragged = seen();
document.dispatchEvent(new KeyboardEvent("keydown", { key: "0", bubbles: true }));
said.keyed = seen();
at("pointermove", xOf(@INSIDE@), rows[0].y + 5, {});
said.tip = tip.hidden ? "" : tip.textContent;
at("dblclick", xOf(@INSIDE@), rows[0].y + 5, {});
said.near = seen();
const filterBox = document.getElementById("filter");
filterBox.value = "getppid";
filterBox.dispatchEvent(new Event("input"));
said.filtered = lanesSeen();
filterBox.value = "";
filterBox.dispatchEvent(new Event("input"));
document.getElementById("threads").click();
said.processors = lanesSeen();
document.getElementById("all").click();
const row = rows[0], drawn = pen.getImageData((xOf(@INSIDE@) + 3) * (devicePixelRatio || 1), (row.y + row.height - 3) * (devicePixelRatio || 1), 1, 1).data;
said.colour = [...drawn].slice(0, 3);
document.getElementById("said").textContent = JSON.stringify({ ...said, errors: window.problems });
</script>"""
PROBE = '<script>window.problems = []; addEventListener("error", (event) => problems.push(event.message));</script>'


def number(call):
    return next(each for each, name in CALLS.items() if name == call)


def ring(cpu, thread, call):
    """A processor that switches to a thread, which calls and computes in turn; and a mark before all of it."""
    events = [Event(100, "MARK", 0x6b72616d, 0), Event(500, "WAKE", thread, 0), Event(1000, "SWITCH", thread, cpu + 1 << 24 | 10 + thread)]
    for turn in range(20):
        time = 1000 + 2 * CALL * turn
        events += [Event(time, "KERNEL_ENTER", 0x80 << 16 | number(call), thread), Event(time + CALL, "KERNEL_EXIT", thread, 0)]
    return Ring(cpu, False, 0, events)


def made_log():
    return Log("giantlock", "made up", 1000000, {1: "cat", 2: "dog"}, [ring(0, 1, "getpid"), ring(1, 2, "getppid")])


def found():
    """What the page says, or None if there is no browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        return None
    log = made_log()
    lanes = lanes_of(log)
    text = page.page(log, lanes, (5000, 9000), [], "A log & its <page>", [("CPU", "user"), (0, 1)])
    inside = 1000 + CALL // 2 - 100  # in the first call
    text = text.replace("<head>", "<head>" + PROBE, 1).replace("</body>", SCENARIO.replace("@INSIDE@", str(inside)) + "</body>")
    with tempfile.TemporaryDirectory(prefix="castle-page-") as folder:
        path = os.path.join(folder, "page.html")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", "--window-size=1200,800",
                               "--dump-dom", f"file://{path}"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=TIMEOUT, check=False)
    said = re.search(r'<pre id="said">(.*?)</pre>', done.stdout.decode("utf-8", "replace"), re.S)
    return json.loads(html.unescape(said[1])) if said and said[1] else {"errors": ["the page said nothing"]}
