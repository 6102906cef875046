// What stands around a chart shown on its own: its headline above, notes on request, and the keys.
// Python draws the chart; a key, a swipe or a button asks for the next one.

const SWIPE = 60; // pixels that a finger travels sideways
const SETTLED = 300; // milliseconds without another resize
const listening = new WeakMap();

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  listening.get(parentElement)?.abort();
  const stop = new AbortController();
  listening.set(parentElement, stop);
  const root = parentElement.querySelector("section");
  let at = data.at;
  // Between two renderings keys are still heard: only a view that is left stops listening.
  const gone = () => {
    if (!root.isConnected) stop.abort();
    return stop.signal.aborted;
  };

  // Keys may come faster than charts: what is asked for counts from the last one asked for.
  const go = (to) => {
    const next = Math.min(Math.max(to, 0), data.names.length - 1);
    if (next === at) return;
    at = next;
    status.textContent = `${at + 1} / ${data.names.length}`;
    setTriggerValue("go", data.names[at]);
  };
  const screenFull = () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.();
  };
  const actions = {
    previous: () => go(at - 1),
    next: () => go(at + 1),
    first: () => go(0),
    last: () => go(data.names.length - 1),
    notes: () => setTriggerValue("notes", !data.notes),
    full: screenFull,
    close: () => {
      if (document.fullscreenElement) document.exitFullscreen();
      setTriggerValue("go", "");
    },
  };
  const keys = {
    ArrowLeft: "previous", PageUp: "previous", ArrowRight: "next", PageDown: "next", " ": "next",
    Home: "first", End: "last", Escape: "close", n: "notes", N: "notes", f: "full", F: "full",
  };

  const element = (tag, text, parent, attributes = {}) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    parent.append(made);
    return made;
  };
  root.replaceChildren();
  const bar = element("nav", "", root, { "aria-label": data.labels.bar });
  const button = (action, sign, shortcut) => {
    const made = element("button", sign, bar, {
      type: "button", "aria-label": data.labels[action], title: data.labels[action],
      "aria-keyshortcuts": shortcut,
    });
    made.addEventListener("click", actions[action], { signal: stop.signal });
    return made;
  };
  button("previous", "←", "ArrowLeft").disabled = data.at === 0;
  const status = element("span", `${at + 1} / ${data.names.length}`, bar, { role: "status" });
  button("next", "→", "ArrowRight").disabled = data.at === data.names.length - 1;
  button("notes", "N", "N").setAttribute("aria-pressed", String(data.notes));
  button("full", "F", "F");
  button("close", "Esc", "Escape");
  element("small", data.labels.hint, bar);
  element("h1", data.headline, root);
  element("p", data.measure, root);
  if (data.notes) {
    const list = element("ul", "", root);
    for (const line of data.lines) element("li", line, list);
  }
  element("p", data.source, root, { class: "source" });

  window.addEventListener(
    "keydown",
    (event) => {
      if (gone()) return;
      const typed = event.composedPath()[0];
      if (event.ctrlKey || event.metaKey || event.altKey || typed.matches?.("input, textarea")) return;
      // A button that has the focus keeps the space bar.
      if (event.key === " " && typed.matches?.("button")) return;
      const action = keys[event.key];
      if (!action) return;
      event.preventDefault();
      actions[action]();
    },
    { signal: stop.signal },
  );
  let from = null;
  window.addEventListener(
    "touchstart",
    (event) => {
      from = event.touches.length === 1 ? event.touches[0] : null;
    },
    { signal: stop.signal, passive: true },
  );
  window.addEventListener(
    "touchend",
    (event) => {
      if (gone()) return;
      const to = event.changedTouches[0];
      const across = from ? to.clientX - from.clientX : 0;
      if (from && Math.abs(across) > SWIPE && Math.abs(across) > 2 * Math.abs(to.clientY - from.clientY)) {
        go(across < 0 ? at + 1 : at - 1);
      }
      from = null;
    },
    { signal: stop.signal, passive: true },
  );

  let waiting;
  const measure = () => {
    const size = [window.innerWidth, window.innerHeight];
    if (size.join() !== (data.size ?? []).join()) setStateValue("size", size);
  };
  window.addEventListener(
    "resize",
    () => {
      if (gone()) return;
      clearTimeout(waiting);
      waiting = setTimeout(measure, SETTLED);
    },
    { signal: stop.signal },
  );
  measure();
}
