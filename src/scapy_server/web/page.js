// What a page does in the browser itself, where an answer would come too late: its shortcuts are
// kept from the browser, arrows walk the tree of layers, bars between panes are dragged.

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.length > 1) return;
  const key = event.key.toLowerCase();
  if (!event.altKey && "nosrzydkl".includes(key)) event.preventDefault();
  // The box for layers is entered here, so that what is typed next is not lost on the way.
  if (!event.altKey && key === "l") document.querySelector('[aria-label="Search layers"]')?.focus();
  else {
    // What is typed and not committed yet is part of what is saved.
    if (key === "s" && event.target.matches?.(".field-input")) event.target.dispatchEvent(new Event("blur"));
    if (key === "n") leave();
    if (key === "k") typeAhead('[aria-label="Command"]');
    if (key === "t" && event.altKey) typeAhead('[aria-label="Search templates"]');
    emitEvent("shortcut", event.shiftKey && key === "z" ? "y" : key, event.altKey);
  }
}, true);

// Keeps what is typed until a box has the focus that was asked for and comes a moment later.
function typeAhead(selector, patience = 3000) {
  let text = "", enters = false;
  const end = performance.now() + patience;
  const keep = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || enters) return;
    if (event.key === "Enter") enters = true;
    else if (event.key === "Backspace") text = text.slice(0, -1);
    else if (event.key.length === 1) text += event.key;
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const look = () => {
    const box = document.querySelector(selector);
    const there = box && box === document.activeElement;
    if (!there && performance.now() < end) return requestAnimationFrame(look);
    window.removeEventListener("keydown", keep, true);
    if (!there) return;
    if (text) {
      box.value = text;
      box.dispatchEvent(new Event("input"));
    }
    if (enters) setTimeout(() => box.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })));
  };
  window.addEventListener("keydown", keep, true);
  look();
}

// Moves the focus, which an open menu or dialog takes back: once more after it is gone.
function enter(element, frames = 60) {
  const found = typeof element === "number" ? document.querySelector(`#c${element} input`) : element;
  found?.focus();
  if (frames && document.querySelector(".q-menu, .q-dialog"))
    requestAnimationFrame(() => enter(element, frames - 1));
}

// What a list is drawn in could be focused, which nothing but options of a list may.
new MutationObserver(() => {
  for (const each of document.querySelectorAll('[role="listbox"] > [tabindex]:not([role])')) each.removeAttribute("tabindex");
}).observe(document.body, { childList: true });

// A page that is left for good says so, and nothing is kept for it.
window.addEventListener("pagehide", (event) => {
  if (!event.persisted) emitEvent("left");
});

// ---- Between two documents nobody can do anything: neither to the one that a click leads away from,
// nor to the other before it is connected, as what is done earlier may be heard in another order.
// `stay` is called where a click leads nowhere.

function leave() { document.documentElement.classList.add("between"); }

function stay() { document.documentElement.classList.remove("between"); }

function arrive() {
  if (window.did_handshake) stay();
  else setTimeout(arrive, 10);
}

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-leads]")) leave();
});

window.addEventListener("pageshow", (event) => { if (event.persisted) stay(); });
leave();
arrive();

// ---- The tree of layers: what may be walked through, in order.

function stops(tree) {
  const all = [...tree.querySelectorAll('[role="treeitem"], .field-control input')];
  return all.filter((each) => each.offsetParent !== null);
}

function walk(tree, from, step) {
  const all = stops(tree);
  const to = all[all.indexOf(from) + step];
  if (to) to.focus();
  return Boolean(to);
}

// The path of the field in whose row something happens.
function rowOf(event) { return event.target.closest?.(".field")?.dataset.path ?? null; }

// Tells which field is pointed at, where it is another than before.
let pointedAt = null;
function pointAt(path, emit) {
  if (path !== pointedAt) emit(path);
  pointedAt = path;
}

function isClosed(layer) { return layer.getAttribute("aria-expanded") === "false"; }

function toggle(layer) { layer.querySelector(".layer-arrow").click(); }

// Typing on a layer's row searches its fields: those that do not fit are dimmed, Enter edits the
// first that does.
function search(layer, text) {
  layer.dataset.search = text;
  const wanted = text.toLowerCase();
  let first = null;
  for (const field of layer.querySelectorAll(".field")) {
    const name = field.querySelector(".field-name").textContent.toLowerCase();
    const fits = !wanted || name.includes(wanted) || field.dataset.path.toLowerCase().includes(wanted, field.dataset.path.indexOf("."));
    field.classList.toggle("unmatched", !fits);
    field.classList.remove("found");
    if (fits && wanted && !first) first = field;
  }
  if (first) {
    first.classList.add("found");
    first.scrollIntoView({ block: "nearest" });
  }
  return first;
}

// From a menu back to where the keyboard was: the control of its field, the row of its layer.
function leaveMenu(anchor) {
  const button = document.querySelector(anchor);
  const field = button?.closest(".field");
  enter(field?.querySelector(".field-input") ?? (field ? button : button?.closest('[role="treeitem"]') ?? button));
}

