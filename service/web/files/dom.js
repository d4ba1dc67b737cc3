/** Elements without HTML strings: what the service says is always text. */

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") node.className = value;
    else if (key === "style") node.style.cssText = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined) node.append(child);
  return node;
}

/** A table whose head is [text, class] pairs; on a phone it scrolls in its own box. */
export function table(head, rows) {
  const cells = head.map(([text, name]) => el("th", { class: name, scope: "col" }, text));
  return el("div", { class: "scroll" }, el("table", {}, el("thead", {}, el("tr", {}, cells)), el("tbody", {}, rows)));
}

export const byId = (id) => document.getElementById(id);
