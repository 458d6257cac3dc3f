/*
 * Boots castle.iso in v86: its first serial line is the terminal of the page. modes.json says which kernels the boot menu
 * has; the one that was chosen is made its default in a copy of the image, as is a menu that does not wait. A run that is
 * to be drawn has more on the kernel's command line, and its event log comes over the second serial line (timeline.js).
 */
const DEMOS = [
	["What runs", "ps\n", "Processes, and the pages that each container owns: two, for one that has just started."],
	["Memory", "mem\n", "Where the memory is."],
	["A null system call", "getpid\n", "What it costs to enter the kernel, by both ways in."],
	["1,000 processes", "spawn -n 22\n", "A thousand processes made, run and waited for, one after the other, and what one takes."],
	["A loop", "for i in 1 2 3; do echo $i; done | wc\n", "The shell is dash, from Debian's sources."],
	["Compile", "echo 'main() { puts(\"hello\"); }' >/tmp/h.c; tcc -w /tmp/h.c -o /tmp/h && /tmp/h\n",
		"tcc makes a program here, and it runs."],
];

/* What is drawn: the program, and what it does. */
const DRAWN = [
	["spawn -n 22", "1,000 processes, one after the other"],
	["getpid -n 1", "system calls"],
	["pipe -n 1", "two processes and a pipe"],
	["threads -n 1", "threads, and what they wait for"],
	["fault -n 1", "page faults"],
];

/* The boot menu's file: from its first line to the list of modules. */
const FIRST = "# One entry an organisation", LAST = "\tmodule2 /boot/modules";

function indexOf(image, text)
{
	const find = new TextEncoder().encode(text);
	for (let i = image.indexOf(find[0]); i >= 0; i = image.indexOf(find[0], i + 1))
		if (find.every((byte, k) => image[i + k] === byte))
			return i;
	throw new Error(`the image has no ${text.trim()}`);
}

/* The menu's beginning anew, in as many bytes, which the image's directory counts on: comments make room. */
function rewrite(image, mode, more)
{
	const from = indexOf(image, FIRST), to = indexOf(image, LAST);
	const before = new TextDecoder().decode(image.subarray(from, to));
	const after = new TextEncoder().encode(before.replace(/^#.*\n/gm, "").replace("set timeout=1\n", "set timeout=0\n")
		.replace("set default=0\n", `set default=${mode}\n`).replace("mode=$1;", `mode=$1 ${more};`));
	if (after.length > to - from)
		throw new Error("the command line is too long");
	image.fill("\n".charCodeAt(0), from, to);
	image.set(after, from);
}

function state(text)
{
	document.getElementById("state").textContent = text;
}

async function image(mode, more)
{
	const answer = await fetch("castle.iso");
	const bytes = new Uint8Array(await answer.arrayBuffer());
	rewrite(bytes, mode, more);
	return bytes.buffer;
}

let emulator, terminal;

/* `more` is for the kernel's command line. */
async function start(mode, more = "")
{
	if (emulator)
		await emulator.destroy();
	state("loading");
	terminal.reset();
	emulator = new V86({
		wasm_path: "v86.wasm",
		memory_size: 128 << 20,
		vga_memory_size: 2 << 20,
		bios: { url: "bios.bin" },
		vga_bios: { url: "vgabios.bin" },
		cdrom: { buffer: await image(mode, more) },
		screen_container: document.getElementById("screen"),
		boot_order: 0x123,
		uart1: true,
		autostart: true,
	});
	let last = "", prompted = false;
	emulator.add_listener("serial0-output-byte", (byte) => {
		terminal.write(Uint8Array.of(byte));
		last = (last + String.fromCharCode(byte)).slice(-8);
		if (!prompted && last.endsWith("castle$ ")) {
			prompted = true;
			state("running");
		}
	});
	state("booting");
}

/* The bytes of the event log of a run, when the machine is off. */
function logOf(command)
{
	const bytes = [];
	return new Promise((resolve) => {
		let said = "";
		emulator.add_listener("serial1-output-byte", (byte) => {
			bytes.push(byte);
			if (bytes.length % 20000 === 0)
				state(`${command}: reading the event log, ${(bytes.length / 1000).toFixed(0)} KB`);
		});
		emulator.add_listener("serial0-output-byte", (byte) => {
			said = (said + String.fromCharCode(byte)).slice(-60);
			if (/power off, status \d+\r?\n$|safe to switch off\r?\n$/.test(said))
				resolve(Uint8Array.from(bytes));
		});
	});
}

/* Runs a command with the event log on, and shows its timeline. */
async function draw(mode, command)
{
	await start(mode, `trace=sched,entry 'run=${command}'`);
	state(`${command}: running`);
	const bytes = await logOf(command);
	await emulator.stop();
	const frame = document.getElementById("timeline");
	document.getElementById("beside").hidden = false;
	frame.srcdoc = timelinePage(bytes, `${command}, mode ${readLog(bytes).mode}`);
	await new Promise((resolve) => frame.addEventListener("load", resolve, { once: true }));
	state(`${command}: drawn`);
}

function failed(error)
{
	state(`this did not work: ${error.message}`);
}

function type(text)
{
	if (emulator)
		emulator.serial0_send(text);
}

async function prepare()
{
	const modes = await (await fetch("modes.json")).json();
	const choice = document.getElementById("mode"), demos = document.getElementById("demos");
	modes.forEach((title, number) => choice.add(new Option(title, number)));
	for (const [title, command, meaning] of DEMOS) {
		const button = document.createElement("button");
		button.textContent = title;
		button.title = `${meaning} (${command.trim()})`;
		button.addEventListener("click", () => {
			type(command);
			document.getElementById("meaning").textContent = meaning;
			terminal.focus();
		});
		demos.append(button);
	}
	terminal = new Terminal({ cols: 80, rows: 25, convertEol: false, scrollback: 2000 });
	terminal.open(document.getElementById("terminal"));
	terminal.onData(type);
	document.getElementById("machine").addEventListener("submit", (event) => {
		event.preventDefault();
		start(choice.value).catch(failed);
	});
	const drawn = document.getElementById("drawn");
	DRAWN.forEach(([command, meaning]) => drawn.add(new Option(`${command}: ${meaning}`, command)));
	document.getElementById("draw").addEventListener("submit", (event) => {
		event.preventDefault();
		draw(choice.value, drawn.value).catch(failed);
	});
	window.castle = { start, type, draw, terminal };
}

prepare();
