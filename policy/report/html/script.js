
"use strict";
// Filters the findings. The filter is in the URL's fragment, so that it can be linked:
// #severity=error&namespace=shop. The fragment of a single finding is its id.
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  const controls = form.elements;
  const findings = [...document.querySelectorAll(".finding")];
  const groups = [...document.querySelectorAll(".group")];
  const wasOpen = new Map(groups.map((group) => [group, group.open]));
  const texts = new Map();
  let wasFiltered = false;

  const textOf = (finding) => {
    if (!texts.has(finding)) {
      const heading = finding.closest(".object").querySelector("h4").textContent;
      texts.set(finding, (heading + "\n" + finding.textContent).toLowerCase());
    }
    return texts.get(finding);
  };

  const filter = () => {
    const data = new FormData(form);
    const all = new URLSearchParams();
    for (const [name, value] of data) if (value.trim()) all.append(name, value.trim());
    return all;
  };

  const matches = (finding, all, words) =>
    (!all.has("severity") || all.getAll("severity").includes(finding.dataset.severity)) &&
    (!all.has("rule") || all.get("rule") === finding.dataset.rule) &&
    (!all.has("namespace") || all.get("namespace") === finding.closest(".group").dataset.namespace) &&
    words.every((word) => textOf(finding).includes(word));

  const apply = () => {
    const all = filter();
    const filtered = [...all].length > 0;
    const words = (all.get("text") || "").toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    if (!filtered && !wasFiltered) {
      controls.shown.value = findings.length + " findings";
      return all;
    }
    wasFiltered = filtered;
    for (const finding of findings) {
      finding.hidden = filtered && !matches(finding, all, words);
      if (!finding.hidden) shown++;
    }
    for (const part of document.querySelectorAll(".object, .group")) part.hidden = !part.querySelector(".finding:not([hidden])");
    for (const group of groups) group.open = filtered ? shown <= 500 || all.has("namespace") : wasOpen.get(group);
    for (const section of document.querySelectorAll("#findings, #others")) section.hidden = !section.querySelector(".group:not([hidden])");
    controls.shown.value = shown === 0 ? "No finding matches" : (filtered ? shown + " of " : "") + findings.length + " findings";
    return all;
  };

  const change = () => {
    const text = apply().toString();
    history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
  };

  // restore shows what the fragment says: a filter, or one element with all around it open.
  const restore = () => {
    const fragment = location.hash.slice(1);
    const target = fragment && document.getElementById(decodeURIComponent(fragment));
    const all = new URLSearchParams(target ? "" : fragment);
    for (const box of controls.severity) box.checked = all.getAll("severity").includes(box.value);
    for (const name of ["namespace", "rule", "text"]) controls[name].value = all.get(name) || "";
    apply();
    if (!target) {
      if (fragment) form.scrollIntoView();
      return;
    }
    for (let parent = target.parentElement; parent; parent = parent.parentElement) if (parent.tagName === "DETAILS") parent.open = true;
    target.scrollIntoView();
  };

  form.hidden = false;
  form.addEventListener("input", change);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(change));
  addEventListener("hashchange", restore);

  for (const name of document.querySelectorAll("[data-filter]")) {
    const key = name.dataset.filter === "controller" ? "text" : name.dataset.filter;
    const link = document.createElement("a");
    link.href = "#" + new URLSearchParams({ [key]: name.textContent });
    link.append(...name.childNodes);
    name.append(link);
  }

  for (const command of document.querySelectorAll(".command")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      const code = command.querySelector("code");
      getSelection().selectAllChildren(code);
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    command.append(button);
  }

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const part of closed) part.open = true;
  });
  addEventListener("afterprint", () => { for (const part of closed) part.open = false; });
  restore();
})();
