/*
 * The page of a timeline: draws `log`, which page.py has put before this, onto a canvas. `view` is what of the time is to be seen, in
 * cycles from the first event.
 */
"use strict";

const canvas = document.getElementById("canvas"), pen = canvas.getContext("2d"), tip = document.getElementById("tip");
const HEIGHT = { cpu: 34, thread: 20 }, GAP = { cpu: 12, thread: 6 }, AXIS = 26, LEAST = 20; // pixels; cycles that are seen at least

const element = (name) => document.getElementById(name);
let view = { start: 0, end: 1 }, filter = "", matches = [], rows = [], left = 150, last = 1;

// Times as they are, from gaps and lengths.
function unpack(lane) {
	let at = 0;
	lane.start = new Float64Array(lane.gap.length);
	lane.end = new Float64Array(lane.gap.length);
	for (let i = 0; i < lane.gap.length; i++) {
		lane.start[i] = at + lane.gap[i];
		lane.end[i] = at = lane.start[i] + lane.length[i];
	}
	last = Math.max(last, at, ...lane.instants.time.slice(-1));
}

// The first stretch that ends after a time.
function firstAfter(lane, time) {
	let low = 0, high = lane.end.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (lane.end[middle] > time)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const isMatch = (lane, i) => filter === "" || matches[lane.who[i]] || matches[lane.cause[i]] || log.kinds[lane.state[i]].includes(filter) ||
	lane.name.toLowerCase().includes(filter);

function hasMatch(lane) {
	if (filter === "" || lane.name.toLowerCase().includes(filter))
		return true;
	for (let i = 0; i < lane.state.length; i++)
		if (isMatch(lane, i))
			return true;
	return false;
}

// Which lanes are to be seen, and where.
function layOut() {
	let y = 8;
	rows = [];
	for (const lane of log.lanes) {
		if (!element(lane.kind === "cpu" ? "cpus" : "threads").checked || (lane.kind === "thread" && !hasMatch(lane)))
			continue;
		rows.push({ lane, y, height: HEIGHT[lane.kind] });
		y += HEIGHT[lane.kind] + GAP[lane.kind];
	}
	const width = canvas.parentElement.clientWidth, height = y + AXIS, ratio = devicePixelRatio || 1;
	left = width < 600 ? 92 : 170;
	canvas.width = width * ratio;
	canvas.height = height * ratio;
	canvas.style.height = `${height}px`;
	pen.setTransform(ratio, 0, 0, ratio, 0, 0);
}

const scale = () => (canvas.parentElement.clientWidth - left - 8) / (view.end - view.start);
const xOf = (time) => left + (time - view.start) * scale();
const timeOf = (x) => view.start + (x - left) / scale();
const inMicroseconds = (cycles) => log.rate ? `${(cycles * 1000 / log.rate).toLocaleString("en", { maximumFractionDigits: 2 })} µs` : "";
const inCycles = (cycles) => Math.round(cycles).toLocaleString("en");

function fit(text, room) {
	const letters = Math.floor(room / 6.2);
	return letters < 3 ? "" : text.length <= letters ? text : text.slice(0, letters - 1) + "…";
}

function label(lane, i) {
	const state = log.kinds[lane.state[i]], who = log.words[lane.who[i]], cause = log.words[lane.cause[i]];
	if (state === "kernel")
		return cause || who;
	return state === "user" ? who : state;
}

function drawColumn(x, width, shares, y, height) {
	const total = shares.reduce((sum, share) => sum + share, 0);
	let at = y;
	shares.forEach((share, state) => {
		pen.fillStyle = log.colours[state];
		pen.fillRect(x, at, width, height * share / total);
		at += height * share / total;
	});
}

function drawWide(lane, i, x, width, y, height) {
	pen.globalAlpha = isMatch(lane, i) ? 1 : 0.15;
	pen.fillStyle = log.colours[lane.state[i]];
	pen.fillRect(x, y, width, height);
	if (width > 3) {
		pen.fillStyle = "#fff";
		pen.fillRect(x, y, 0.5, height);
	}
	const from = Math.max(x, left), text = fit(label(lane, i), Math.min(x + width, left + scale() * (view.end - view.start)) - from - 6);
	if (text && height > 14) {
		pen.fillStyle = "#222";
		pen.fillText(text, from + 3, y + height / 2 + 4);
	}
	pen.globalAlpha = 1;
}

// Stretches of less than a pixel and a half go into columns of a pixel.
function drawLane({ lane, y, height }) {
	const pixels = scale();
	let column = null, shares = log.kinds.map(() => 0), first = 0;
	const flush = () => {
		if (column !== null)
			drawColumn(first, Math.max(1, column - first), shares, y, height);
		column = null;
		shares = log.kinds.map(() => 0);
	};
	pen.save();
	pen.beginPath();
	pen.rect(left, y - 6, scale() * (view.end - view.start), height + 6);
	pen.clip();
	for (let i = firstAfter(lane, view.start); i < lane.start.length && lane.start[i] < view.end; i++) {
		const x = xOf(lane.start[i]), width = lane.length[i] * pixels;
		if (width >= 1.5) {
			flush();
			drawWide(lane, i, x, width, y, height);
			continue;
		}
		if (column !== null && x + width - first > 1)
			flush();
		if (column === null)
			first = x;
		column = x + width;
		if (isMatch(lane, i))
			shares[lane.state[i]] += lane.length[i];
	}
	if (shares.some((share) => share > 0))
		flush();
	drawInstants(lane, y);
	pen.restore();
}

function drawInstants(lane, y) {
	pen.fillStyle = "#2b4f81";
	let before = -9;
	for (const time of lane.instants.time) {
		const x = xOf(time);
		if (x < left || x - before < 2 || time > view.end)
			continue;
		pen.fillRect(x - 0.5, y - 4, 1, 4);
		before = x;
	}
}

function drawNames() {
	pen.fillStyle = "#fff";
	pen.fillRect(0, 0, left - 1, canvas.height);
	for (const { lane, y, height } of rows) {
		pen.fillStyle = "#22262b";
		pen.font = lane.kind === "cpu" ? "bold 13px Helvetica, Arial, sans-serif" : "12px Helvetica, Arial, sans-serif";
		pen.fillText(fit(lane.name, left - 4), 8, lane.kind === "cpu" ? y + 14 : y + height / 2 + 4);
		if (lane.kind === "cpu") {
			pen.fillStyle = "#666d76";
			pen.font = "10px Helvetica, Arial, sans-serif";
			pen.fillText(fit(lane.note, left + 8), 8, y + 27);
		}
	}
	pen.font = "11px Helvetica, Arial, sans-serif";
}

// A line each 1, 2 or 5 times a power of ten of cycles.
function drawAxis(bottom) {
	const least = 90 / scale(), power = 10 ** Math.floor(Math.log10(least));
	const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least);
	pen.textAlign = "center";
	for (let time = Math.ceil(view.start / step) * step; time <= view.end; time += step) {
		pen.fillStyle = "#c6cbd1";
		pen.fillRect(xOf(time), 0, 0.5, bottom);
		pen.fillStyle = "#666d76";
		pen.fillText(inCycles(time), Math.min(xOf(time), canvas.parentElement.clientWidth - 30), bottom + 14);
	}
	pen.textAlign = "left";
}

