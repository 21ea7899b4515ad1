// Everything works without this file. It saves page loads on slow lines and clicks on wide screens.
import { all, say, wait } from "./page.js";

const root = document.documentElement;
root.classList.remove("no-js");

// The filters stand open beside the results; older browsers cannot do that by CSS alone.
if (matchMedia("(min-width: 62em)").matches) all("details.gc-filter").forEach((panel) => (panel.open = true));

document.addEventListener("keydown", (event) => {
  const panel = event.key === "Escape" && event.target.closest?.("details:is(.gc-find, .gc-menu)[open]");
  if (!panel) return;
  panel.open = false;
  panel.querySelector("summary").focus();
});

all("details.gc-find").forEach((panel) =>
  panel.addEventListener("toggle", () => panel.open && panel.querySelector("input").focus()),
);

// The switch of languages leads to the same part of the page.
all(".gc-languages__link").forEach((link) => link.addEventListener("click", () => (link.hash = location.hash)));

// What a link leads to is open.
function reveal() {
  const target = document.getElementById(location.hash.slice(1));
  if (target?.tagName === "DETAILS") target.open = true;
}
addEventListener("hashchange", reveal);
reveal();

// After a form came back with errors the reader starts at their list.
document.querySelector(".gc-error-summary")?.focus();

// Shortlist buttons: the same POST as without JavaScript, without loading the page again. The answer is a redirect,
// which is not followed; anything else than a redirect or success makes the form be sent in the ordinary way.
function showShortlist(code, listed) {
  all(`form[data-shortlist="${CSS.escape(code)}"]`).forEach((form) => {
    all("[data-when]", form).forEach((part) => (part.hidden = (part.dataset.when === "listed") !== listed));
  });
  const change = listed ? 1 : -1;
  all("[data-shortlist-count]").forEach((place) => {
    const count = Math.max(0, Number(place.dataset.shortlistCount) + change);
    place.dataset.shortlistCount = count;
    place.textContent = count;
  });
  all("[data-shortlist-bar]").forEach((bar) => {
    bar.hidden = Number(bar.querySelector("[data-shortlist-count]").dataset.shortlistCount) === 0;
    const form = bar.querySelector("a[data-register]");
    const path = new URL(form.href);
    path.searchParams.delete("initiative", code);
    if (listed) path.searchParams.append("initiative", code);
    form.href = path;
  });
}

// The answer to a press does not tell whether this browser keeps cookies. It does if this page came with a list. Else the first
// press asks: the same address without the cookie is a page that says what to do instead.
let keeps = all("[data-shortlist-count]").some((place) => Number(place.dataset.shortlistCount) > 0);

async function isKept(form, code) {
  if (keeps) return true;
  const address = `${form.action}?${new URLSearchParams({ kept: code, next: form.elements.next.value })}`;
  const answer = await fetch(address, { redirect: "manual", credentials: "same-origin" });
  keeps = answer.type === "opaqueredirect";
  if (!keeps) location.assign(address);
  return keeps;
}

// One after the other: each answer sets the cookie that the next one builds on.
let last = Promise.resolve();
const inTurn = (send) => (last = last.then(send, send));
// What was pressed and is not kept yet, by code. If one press fails, a form takes all of it along, and no other is sent beside it.
const pressed = new Map();
let leaving = false;

function leave(form) {
  leaving = true;
  for (const { name, value } of pressed.values()) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  form.submit();
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const code = form.dataset.shortlist;
  const button = event.submitter;
  if (!code || !button?.name) return;
  event.preventDefault();
  if (pressed.has(code)) return;
  const body = new URLSearchParams(new FormData(form));
  body.set(button.name, button.value);
  pressed.set(code, button);
  const done = wait(button, "press");
  if (leaving) return leave(form);
  const send = () =>
    leaving
      ? new Promise(() => {})
      : fetch(form.action, { method: "POST", body, redirect: "manual", credentials: "same-origin" });
  try {
    const answer = await inTurn(send);
    if (!answer.ok && answer.type !== "opaqueredirect") throw new Error(answer.status);
    const adding = button.name === "add";
    if (adding && !(await isKept(form, code))) return;
    pressed.delete(code);
    done();
    // Whoever went on to something else keeps the focus, and the place on the page, where it is.
    const focused = document.activeElement === button;
    showShortlist(code, adding);
    if (focused) form.querySelector(`button[name="${adding ? "remove" : "add"}"]`)?.focus({ preventScroll: true });
    say(adding ? form.dataset.added : form.dataset.removed);
  } catch {
    leave(form);
  }
});

// Every other form. A second press would only begin anew; who stopped the first one may press again after a while.
const RETRY = 10_000;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.shortlist) return;
  if (form.hasAttribute("aria-busy")) return event.preventDefault();
  const done = wait(form, "press");
  setTimeout(done, RETRY);
  // Back finds the page as it was left.
  addEventListener("pageshow", ({ persisted }) => persisted && done());
});

// <a data-file>: no browser tells a page when a file has come, so what is said goes away by itself.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-file]");
  if (link) setTimeout(wait(link, "file"), RETRY);
});

// <button data-copy="https://…" data-copied="Link copied">
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const words = button.querySelector("[data-words]") ?? button;
  words.textContent = button.dataset.copied;
  say(button.dataset.copied);
});

// <button data-print>
document.addEventListener("click", (event) => event.target.closest?.("button[data-print]") && print());
