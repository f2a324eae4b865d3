// Light or dark: by front matter, then by the key T. The notes window has the same theme as the hall.
(() => {
  const root = document.documentElement, recolour = JSON.parse(root.dataset.recolour), base = "data:image/svg+xml;base64,";

  // A dark twin beside each figure: which of the two is seen is up to the style sheet, and on paper the light one is.
  function draw() {
    for (const light of document.querySelectorAll(`img.figure[src^="${base}"]:not(.in-light, .in-dark)`)) {
      const drawing = atob(light.src.slice(base.length));
      const dark = drawing.replace(/#[0-9a-f]{6}\b/gi, (colour) => recolour[colour.toLowerCase()] || colour);
      if (dark === drawing) continue;  // a picture with a ground of its own
      const twin = light.cloneNode();
      twin.src = base + btoa(dark);
      twin.classList.add("in-dark");
      light.classList.add("in-light");
      light.after(twin);
    }
  }

  function show(theme) {
    if (theme === "dark") draw();
    root.dataset.theme = theme;
  }

  // What was chosen outlives a reload; a browser may refuse to keep anything for a page from a file.
  const NAME = "theme of " + location.pathname;
  function kept(change) {
    try { return change ? sessionStorage.setItem(NAME, change) : sessionStorage.getItem(NAME); }
    catch (error) { if (!(error instanceof DOMException)) throw error; }
  }

  // The slides in the notes window are this page again, in frames. They ask the window that opened theirs.
  const hall = parent !== window && parent.opener, others = new Set();
  const tell = (window_, theme) => window_.postMessage(JSON.stringify({ namespace: "theme", theme }), "*");
  addEventListener("message", ({ data, source }) => {
    if (typeof data !== "string" || !data.startsWith('{"namespace":"theme"')) return;
    const { theme } = JSON.parse(data);
    if (source !== hall) others.add(source);
    if (["light", "dark"].includes(theme)) choose(theme);
    else tell(source, root.dataset.theme);
  });

  function choose(theme) {
    if (theme === root.dataset.theme) return;
    show(theme);
    kept(theme);
    if (hall) tell(hall, theme);
    others.forEach((other) => tell(other, theme));
  }

  show(kept() || root.dataset.theme);
  Reveal.on("slidesreplaced", () => show(root.dataset.theme));  // by live.js
  if (hall) tell(hall);
  Reveal.on("ready", () => Reveal.addKeyBinding({ keyCode: 84, key: "T", description: "Light or dark" },
    () => choose(root.dataset.theme === "dark" ? "light" : "dark")));
})();