function drawArrows() {
	const places = new Map(rows.map((row) => [row.lane, row]));
	pen.strokeStyle = "#2b4f81";
	pen.lineWidth = 1.2;
	for (const [from, a, to, b] of log.arrows) {
		const one = places.get(log.lanes[a]), other = places.get(log.lanes[b]);
		if (!one || !other || to < view.start || from > view.end || (to - from) * scale() < 3)
			continue;
		pen.beginPath();
		pen.moveTo(xOf(from), one.y < other.y ? one.y + one.height : one.y);
		pen.lineTo(xOf(to), one.y < other.y ? other.y : other.y + other.height);
		pen.stroke();
	}
}

function draw() {
	const width = canvas.parentElement.clientWidth, bottom = parseFloat(canvas.style.height) - AXIS;
	pen.fillStyle = "#fff";
	pen.fillRect(0, 0, width, bottom + AXIS);
	pen.font = "11px Helvetica, Arial, sans-serif";
	drawAxis(bottom);
	rows.forEach(drawLane);
	drawArrows();
	drawNames();
	element("range").textContent = `${inCycles(view.start)} to ${inCycles(view.end)}: ${inCycles(view.end - view.start)} cycles${
		log.rate ? `, ${inMicroseconds(view.end - view.start)}` : ""}`;
}

