/*
 * Boots castle.iso in v86: its first serial line is the terminal of the page. modes.json says which kernels the boot menu
 * has; the one that was chosen is made its default in a copy of the image, as is a menu that does not wait.
 */
"use strict";

const DEMOS = [
	["What runs", "ps\n", "Processes, and the pages that each container owns: two, for one that has just started."],
	["Memory", "mem\n", "Where the memory is."],
	["A null system call", "getpid\n", "What it costs to enter the kernel, by both ways in."],
	["Processes, fast", "spawn\n", "A process made, run and waited for, without copying its parent."],
	["A loop", "for i in 1 2 3; do echo $i; done | wc\n", "The shell is dash, from Debian's sources."],
	["Compile", "echo 'main() { puts(\"hello\"); }' >/tmp/h.c; tcc -w /tmp/h.c -o /tmp/h && /tmp/h\n",
		"tcc makes a program here, and it runs."],
];

/* Replaces a text in the image by one of the same length, which the image's directory counts on. */
function patch(image, from, to)
{
	const find = new TextEncoder().encode(from), put = new TextEncoder().encode(to);
	for (let i = image.indexOf(find[0]); i >= 0; i = image.indexOf(find[0], i + 1)) {
		if (find.every((byte, k) => image[i + k] === byte)) {
			image.set(put, i);
			return;
		}
	}
	throw new Error(`the image has no ${from.trim()}`);
}

function state(text)
{
	document.getElementById("state").textContent = text;
}

async function image(mode)
{
	const answer = await fetch("castle.iso");
	const bytes = new Uint8Array(await answer.arrayBuffer());
	patch(bytes, "set timeout=1\n", "set timeout=0\n");
	patch(bytes, "set default=0\n", `set default=${mode}\n`);
	return bytes.buffer;
}

let emulator, terminal;

async function start(mode)
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
		cdrom: { buffer: await image(mode) },
		screen_container: document.getElementById("screen"),
		boot_order: 0x123,
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
		button.addEventListener("click", () => { type(command); terminal.focus(); });
		demos.append(button);
	}
	terminal = new Terminal({ cols: 80, rows: 25, convertEol: false, scrollback: 2000 });
	terminal.open(document.getElementById("terminal"));
	terminal.onData(type);
	document.getElementById("machine").addEventListener("submit", (event) => {
		event.preventDefault();
		start(choice.value);
	});
	window.castle = { start, type, terminal };
}

prepare();
