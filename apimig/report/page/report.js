// Filters, the theme and links to sites. The page is whole without it.
(() => {
  "use strict";
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  // ------------------------------------------------------------------------------------------ theme

  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);

  function remembered(value) {
    try {
      if (value) localStorage.setItem("apimig-theme", value);
      return localStorage.getItem("apimig-theme");
    } catch {
      return null; // a browser that keeps nothing for files
    }
  }

  const kept = remembered();
  if (kept === "dark" || kept === "light") root.dataset.theme = kept;

  function themes() {
    const button = byId("theme");
    const label = () => {
      button.textContent = dark() ? "Light" : "Dark";
      button.setAttribute("aria-label", `Switch to the ${dark() ? "light" : "dark"} theme`);
    };
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      remembered(root.dataset.theme);
      label();
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", label);
    label();
  }

  // ---------------------------------------------------------------------------------------- filters

  let sites = [];
  const choices = { rule: "r", file: "f", outcome: "o", verdict: "v" };
  const chosen = (name) => byId(`by-${name}`)?.value ?? "";

  function read(element) {
    const { r, f, o, v = "", s = "" } = element.dataset;
    return { element, r: r.split(" "), f: [f], o: [o], v: [v], s, text: null };
  }

  function searched(site, words) {
    site.text ??= `${site.s} ${site.element.textContent} ${byId("by-file").options[Number(site.f[0]) + 1].text}`.toLowerCase();
    return words.every((word) => site.text.includes(word));
  }

  // Only what changes is touched: 2,000 sites are filtered while one types.
  function show(element, shown) {
    if (element.hidden === shown) element.hidden = !shown;
  }

  function apply() {
    const wanted = Object.entries(choices).map(([name, key]) => [key, chosen(name)]).filter(([, value]) => value);
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const active = wanted.length > 0 || words.length > 0;
    root.classList.toggle("filtered", active);
    let count = 0;
    for (const site of sites) {
      site.shown = wanted.every(([key, value]) => site[key].includes(value)) && searchedIf(site, words);
      show(site.element, site.shown);
      count += site.shown;
    }
    const bare = active && (words.length > 0 || wanted.some(([key]) => key !== "f"));
    enclosing(active, bare);
    byId("shown").value = active ? `${count.toLocaleString("en")} of ${sites.length.toLocaleString("en")} sites` : `${sites.length.toLocaleString("en")} sites`;
  }

  const searchedIf = (site, words) => words.length === 0 || searched(site, words);

  // What holds no site that is shown is hidden: rows of notes, hunks, files, groups, parts, and their links.
  function enclosing(active, bare) {
    const holding = new Set();
    const files = new Set();
    const parts = new Map();
    for (const site of sites) {
      if (!site.shown) continue;
      if (site.element.closest(".with-sites")?.id === "rewritten") files.add(site.f[0]);
      for (let at = site.element.parentElement; at && at.tagName !== "MAIN"; at = at.parentElement) holding.add(at);
    }
    const file = chosen("file");
    for (const element of document.querySelectorAll(".with-sites .notes, .with-sites .hunk, .with-sites .file, .with-sites .group")) {
      const own = !bare && file !== "" && element.closest(".file")?.dataset.f === file && !element.matches(".notes");
      show(element, !active || own || holding.has(element));
    }
    for (const part of document.querySelectorAll(".with-sites")) {
      const found = part.querySelectorAll(".site:not([hidden])").length;
      parts.set(part.id, found);
      show(part, !active || part.querySelector(".file:not([hidden]), .group:not([hidden])") !== null);
      counted(part.querySelector("h2 .count"), active ? found : null);
    }
    for (const item of document.querySelectorAll("nav [data-section]")) {
      show(item, !active || parts.get(item.dataset.section) > 0);
      counted(item.querySelector(".count"), active ? parts.get(item.dataset.section) : null);
    }
    for (const item of document.querySelectorAll("nav [data-file]")) {
      show(item, !active || files.has(item.dataset.file) || (!bare && item.dataset.file === file));
    }
  }

  function counted(element, found) {
    const all = element.dataset.all;
    element.textContent = found === null || found === undefined ? all : `${found.toLocaleString("en")} of ${all}`;
  }

  function filters() {
    const form = byId("filters");
    sites = Array.from(document.querySelectorAll(".site"), read);
    let waiting = 0;
    form.addEventListener("input", () => {
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(apply);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(apply));
    apply();
  }

  function testFilter() {
    const form = byId("test-filter");
    if (!form) return;
    const rows = byId("tests-table").tBodies[0].rows;
    const choose = (value) => {
      for (const row of rows) show(row, value === "all" || `${value}` in row.dataset);
    };
    form.addEventListener("change", (event) => choose(event.target.value));
    if (rows.length > 200) {
      form.querySelector("[value=changed]").checked = true;
      choose("changed");
    }
  }

  // ------------------------------------------------------------------------------------------ links

  function target() {
    const fragment = location.hash.slice(1);
    if (!fragment) return null;
    let named = fragment;
    try {
      named = decodeURIComponent(fragment);
    } catch { /* a fragment that is no encoded text is a name as it stands */ }
    return byId(fragment) ?? byId(named);
  }

  function follow() {
    const found = target();
    if (!found) return;
    if (found.closest("[hidden]")) {
      byId("filters").reset();
      apply();
    }
    for (let at = found.parentElement; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    // What is above takes its true height only when it is drawn, so the place is looked for again.
    found.scrollIntoView();
    requestAnimationFrame(() => requestAnimationFrame(() => found.scrollIntoView()));
  }

  // Where the page is one column, the list of files waits until it is asked for.
  function folded() {
    const list = document.querySelector("nav details");
    if (list && matchMedia("(max-width: 60rem)").matches) list.open = false;
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll(".script-only")) element.hidden = false;
    themes();
    filters();
    testFilter();
    folded();
    addEventListener("hashchange", follow);
    follow();
    performance.mark("apimig-ready");
  });
})();