function show(start, end) {
	const length = Math.min(Math.max(end - start, LEAST), last);
	const from = Math.min(Math.max(start, 0), last - length);
	view = { start: from, end: from + length };
	draw();
}

function zoom(factor, around) {
	show(around - (around - view.start) * factor, around + (view.end - around) * factor);
}

const middle = () => (view.start + view.end) / 2;
const move = (share) => show(view.start + share * (view.end - view.start), view.end + share * (view.end - view.start));

function found(x, y) {
	const row = rows.find((one) => y >= one.y - 4 && y <= one.y + one.height);
	if (!row || x < left)
		return null;
	const time = timeOf(x), i = firstAfter(row.lane, time);
	const instants = row.lane.instants.time.map((at, n) => [Math.abs(xOf(at) - x), n]).filter(([far]) => far < 4).sort((a, b) => a[0] - b[0]);
	return { lane: row.lane, i: i < row.lane.start.length && row.lane.start[i] <= time ? i : -1, instants: instants.slice(0, 3).map(([, n]) => n) };
}

function words({ lane, i, instants }) {
	const lines = instants.map((n) => `${log.words[lane.instants.text[n]]} at ${inCycles(lane.instants.time[n])}`);
	if (i >= 0) {
		const who = log.words[lane.who[i]], cause = log.words[lane.cause[i]];
		lines.push(`${lane.name}: ${log.meanings[lane.state[i]]}${cause ? `, ${cause}` : ""}${who ? `, ${who}` : ""}`,
			`${inCycles(lane.length[i])} cycles ${log.rate ? `(${inMicroseconds(lane.length[i])}) ` : ""}from ${inCycles(lane.start[i])}`);
	}
	return lines.join("\n");
}

function explain(x, y) {
	const what = found(x, y), text = what ? words(what) : "";
	tip.hidden = text === "";
	tip.textContent = text;
	const width = canvas.parentElement.clientWidth;
	tip.style.left = `${x > width / 2 ? Math.max(0, x - tip.offsetWidth - 12) : x + 12}px`;
	tip.style.top = `${y + 14}px`;
}

let held = null;
canvas.addEventListener("pointerdown", (event) => {
	held = { x: event.offsetX, start: view.start, end: view.end };
	canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointerup", () => { held = null; });
canvas.addEventListener("pointermove", (event) => {
	if (held) {
		const by = (held.x - event.offsetX) / scale();
		show(held.start + by, held.end + by);
	}
	explain(event.offsetX, event.offsetY);
});
canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
canvas.addEventListener("wheel", (event) => {
	if (event.shiftKey)
		return;
	event.preventDefault();
	if (Math.abs(event.deltaX) > Math.abs(event.deltaY))
		move(event.deltaX / 800);
	else
		zoom(1.0015 ** event.deltaY, timeOf(Math.max(event.offsetX, left)));
}, { passive: false });
canvas.addEventListener("dblclick", (event) => {
	const what = found(event.offsetX, event.offsetY);
	if (what && what.i >= 0) {
		const start = what.lane.start[what.i], length = what.lane.length[what.i];
		show(start - length * 0.2, start + length * 1.2);
	}
});

const actions = {
	all: () => show(0, last), start: () => show(...log.window), in: () => zoom(0.5, middle()), out: () => zoom(2, middle()),
	left: () => move(-0.25), right: () => move(0.25),
};
const keys = { "0": "all", Home: "start", "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right" };
for (const [name, action] of Object.entries(actions))
	element(name).addEventListener("click", action);
document.addEventListener("keydown", (event) => {
	if (keys[event.key] && event.target !== element("filter")) {
		event.preventDefault();
		actions[keys[event.key]]();
	}
});

function refresh() {
	layOut();
	draw();
}

element("filter").addEventListener("input", () => {
	filter = element("filter").value.trim().toLowerCase();
	matches = log.words.map((word) => word.toLowerCase().includes(filter));
	refresh();
});
for (const name of ["cpus", "threads"])
	element(name).addEventListener("change", refresh);
addEventListener("resize", refresh);

log.lanes.forEach(unpack);
log.meanings.forEach((meaning, state) => {
	const item = document.createElement("span"), colour = document.createElement("i");
	colour.style.background = log.colours[state];
	item.append(colour, meaning);
	element("legend").append(item);
});
layOut();
show(...log.window);
