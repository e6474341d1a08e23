"use strict";
// A file that is too large is told of when it is chosen, and not after it was sent. The gateway looks again.
const file = document.getElementById("file");
file?.addEventListener("change", () => {
  const isOver = file.files.length > 0 && file.files[0].size > Number(file.dataset.most);
  file.setCustomValidity(isOver ? file.dataset.words : "");
  file.reportValidity();
});
