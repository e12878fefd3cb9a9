"use strict";
// Search, filter and language of the spec's site. No server, no network: the index is search.js.
(() => {
  const root = document.body.dataset.root;
  const kinds = { dataset: "数据集", field: "字段", list: "代码集", code: "代码", rule: "规则" };
  const order = Object.keys(kinds);
  const most = 40;

  function rank(entry, words) {
    const [kind, name, label, , more] = entry;
    const short = label.replace(/（[^）]*）|\([^)]*\)/g, ""); // 标段（包）编号 is asked for as 标段编号 too
    const near = (name + " " + label + " " + short).toLowerCase();
    const far = (near + " " + more).toLowerCase();
    let score = 0;
    for (const word of words) {
      if (!far.includes(word)) return -1;
      if ([name, label, short].some((text) => text.toLowerCase() === word)) score += 8;
      else if ([name, label, short].some((text) => text.toLowerCase().startsWith(word))) score += 4;
      else if (near.includes(word)) score += 2;
    }
    return score * 10 + (order.length - order.indexOf(kind));
  }

  function find(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const found = [];
    for (const entry of window.SPEC_INDEX || []) {
      const score = rank(entry, words);
      if (score >= 0) found.push([score, entry]);
    }
    found.sort((a, b) => b[0] - a[0]);
    return found.map(([, entry]) => entry);
  }

  const box = document.getElementById("search");
  const hits = document.getElementById("hits");
  let chosen = -1;

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  }

  function show() {
    const found = find(box.value);
    hits.replaceChildren();
    chosen = -1;
    for (const [kind, name, label, address, more] of found.slice(0, most)) {
      const line = element("li");
      line.setAttribute("role", "option");
      const link = element("a");
      link.href = root + address;
      const head = element("span");
      head.append(element("code", "", name), " ", label);
      link.append(element("span", "kind", kinds[kind]), head);
      if (more) link.append(element("small", "", more));
      line.append(link);
      hits.append(line);
    }
    if (box.value.trim() && !found.length) hits.append(element("li", "none", "没有找到 nothing found"));
    if (found.length > most) hits.append(element("li", "none", `共 ${found.length} 项，请输入更多文字 type more to narrow`));
    hits.hidden = !box.value.trim();
    box.setAttribute("aria-expanded", String(!hits.hidden));
  }

  function choose(step) {
    const lines = [...hits.querySelectorAll("li[role=option]")];
    if (!lines.length) return;
    chosen = (chosen + step + lines.length) % lines.length;
    lines.forEach((line, at) => line.setAttribute("aria-selected", String(at === chosen)));
    lines[chosen].scrollIntoView({ block: "nearest" });
  }

  box.addEventListener("input", show);
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      choose(event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
    } else if (event.key === "Enter") {
      const link = hits.querySelectorAll("li[role=option] a")[Math.max(chosen, 0)];
      if (link) location.href = link.href;
    } else if (event.key === "Escape") {
      box.value = "";
      show();
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".search") || event.target.closest("#hits a")) hits.hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && event.target === document.body) {
      box.focus();
      event.preventDefault();
    }
  });

  const filter = document.getElementById("filter");
  if (filter) {
    filter.hidden = false;
    filter.addEventListener("input", () => {
      const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of document.querySelectorAll("table.datasets tbody tr")) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      for (const group of document.querySelectorAll("section.group"))
        group.hidden = !group.querySelector("tbody tr:not([hidden])");
    });
  }

  // Both languages, Chinese only, English only; remembered where the browser allows it.
  const button = document.getElementById("language");
  const languages = ["both", "zh", "en"];
  const names = { both: "中 / EN", zh: "中文", en: "English" };
  let language = "both";
  function speak(next) {
    language = languages.includes(next) ? next : "both";
    document.body.dataset.language = language;
    button.textContent = names[language];
    try { localStorage.setItem("spec-language", language); } catch { /* files may have no storage */ }
  }
  button.hidden = false;
  button.addEventListener("click", () => speak(languages[(languages.indexOf(language) + 1) % languages.length]));
  let stored = "both";
  try { stored = localStorage.getItem("spec-language") || "both"; } catch { /* files may have no storage */ }
  speak(stored);
})();
