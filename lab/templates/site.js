// Search over all pages, by the index that search-index.js has, and the choice between light and dark. Pages work without it.
"use strict";

const SHOWN = 12, AROUND = 60; // results; characters left and right of a hit

const search = document.getElementById("search"), found = document.getElementById("found");

// How well an entry matches: all words must be there; words of the title count more.
function score(entry, words) {
	const title = entry.title.toLowerCase(), text = entry.text.toLowerCase();
	let total = 0;
	for (const word of words) {
		const count = (title.includes(word) ? 20 : 0) + Math.min(5, text.split(word).length - 1);
		if (count === 0)
			return 0;
		total += count;
	}
	return total;
}

function excerpt(entry, word) {
	const at = Math.max(0, entry.text.toLowerCase().indexOf(word));
	return "… " + entry.text.slice(Math.max(0, at - AROUND), at + AROUND) + " …";
}

function item(entry, word) {
	const element = document.createElement("li"), link = document.createElement("a");
	link.href = entry.page;
	link.textContent = entry.title;
	element.append(link, " " + excerpt(entry, word));
	return element;
}

function show() {
	const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
	const results = words.length === 0 ? [] : entries.map((entry) => [score(entry, words), entry])
		.filter(([points]) => points > 0).sort((a, b) => b[0] - a[0]).slice(0, SHOWN);
	found.replaceChildren(...results.map(([, entry]) => item(entry, words[0])));
	if (words.length > 0 && results.length === 0)
		found.textContent = "nothing found";
	found.hidden = words.length === 0;
}

search.addEventListener("input", show);
document.addEventListener("keydown", (event) => {
	if (event.key === "Escape")
		found.hidden = true;
});

// A folder on disk may have no storage; then the choice lasts for a page.
function remembered() {
	try {
		return localStorage.getItem("theme");
	} catch {
		return null;
	}
}

function choose(theme) {
	document.documentElement.dataset.theme = theme;
	try {
		localStorage.setItem("theme", theme);
	} catch {
		// as above
	}
}

if (remembered())
	document.documentElement.dataset.theme = remembered();
document.getElementById("theme").addEventListener("click", () => {
	const dark = document.documentElement.dataset.theme === "dark" ||
		(!document.documentElement.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
	choose(dark ? "light" : "dark");
});

// On a narrow screen the list of pages is closed at first.
if (matchMedia("(max-width: 60rem)").matches)
	document.querySelector(".pages").open = false;
