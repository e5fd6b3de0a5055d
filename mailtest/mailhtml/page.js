(() => {
	"use strict";
	const byID = (id) => document.getElementById(id);
	const box = byID("q"), marked = byID("marked"), unfold = byID("unfold"), count = byID("count");
	const columns = [...document.querySelectorAll(".col")];
	const columnOf = new Map(); // by session
	columns.forEach((col, i) => col.querySelectorAll(".session").forEach((s) => columnOf.set(s.dataset.session.toLowerCase(), i)));
	const rows = [...document.querySelectorAll(".row")].map((row) => ({
		row, block: row.querySelector(".block"), session: row.dataset.session.toLowerCase(), text: null,
	}));

	// As placeOf in columns.go.
	const place = (block, k, n) => {
		const span = (n + 1) >> 1, right = k >= span;
		block.style.gridColumn = right ? `${k + 3 - span}/${k + 3}` : `${k + 2}/${k + 2 + span}`;
		block.style.setProperty("--span", span);
		block.classList.toggle("right", right);
	};

	// What is folded up and has a word of the filter opens, as long as the filter has it.
	const opened = new Set();
	const open = (row, words) => {
		for (const d of row.querySelectorAll("details:not([open])")) {
			const text = d.textContent.toLowerCase();
			if (!words.some((w) => text.includes(w))) continue;
			d.open = true;
			opened.add(d);
		}
	};

	// Highlighting is for eyes, which don't see more rows than this.
	const highlightedRows = 300;
	const highlight = (shown, words) => {
		if (!("highlights" in CSS)) return;
		const found = new Highlight();
		for (const row of words.length > 0 ? shown.slice(0, highlightedRows) : []) {
			const nodes = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
			while (nodes.nextNode()) {
				const text = nodes.currentNode.data.toLowerCase();
				if (text.length !== nodes.currentNode.data.length) continue;
				for (const w of words) {
					for (let at = text.indexOf(w); at >= 0; at = text.indexOf(w, at + w.length)) {
						const range = document.createRange();
						range.setStart(nodes.currentNode, at);
						range.setEnd(nodes.currentNode, at + w.length);
						found.add(range);
					}
				}
			}
		}
		CSS.highlights.set("found", found);
	};

	// Sessions that the filter names have the page to themselves; all other words have to be in the text.
	const apply = () => {
		const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
		const sessions = words.filter((w) => columnOf.has(w));
		const texts = words.filter((w) => !columnOf.has(w));
		const kept = new Map(); // old column: new column
		columns.forEach((col, i) => {
			col.hidden = sessions.length > 0 && !sessions.some((s) => columnOf.get(s) === i);
			if (!col.hidden) kept.set(i, kept.size);
		});
		document.body.style.setProperty("--n", Math.max(1, kept.size));
		opened.forEach((d) => { d.open = unfold.checked; });
		opened.clear();
		const shown = [];
		for (const r of rows) {
			if (texts.length > 0 && r.text === null) r.text = r.row.textContent.toLowerCase();
			const show = (sessions.length === 0 || sessions.includes(r.session)) &&
				(!marked.checked || r.row.classList.contains("marked")) &&
				texts.every((w) => r.text.includes(w));
			r.row.hidden = !show;
			if (!show) continue;
			shown.push(r.row);
			open(r.row, texts);
			place(r.block, kept.get(columnOf.get(r.session)), kept.size);
		}
		highlight(shown, texts);
		count.textContent = shown.length === rows.length ? "" : `${shown.length} of ${rows.length} exchanges`;
	};

	const fromAddress = () => {
		if (!location.hash.startsWith("#q=")) return;
		let q = location.hash.slice(3);
		try { q = decodeURIComponent(q); } catch { /* it is no URI's */ }
		box.value = q;
		apply();
	};

	document.addEventListener("click", (e) => {
		const session = e.target.closest("a.session");
		if (!session) return;
		e.preventDefault();
		const name = session.dataset.session;
		const words = box.value.split(/\s+/).filter(Boolean);
		box.value = (words.includes(name) ? words.filter((w) => w !== name) : [...words, name]).join(" ");
		apply();
	});
	document.addEventListener("keydown", (e) => {
		if (e.key === "/" && document.activeElement !== box) {
			e.preventDefault();
			box.focus();
		}
	});
	byID("tools").addEventListener("submit", (e) => e.preventDefault());
	box.addEventListener("input", apply);
	marked.addEventListener("change", apply);
	unfold.addEventListener("change", () => {
		document.querySelectorAll("details").forEach((d) => { d.open = unfold.checked; });
	});
	addEventListener("hashchange", fromAddress);
	byID("tools").hidden = false;
	fromAddress();
})();
