// Keys for those who read with them: / for the search, j and k from paper to paper, o to open the
// abstract. Without this file every page works the same.
"use strict";

const entries = () => [...document.querySelectorAll(".entry h2 a")];

function step(by) {
  const links = entries();
  const here = document.activeElement.closest(".entry");
  const at = here ? links.findIndex((link) => here.contains(link)) : by > 0 ? -1 : 0;
  const next = links[at + by];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.closest(".entry").scrollIntoView({ block: "nearest" });
}

const keys = {
  "/": () => { const field = document.getElementById("search"); field.focus(); field.select(); },
  j: () => step(1),
  k: () => step(-1),
  o: () => document.activeElement.closest(".entry")?.querySelector(".whole summary")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
