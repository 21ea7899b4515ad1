// What the scripts share.
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

export const PATIENCE = 1000; // milliseconds before it is said that something takes its time

// For those who hear the page.
export const say = (text) => {
  const status = document.getElementById("gc-status");
  if (status) status.textContent = text;
};

// That a press was heard shows at once on what was pressed; if it takes longer it is said. Gives what ends it.
export function wait(part, kind) {
  const words = document.querySelector(`[data-slow="${kind}"]`);
  const slow = setTimeout(() => {
    words.hidden = false;
    say(words.textContent.trim());
  }, PATIENCE);
  part.setAttribute("aria-busy", "true");
  return () => {
    clearTimeout(slow);
    words.hidden = true;
    part.removeAttribute("aria-busy");
  };
}
