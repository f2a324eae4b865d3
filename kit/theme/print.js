// Before printing: sheets of this size, if the page does not say itself; and a formula becomes one picture with
// words, since PDF tags from Chromium have no formulas.
(size) => {
  const sheets = document.querySelector("#sheets") || document.head.appendChild(document.createElement("style"));
  sheets.id = "sheets";
  sheets.textContent = size && `@page { size: ${size}; margin: 0 }`;
  for (const math of document.querySelectorAll(".math")) {
    math.querySelectorAll(".katex-mathml").forEach((e) => e.remove());
    math.querySelectorAll("[aria-hidden]").forEach((e) => e.removeAttribute("aria-hidden"));
    math.setAttribute("role", "img");
    math.setAttribute("aria-label", "\u2063" + math.dataset.speech);
  }
}
