// Step-throughs of recorded runs. All that is shown comes from the JSON inside each .watch, made by kit/watching.py.

const watching = (() => {
  const find = (root, selector) => [...root.querySelectorAll(selector)];

  // The cells of an array after step k, as text.
  function filled(film, name, k) {
    const cells = [...film.cells[name]];
    film.writes[name].slice(0, k + 1).forEach((cell, step) => { if (cell !== null) cells[cell] = film.values[name][step]; });
    return cells;
  }

  // Which cell of an array step k reads or fills; null if none.
  const touched = (film, name, k) => film.writes[name][k] ?? film.reads[name][k] ?? null;

  // The cell in use: that of step k, or the last one since the loops moved on.
  function inUse(film, name, k) {
    const places = Object.values(film.places);
    for (let m = k; m >= 0 && places.every((column) => column[m] === column[k]); m--)
      if (touched(film, name, m) !== null) return touched(film, name, m);
    return null;
  }

  // One array as it is after step k: its numbers, the cell in use, and the window.
  function drawArray(array, film, k) {
    const name = array.dataset.name, shown = find(array, "i"), size = shown.length, columns = +array.dataset.columns;
    let last = k;  // the page, of an array of several, that was used last
    while (last > 0 && touched(film, name, last) === null) last--;
    const page = Math.floor((touched(film, name, last) ?? 0) / size), now = inUse(film, name, k);
    const pages = film.cells[name].length / size;
    array.querySelector("code").textContent = pages > 1 ? `${name} ${page + 1}/${pages}` : name;
    const box = film.windows[film.window[k]][name]?.slice(-2);
    const [[top, bottom], [left, right]] = box?.length === 2 ? box : [[0, 1], box?.[0] ?? [0, 0]];
    const inside = (c) => {
      const row = Math.floor(c / columns), column = c % columns;
      return row >= top && row < bottom && column >= left && column < right;
    };
    const cells = filled(film, name, k).slice(page * size, (page + 1) * size), first = film.cells[name];
    shown.forEach((cell, c) => {
      cell.textContent = cells[c];
      cell.classList.toggle("in", inside(c) && cells[c] !== "");
      cell.classList.toggle("filled", film.writes[name].lastIndexOf(page * size + c, k) >= 0);
      cell.classList.toggle("from", film.reads[name][k] === page * size + c && now !== page * size + c);
      cell.classList.toggle("on", now === page * size + c);
    });
    const frame = array.querySelector("b");
    frame.hidden = !box || (bottom - top) * (right - left) === size || bottom - top + right - left < 3;
    for (const [side, value] of Object.entries({ top, left, high: bottom - top, wide: right - left }))
      frame.style.setProperty(`--${side}`, value);
  }

  // The film strip: a picture of each telling moment, with alternative text.
  function drawStrip(watch, film) {
    const arrays = watch.querySelector(".arrays");
    for (const item of find(watch, ".strip > li")) {
      const copy = arrays.cloneNode(true), k = +item.dataset.step;
      copy.removeAttribute("aria-hidden");
      copy.setAttribute("role", "img");
      copy.setAttribute("aria-label", film.said[k]);
      find(copy, ".array").forEach((array) => drawArray(array, film, k));
      item.prepend(copy);
    }
  }

  // What the player shows at step k.
  function drawPlayer(player, film, k) {
    const lines = find(player, ".line");
    lines.forEach((line, n) => line.classList.toggle("now", n === film.line[k]));
    for (const at of find(player, ".at")) {
      const inside = film.line[k] >= +at.dataset.first && film.line[k] < +at.dataset.stop;
      const names = inside ? at.dataset.loop.split(", ") : [];
      at.textContent = names.map((name) => `${name} = ${film.places[name][k]}`).join(", ");
    }
    for (const tile of find(player, "dl > div")) {
      const column = film.values[tile.dataset.name], value = column[k];
      tile.classList.toggle("new", value !== null && value !== (column[k - 1] ?? null));
      tile.querySelector("dd").textContent = value ?? "–";
    }
    player.querySelector(".told").innerHTML = film.told[k];
    find(player, ".array").forEach((array) => drawArray(array, film, k));
  }

  // The player of one .watch: show(k) goes to a step, rest() to the telling moment that the slide is at.
  function start(watch) {
    const player = watch.querySelector(".player"), film = JSON.parse(watch.querySelector("script").textContent);
    const slider = player.querySelector("input"), said = player.querySelector(".said");
    const button = Object.fromEntries(find(player, "button").map((each) => [each.dataset.do, each]));
    const steps = film.line.map((_, k) => k), slow = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const moments = find(watch, ".moment").map((moment) => +moment.dataset.step);
    const one = { watch, moments, at: 0, moved: false, told: () => {} };
    let stops = steps, timer = null;
    drawStrip(watch, film);

    one.show = (k, moved = true) => {
      one.at = Math.max(0, Math.min(k, steps.length - 1));
      one.moved = moved;
      drawPlayer(player, film, one.at);
      const place = stops.findLastIndex((stop) => stop <= one.at);
      slider.max = stops.length - 1;
      slider.value = Math.max(0, place);
      slider.setAttribute("aria-valuetext", `step ${one.at + 1} of ${steps.length}`);
      player.querySelector("output").textContent = `${one.at + 1} / ${steps.length}`;
      if (timer === null) said.textContent = film.said[one.at];
      one.told();
    };
    one.rest = () => {
      pause();
      one.show(+(find(watch, ".moment.visible").at(-1)?.dataset.step ?? 0), false);
    };
    const next = () => stops.find((stop) => stop > one.at) ?? one.at;
    const back = () => stops.findLast((stop) => stop < one.at) ?? 0;

    function pause() {
      if (timer !== null) clearInterval(timer);
      timer = null;
      button.play.textContent = "Play";
      said.textContent = film.said[one.at];
    }
    function play() {
      if (timer !== null) return pause();
      if (one.at === stops.at(-1)) one.show(0);
      button.play.textContent = "Pause";
      timer = setInterval(() => { one.show(next()); if (one.at === stops.at(-1)) pause(); }, stops === steps ? 600 : 1200);
    }
    function long() {
      stops = stops === steps ? film.stops : steps;
      button.long.setAttribute("aria-pressed", stops !== steps);
      one.show(one.at, one.moved);
    }
    const act = { back: () => { pause(); one.show(back()); }, next: () => { pause(); one.show(next()); }, play, long };

    button.play.hidden = slow;
    for (const [name, each] of Object.entries(button)) each.addEventListener("click", act[name]);
    slider.addEventListener("input", () => { pause(); one.show(stops[slider.value]); });
    player.addEventListener("keydown", (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      const own = {
        ArrowRight: act.next, ArrowDown: act.next, ArrowLeft: act.back, ArrowUp: act.back,
        Home: () => one.show(0), End: () => one.show(stops.at(-1)),
      }[event.key];
      const over = event.key === "ArrowRight" ? one.at === steps.length - 1 : event.key === "ArrowLeft" && one.at === 0;
      // past either end an arrow is the presenter's, unless it is held down
      if (over && !event.repeat && event.target !== slider) return;
      if (own) { own(); event.preventDefault(); event.stopPropagation(); }
      else if ((event.key === " " || event.key === "Enter") && event.target.matches("button")) event.stopPropagation();
      // reveal takes no key from a slider: the other keys are the presenter's
      else if (event.target === slider && event.key !== "Tab") player.focus({ preventScroll: true });
    });
    one.rest();
    return one;
  }

  return () => find(document, ".watch").map(start);
})();

