/** Elements, found and made. */

export const $ = (id) => document.getElementById(id);

/** An element; properties by name (dataset too), children appended. */
export function make(tag, { dataset = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}

/** A button of the size of a finger. */
export const button = (text, onclick, properties = {}) =>
  make("button", { type: "button", textContent: text, onclick, ...properties });

export const show = (element, shown) => (element.hidden = !shown);

/** Only where it differs: what is read aloud is read once, and what has the focus keeps it. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
