// Shows a page anew when it has changed. Only pages that `build.py watch` serves have this script, no file in dist/.
// It stands before a page's other scripts, so that it knows the page as it came: they change it.

function listen() {
  // All windows hear by one connection, in a shared worker: a browser keeps six at most to one server.
  const ports = new Set();
  let last;
  new EventSource("/@live/events").onmessage = ({ data }) => { last = data; ports.forEach((port) => port.postMessage(data)); };
  self.onconnect = ({ ports: [port] }) => { ports.add(port); if (last) port.postMessage(last); };
}

function follow(page, sum) {
  const slides = (from) => [...from.querySelectorAll(".reveal > .slides > section")];
  const title = (slide) => slide.querySelector("h1, h2")?.textContent;
  const runs = (slide) => slide.querySelector(".watch");  // a step-through, which is started with its page
  const scripts = (from) => [...from.querySelectorAll("body > script")].map((script) => script.textContent).join();
  const frame = (from) => [...from.documentElement.attributes].map(({ name, value }) => name + value).join() + from.head.innerHTML;
  const parts = (from) => ({ frame: frame(from), slides: slides(from).map((slide) => slide.outerHTML) });
  const receiver = /receiver/.test(location.search), place = `place on ${location.pathname}${location.search}`;
  let before = parts(document);

  // Where the slide went on which we are: nearby if one has its title, or else the same number.
  function whereIs(name, number, next) {
    const same = next.map((slide, n) => (title(slide) === name ? n : -1)).filter((n) => n >= 0);
    same.sort((a, b) => Math.abs(a - number) - Math.abs(b - number));
    return same[0] ?? Math.min(number, next.length - 1);
  }

  // Puts the slides that changed into the page. What it cannot do so, it leaves to a reload: false.
  function replaced(fetched, now) {
    const next = slides(fetched), live = slides(document);
    const changed = next.map((_, n) => n).filter((n) => before.slides[n] !== now.slides[n]);
    if (!window.Reveal?.isReady() || /print-pdf/.test(location.search) || !next.length) return false;
    if (now.frame !== before.frame || scripts(fetched) !== scripts(document)) return false;
    if ([...live.slice(next.length), ...changed.flatMap((n) => [next[n], live[n] ?? next[n]])].some(runs)) return false;
    const { indexh, indexf } = Reveal.getState(), at = whereIs(title(live[indexh]), indexh, next);
    for (const n of changed) {
      const made = document.importNode(next[n], true);
      if (live[n]) live[n].replaceWith(made);
      else document.querySelector(".reveal > .slides").append(made);
    }
    live.slice(next.length).forEach((slide) => slide.remove());
    Reveal.sync();
    Reveal.slide(at, 0, indexf);
    Reveal.layout();
    Reveal.dispatchEvent({ type: "slidesreplaced" });
    // the notes window is told of the state after a few of reveal's events; this one means nothing else here
    if (!receiver) Reveal.dispatchEvent({ type: "resumed" });
    return true;
  }

  function reload() {
    if (window.Reveal?.isReady()) sessionStorage.setItem(place, JSON.stringify(Reveal.getState()));
    location.reload();  // which keeps how far a page was scrolled
  }
  function back() {
    const state = sessionStorage.getItem(place);
    sessionStorage.removeItem(place);
    if (state) Reveal.setState(JSON.parse(state));
  }
  addEventListener("load", () => { if (window.Reveal) Reveal.isReady() ? back() : Reveal.on("ready", back); });

  async function hear(data) {
    const { pages, errors } = JSON.parse(data);
    if (window.top === window) alertOf(errors);
    if (!pages[page] || pages[page] === sum) return;
    const answer = await fetch(location.pathname);
    if (!answer.ok) return;
    const fetched = new DOMParser().parseFromString(await answer.text(), "text/html"), now = parts(fetched);
    if (!replaced(fetched, now)) return reload();
    before = now;
    sum = fetched.querySelector("script[data-sum]").dataset.sum;
  }

  let turn = Promise.resolve();  // one after the other; after one that failed too
  const next = ({ data }) => { turn = turn.then(() => hear(data), () => hear(data)); };
  if (window.SharedWorker) new SharedWorker("/@live/live.js").port.onmessage = next;
  else new EventSource("/@live/events").onmessage = next;
}

// What is wrong, over the page, until it is mended or Esc is pressed.
const alertOf = (() => {
  let box = null, told = "[]";
  const close = () => { box?.remove(); box = null; };
  const add = (to, tag, text) => to.appendChild(Object.assign(document.createElement(tag), { textContent: text }));
  if (self.document) addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !box) return;
    close();
    event.stopImmediatePropagation();  // to reveal, Esc is the overview
  }, true);

  return (errors) => {
    if (JSON.stringify(errors) === told) return;
    told = JSON.stringify(errors);
    close();
    if (!errors.length) return;
    box = document.body.appendChild(document.createElement("div"));
    box.setAttribute("role", "alert");
    box.style.cssText = `position: fixed; inset: 0 0 auto; z-index: 2147483647; box-sizing: border-box; max-height: 90vh; overflow: auto;
      padding: 0.8em 1.2em; background: #7a0f1d; color: #fff; font: 400 max(24px, 2vw)/1.35 "Source Sans 3", sans-serif; text-align: left;`;
    for (const error of errors) {
      const [, where, what] = error.match(/^(\S+\.\w+(?:, line \d+)?): (.*)$/s) ?? [null, "", error];
      const line = add(box, "p", "");
      line.style.margin = "0 0 0.5em";
      add(line, "strong", where).style.display = "block";
      line.append(what);
    }
    add(box, "div", "It goes when this is mended; Esc closes it.");
  };
})();

if (self.document) follow(document.currentScript.dataset.page, document.currentScript.dataset.sum);
else listen();
