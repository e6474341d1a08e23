"use strict";
// j and k move over the rows of a list, Enter opens one (it is a link), / goes to the search box.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") {
    document.querySelector("input[type=search]")?.focus();
    event.preventDefault();
    return;
  }
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const rows = [...document.querySelectorAll("a.row")];
  const here = rows.indexOf(document.activeElement);
  rows[Math.min(Math.max(here + step, 0), rows.length - 1)]?.focus();
});