function asksForMenu(event) {
  return (event.altKey && event.key === "ArrowDown") || event.key === "ContextMenu" || (event.shiftKey && event.key === "F10");
}

function onLayer(tree, layer, event) {
  if (asksForMenu(event)) {
    layer.querySelector(".layer-menu").click();
    event.preventDefault();
    return;
  }
  const typed = layer.dataset.search || "";
  const keys = {
    ArrowDown: () => walk(tree, layer, 1),
    ArrowUp: () => walk(tree, layer, -1),
    ArrowRight: () => (isClosed(layer) ? toggle(layer) : walk(tree, layer, 1)),
    ArrowLeft: () => { if (!isClosed(layer)) toggle(layer); },
    Enter: () => {
      const found = typed ? layer.querySelector(".field.found input") : null;
      search(layer, "");
      if (found) found.focus();
      else if (isClosed(layer)) toggle(layer);
      else layer.querySelector(".field-control input")?.focus();
    },
    Escape: () => search(layer, ""),
    Backspace: () => search(layer, typed.slice(0, -1)),
  };
  if (keys[event.key]) keys[event.key]();
  else if (event.key.length === 1 && event.key !== " ") search(layer, typed + event.key);
  else return;
  event.preventDefault();
}

function onField(tree, input, event) {
  const row = input.closest(".field");
  const choices = [...row.querySelectorAll('.choices [role="option"]')];
  if (asksForMenu(event)) {
    row.querySelector(".row-menu")?.click();
  } else if (event.key === "ArrowDown" && choices.length) {
    choices[0].focus();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    walk(tree, input, event.key === "ArrowDown" ? 1 : -1);
  } else {
    return;
  }
  event.preventDefault();
}

function onChoice(option, event) {
  const input = option.closest(".field").querySelector(".field-control input");
  if (event.key === "ArrowDown") option.nextElementSibling?.focus();
  else if (event.key === "ArrowUp") (option.previousElementSibling || input).focus();
  else if (event.key === "Enter") option.click();
  else if (event.key === "Escape") input.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("keydown", (event) => {
  const tree = event.target.closest?.('[role="tree"]');
  if (!tree || event.ctrlKey || event.metaKey) return;
  if (event.target.matches('[role="treeitem"]')) onLayer(tree, event.target, event);
  else if (event.target.matches(".field-control input")) onField(tree, event.target, event);
  else if (event.target.matches('[role="option"]')) onChoice(event.target, event);
}, true);

// Tab leads to the fields, and into the tree by the layer in which the focus was last.
document.addEventListener("focusin", (event) => {
  const layer = event.target.closest?.('[role="treeitem"]');
  const tree = layer?.closest('[role="tree"]');
  if (tree) for (const each of tree.querySelectorAll('[role="treeitem"]')) each.tabIndex = each === layer ? 0 : -1;
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.('[role="treeitem"][data-search]')) search(event.target, "");
}, true);

// ---- Bars between panes: dragged, or moved by arrows; their places are remembered.

const WIDTHS = "scapy-server-widths";

function widths() {
  try { return JSON.parse(localStorage.getItem(WIDTHS)) || {}; } catch { return {}; }
}

function setWidth(bar, width) {
  const bounded = Math.round(Math.max(160, Math.min(window.innerWidth * 0.7, width)));
  document.documentElement.style.setProperty(`--${bar.dataset.pane}-width`, `${bounded}px`);
  bar.setAttribute("aria-valuenow", bounded);
  localStorage.setItem(WIDTHS, JSON.stringify({ ...widths(), [bar.dataset.pane]: bounded }));
}

function widthOf(bar) {
  return document.querySelector(`.${bar.dataset.pane}`).getBoundingClientRect().width;
}

for (const [pane, width] of Object.entries(widths()))
  document.documentElement.style.setProperty(`--${pane}-width`, `${width}px`);

document.addEventListener("pointerdown", (event) => {
  const bar = event.target.closest?.(".splitter");
  if (!bar) return;
  const begin = event.clientX, width = widthOf(bar), side = Number(bar.dataset.side);
  const move = (moved) => setWidth(bar, width + side * (moved.clientX - begin));
  const end = () => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", end);
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", end);
  event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  const bar = event.target.closest?.(".splitter");
  const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
  if (!bar || !step) return;
  setWidth(bar, widthOf(bar) + Number(bar.dataset.side) * step);
  event.preventDefault();
});

// ---- The list of packets.

// Scrolls the list of the element with this id no more than is needed for a row to be seen.
function revealRow(id, top, height) {
  const list = getHtmlElement(id);
  if (!list) return;
  if (top < list.scrollTop) list.scrollTop = top;
  else if (top + height > list.scrollTop + list.clientHeight)
    list.scrollTop = top + height - list.clientHeight;
}

document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.('[role="grid"]')) return;
  const keys = ["ArrowDown", "ArrowUp", "PageDown", "PageUp", "Home", "End", " "];
  if (keys.includes(event.key) || (event.key === "a" && (event.ctrlKey || event.metaKey))) event.preventDefault();
}, true);

// ---- The tabs of the documents: the one at hand is in view, however many there are.

function showTab() {
  document.querySelector(".document.here")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
