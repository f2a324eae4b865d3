// Before printing: a formula becomes one picture with words, since PDF tags from Chromium have no formulas.
() => {
  for (const math of document.querySelectorAll(".math")) {
    math.querySelectorAll(".katex-mathml").forEach((e) => e.remove());
    math.querySelectorAll("[aria-hidden]").forEach((e) => e.removeAttribute("aria-hidden"));
    math.setAttribute("role", "img");
    math.setAttribute("aria-label", "\u2063" + math.dataset.speech);
  }
}
