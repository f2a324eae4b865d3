// What a reader in the last row would see wrong on one slide. Returns [kind, remedy] pairs.
(slide) => {
  const faults = [];
  const zoom = slide.getBoundingClientRect().width / slide.offsetWidth;
  const body = slide.querySelector(".body");
  const shown = (e) => e.getClientRects().length > 0;
  const excerpt = (e) => e.textContent.trim().replace(/\s+/g, " ").slice(0, 40);

  const room = (body || slide).getBoundingClientRect();
  const inside = body ? body.querySelectorAll(".show > *, .words > *, .words td, .words li, .words p") : slide.children;
  for (const e of inside) {
    if (!shown(e) || e.matches(".fragment.step, .place, aside")) continue;
    const box = e.getBoundingClientRect();
    const tall = Math.max(box.bottom - room.bottom, room.top - box.top) / zoom;
    const wide = Math.max(box.right - room.right, room.left - box.left) / zoom;
    if (tall > 2) { faults.push([`overflows by ${Math.round(tall)} px at the foot`, "shorten it or split the slide"]); break; }
    if (wide > 2) { faults.push([`overflows by ${Math.round(wide)} px at the right`, "break its long line"]); break; }
  }
  const title = slide.querySelector("h1, h2");
  if (title && title.scrollWidth > title.clientWidth + 1) faults.push(["the title is wider than the slide", "shorten the title"]);
  for (const e of slide.querySelectorAll(".listing, .printed, .katex-display, table")) {
    if (e.scrollWidth > e.clientWidth + 2) faults.push([`"${excerpt(e)}…" is cut at the right`, "break the long line, or give it the whole width"]);
  }
  const parts = [...slide.querySelectorAll(".show > *, .words > *")].filter((e) => shown(e) && !e.matches(".fragment.step"));
  for (let a = 0; a < parts.length; a++) for (let b = a + 1; b < parts.length; b++) {
    const p = parts[a].getBoundingClientRect(), q = parts[b].getBoundingClientRect();
    if (Math.min(p.right, q.right) - Math.max(p.left, q.left) > 2 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 2)
      faults.push([`"${excerpt(parts[a])}" and "${excerpt(parts[b])}" overlap`, "split the slide"]);
  }
  for (const player of slide.querySelectorAll(".watch.live .player")) {  // a step-through: every step, not only the moments
    const stage = player.querySelector(".stage"), slider = player.querySelector("input"), before = slider.value;
    const go = (k) => { slider.value = k; slider.dispatchEvent(new Event("input")); };
    const large = (k) => (go(k), stage.scrollHeight > stage.clientHeight + 2 || stage.scrollWidth > stage.clientWidth + 2);
    const steps = slide.querySelector(".moment.visible") ? [] : [...Array(+slider.max + 1).keys()];
    const fault = steps.find(large);
    if (fault !== undefined) faults.push([`the step-through overflows at its step ${fault + 1}`, "give it smaller arrays"]);
    if (steps.length) go(before);
  }
  const walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  const small = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const e = node.parentElement;
    if (!node.data.trim() || !shown(e) || e.closest(".place, .badge, aside, sub, sup, .katex-mathml")) continue;
    const formula = e.closest(".katex");
    const size = parseFloat(getComputedStyle(formula || e).fontSize);
    const code = e.closest("pre, code");
    const least = e.closest(".cells") ? 16 : code ? 18 : 24;  // numbers in cells are a figure's
    if (size < least - 0.01) small.add(`${code ? "code" : "text"} of ${size.toFixed(1)} px: "${node.data.trim().slice(0, 40)}"`);
  }
  for (const text of small) faults.push([text, "the least is 24 px for text and 18 px for code"]);
  for (const img of slide.querySelectorAll("img")) {
    if (!img.complete || !img.naturalWidth) faults.push(["a picture does not load", "run its cell again"]);
    else if (shown(img) && img.getAttribute("width") && img.getBoundingClientRect().width / zoom < 0.97 * img.getAttribute("width"))
      faults.push([`a figure is shrunk from ${img.getAttribute("width")} to ${Math.round(img.getBoundingClientRect().width / zoom)} px`, "draw it with a smaller figsize"]);
    if (!img.alt.trim()) faults.push(["a picture has no alternative text", "give it alt text"]);
  }
  return faults;
}
