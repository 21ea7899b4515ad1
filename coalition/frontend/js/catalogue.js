// Refreshes filters and results of the catalogue in place. Everything works without this file: the same links, the same form.
// The attributes in catalogue.html say what is asked for and what is taken from the answer, which is always a whole page.
import htmx from "htmx.org";
import { PATIENCE, all, say } from "./page.js";

Object.assign(htmx.config, {
  allowEval: false, // the policy of the site forbids what these three would do
  allowScriptTags: false,
  includeIndicatorStyles: false,
  historyCacheSize: 0, // no page is kept in the browser's storage: Back asks the server
  refreshOnHistoryMiss: true,
  scrollIntoViewOnBoost: false,
  defaultSettleDelay: 0,
  timeout: 30_000,
});

document.documentElement.classList.add("gc-refreshes");

const catalogue = () => document.getElementById("catalogue");
const part = (name) => document.querySelector(`[data-refresh="${name}"]`);
const on = (event, act) => document.addEventListener(`htmx:${event}`, ({ detail }) => act(detail));
let slow;

function wait() {
  part("failed").hidden = true;
  catalogue().setAttribute("aria-busy", "true");
  slow = setTimeout(() => {
    part("slow").hidden = false;
    say(part("slow").textContent.trim());
  }, PATIENCE);
}

function stopWaiting() {
  clearTimeout(slow);
  part("slow").hidden = true;
  catalogue().removeAttribute("aria-busy");
}

// The page stays as it is, and the link loads what was asked for in the ordinary way.
function tellFailure({ pathInfo }) {
  part("again").href = pathInfo.finalRequestPath;
  part("failed").hidden = false;
}

// What the visitor has opened.
let opened = new Map();

function remember() {
  opened = new Map(all("#catalogue details[id^=facet]").map((panel) => [panel.id, panel.open]));
}

function restore() {
  opened.forEach((open, id) => {
    const panel = document.getElementById(id);
    if (panel) panel.open = open;
  });
}

// The field for the words stands outside of what is refreshed, so that nobody loses what they are typing.
function showSearch(path) {
  const field = document.getElementById("search");
  if (field !== document.activeElement) field.value = new URL(path, location).searchParams.get("search") ?? "";
}

// Who changes a filter stays there and is told the number; who follows a link or presses the button goes to the results.
function arrive({ triggeringEvent }) {
  const results = document.getElementById("results");
  if (triggeringEvent?.type === "change") return say(results.textContent.trim());
  if (matchMedia("(max-width: 61.99em)").matches) document.getElementById("facets").open = false;
  results.focus();
}

// Choices not made stay out of the address.
on("configRequest", ({ formData }) => {
  [...formData].forEach(([name, value]) => value === "" && formData.delete(name));
});
on("beforeRequest", wait);
on("afterRequest", stopWaiting);
on("responseError", tellFailure);
on("sendError", tellFailure);
on("timeout", tellFailure);
on("beforeSwap", remember);
on("afterSwap", ({ pathInfo, requestConfig }) => {
  restore();
  showSearch(pathInfo.responsePath ?? pathInfo.finalRequestPath);
  arrive(requestConfig);
});