// For reveal: the steps follow its fragments, and travel in its state to the notes window.
const Watching = {
  id: "watching",
  init(deck) {
    const players = watching(), receiver = /receiver/.test(location.search);
    const current = () => players.find(({ watch }) => deck.getCurrentSlide()?.contains(watch));
    const { getState, setState } = deck;
    deck.getState = () => (current()?.moved ? { ...getState(), watch: current().at } : getState());
    deck.setState = (state) => {
      if (state.watch === undefined) return setState(state);
      const config = deck.getConfig(), tells = config.postMessageEvents;
      config.postMessageEvents = false;  // or the notes window would tell the hall of fragments without the step
      setState(state);
      config.postMessageEvents = tells;
      current()?.show(state.watch);
    };
    let following = false;  // the fragments follow a step that was made by hand
    const rest = () => { if (!following) players.forEach((one) => one.rest()); };
    const follow = (one) => {
      if (deck.getIndices().f >= one.moments.length) return;  // what comes after the run is shown
      following = true;
      deck.navigateFragment(one.at ? one.moments.findLastIndex((step) => step <= one.at) : -1);
      following = false;
    };
    for (const event of ["slidechanged", "fragmentshown", "fragmenthidden"]) deck.on(event, rest);
    for (const one of players) {
      one.watch.classList.add("live");
      one.watch.querySelector(".player").inert = receiver;
      one.told = () => {
        if (!one.moved || receiver) return;
        follow(one);
        // the notes window is told of the state after a few of reveal's events; this one means nothing else here
        deck.dispatchEvent({ type: "resumed" });
      };
    }
    // the arrow keys are the overview's then
    deck.on("overviewshown", () => { if (document.activeElement.closest(".watch")) document.activeElement.blur(); });
  },
};
