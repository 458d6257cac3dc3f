/*
 * Draws the event log of a machine that has been switched off: what came over its second serial line (include/castle/trace.h)
 * becomes the data of the timeline's page (tools/timeline/page.js), as tools/timeline does it outside of browsers.
 */
"use strict";

const SYSTEM_CALLS = [0x80, 0x81];

function string(bytes)
{
	return new TextDecoder().decode(bytes).split("\0")[0];
}

/* {mode, rate, packages, rings}, or an Error that says what is wrong. */
function readLog(bytes)
{
	const view = new DataView(bytes.buffer), word = () => (at += 4, view.getUint32(at - 4, true));
	const text = (length) => (at += length, string(bytes.subarray(at - length, at)));
	let at = 0;

	if (bytes.length < 60 || text(8) !== "CASTLETR")
		throw new Error("no event log came");
	const [, rings, packages, rate] = [word(), word(), word(), word(), word()];
	const log = { mode: text(16), machine: text(16), rate, packages: {}, rings: [] };
	for (let i = 0; i < packages; i++) {
		const slot = word();
		log.packages[slot] = text(32);
	}
	for (let i = 0; i < rings; i++) {
		const ring = { cpu: word(), application: word() !== 0, events: [] }, count = word();
		word();
		for (let k = 0; k < count; k++) {
			const low = word(), when = word(), a = word(), b = word();
			ring.events.push({ time: (when & 0xffffff) * 2 ** 32 + low, name: timelineParts.events[when >>> 24], a, b });
		}
		ring.events.sort((one, other) => one.time - other.time);
		log.rings.push(ring);
	}
	return log;
}

function causeName(word)
{
	const vector = word >>> 16, call = word & 0xffff;
	if (SYSTEM_CALLS.includes(vector))
		return timelineParts.calls[call] || `call ${call}`;
	if (vector < 32)
		return timelineParts.exceptions[vector] || `exception ${vector}`;
	return `${timelineParts.interrupts[vector - 32] || `line ${vector - 32}`} interrupt`;
}

/* The stretches of a processor: {start, end, state, thread, cause}. */
function stretchesOf(ring, packages)
{
	const result = [], threads = {};
	let state = null, thread = null, cause = "", since = 0, waited = false;
	const go = (time, next, why = "") => {
		if (state && time > since)
			result.push({ start: since, end: time, state, thread, cause });
		state = next;
		since = time;
		cause = why;
	};
	const on = {
		KERNEL_ENTER: ({ time, a }) => go(time, "kernel", causeName(a)),
		KERNEL_EXIT: ({ time, a }) => { go(time, "user"); thread = threads[a] || thread; },
		LOCK_WAIT: () => { waited = true; },
		LOCK_ACQUIRE: ({ time }) => {
			const why = cause;
			if (waited && state === "kernel")
				state = "spinning";
			waited = false;
			if (state !== "kernel")
				go(time, "kernel", why);
		},
		IDLE_BEGIN: ({ time }) => go(time, "idle"),
		IDLE_END: ({ time }) => go(time, "kernel", "after idling"),
		SWITCH: ({ time, a, b }) => {
			const next = `${packages[b >>> 24] || "?"}[${b & 0xffffff}].${a}`;
			threads[a] = next;
			if (next !== thread && state)
				go(time, state, cause);
			thread = next;
		},
	};
	for (const event of ring.events)
		if (on[event.name])
			on[event.name](event);
	if (ring.events.length)
		go(ring.events[ring.events.length - 1].time, null);
	return result;
}

/* Columns as page.js wants them; `words` gathers the texts. */
function packed(stretches, origin, words)
{
	const lane = { gap: [], length: [], state: [], who: [], cause: [] };
	let at = origin;
	for (const one of stretches) {
		lane.gap.push(one.start - at);
		lane.length.push(one.end - one.start);
		lane.state.push(timelineParts.kinds.indexOf(one.state));
		lane.who.push(words(one.who || ""));
		lane.cause.push(words(one.cause));
		at = one.end;
	}
	return lane;
}

function wordList()
{
	const list = [], numbers = new Map();
	const number = (text) => {
		if (!numbers.has(text))
			numbers.set(text, list.push(text) - 1);
		return numbers.get(text);
	};
	return { list, number };
}

function instantsOf(ring, origin, words)
{
	const found = ring.events.filter((event) => timelineParts.instants[event.name]);
	return { time: found.map((event) => event.time - origin), text: found.map((event) => words(timelineParts.instants[event.name]
		.replace(/{a[^}]*}/, event.a).replace(/{b[^}]*}/, event.b))) };
}

/* What each thread did, by its name. */
function threadsOf(processors)
{
	const found = new Map();
	for (const { ring, stretches } of processors)
		for (const one of stretches)
			if (one.thread && one.state !== "idle")
				found.set(one.thread, [...found.get(one.thread) || [], { ...one, who: `CPU ${ring.cpu}` }]);
	return [...found].sort((a, b) => a[1][0].start - b[1][0].start);
}

const THREADS_SHOWN = 40; /* lanes of threads, those that took the most time; there may be thousands */

function busiest(threads)
{
	const time = ([, stretches]) => stretches.reduce((sum, one) => sum + one.end - one.start, 0);
	const least = threads.map(time).sort((a, b) => b - a)[THREADS_SHOWN] || 0;
	return threads.filter((thread) => time(thread) > least);
}

function timelineData(log)
{
	const { list, number } = wordList(), origin = Math.min(...log.rings.flatMap((ring) => ring.events.slice(0, 1).map((event) => event.time)));
	const processors = log.rings.filter((ring) => ring.events.length).map((ring) => ({ ring, stretches: stretchesOf(ring, log.packages) }));
	if (!processors.length)
		throw new Error("the log is empty");
	const lanes = processors.map(({ ring, stretches }) => ({ name: `CPU ${ring.cpu}`, note: ring.application ? "application kernel" : "kernel", kind: "cpu",
		instants: instantsOf(ring, origin, number), ...packed(stretches.map((one) => ({ ...one, who: one.thread })), origin, number) }));
	for (const [name, stretches] of busiest(threadsOf(processors)))
		lanes.push({ name, note: "", kind: "thread", instants: { time: [], text: [] }, ...packed(stretches, origin, number) });
	const last = Math.max(...processors.map(({ stretches }) => stretches[stretches.length - 1].end)) - origin;
	return { ...timelineParts.shown, kinds: timelineParts.kinds, words: list, lanes, arrows: [], window: [0, last], rate: log.rate };
}

/* Where each processor's time went, as rows of a table. */
function timelineTable(log)
{
	const states = timelineParts.kinds.slice(0, 4), row = (cells, tag) => `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
	return row(["CPU", ...states], "th") + log.rings.filter((ring) => ring.events.length).map((ring) => {
		const sums = Object.fromEntries(states.map((state) => [state, 0]));
		for (const one of stretchesOf(ring, log.packages))
			sums[one.state] += one.end - one.start;
		return row([ring.cpu, ...states.map((state) => sums[state].toLocaleString("en"))], "td");
	}).join("");
}

/* The timeline's page, whole. */
function timelinePage(bytes, title)
{
	const log = readLog(bytes), data = JSON.stringify(timelineData(log)).replaceAll("</", "<\\/");
	const filled = { "@TITLE@": title, "@TABLE@": timelineTable(log), "@STYLE@": timelineParts.css, "@DATA@": data, "@SCRIPT@": timelineParts.js };
	return timelineParts.html.replace(/@[A-Z]+@/g, (name) => filled[name]);
}
