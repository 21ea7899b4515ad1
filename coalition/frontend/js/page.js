// What the scripts share.
export const all = (selector, within = document) => [...within.querySelectorAll(selector)];

// For those who hear the page.
export const say = (text) => {
  const status = document.getElementById("gc-status");
  if (status) status.textContent = text;
};
