// Elements, made by hand: three functions instead of a framework.

/**
 * An HTML element.
 *
 * `el("button", {type: "button", class: "quiet", "data-id": 3, on: {click: go}}, "Step")`
 *
 * An attribute that is false, null or undefined is left out, one that is true stands empty. `on`
 * holds listeners by event. Some things are properties and not attributes, and are set as such:
 * `value`, `checked`, `indeterminate`, `hidden`. Styles are for style.css; a number that only a
 * script knows goes in through `node.style.setProperty("--row", 3)`, which the page's policy
 * allows.
 *
 * @param {string} tag
 * @param {Object} [attributes]
 * @param {...(string|number|Node|Array|null|undefined|false)} children arrays are flattened; null,
 *   undefined and false are passed over.
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * The same for SVG.
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/**
 * Takes all children away, and gives the node back.
 * @template {Node} T
 * @param {T} node
 * @returns {T}
 */
export function clear(node) {
  node.replaceChildren();
  return node;
}

let last = 0;

/**
 * An id that no other element has, for `for`, `aria-labelledby` and their like.
 * @param {string} [name]
 */
export function id(name = "id") {
  last += 1;
  return `${name}-${last}`;
}

const properties = new Set(["value", "checked", "indeterminate", "hidden"]);

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (properties.has(name) && name in node) {
      if (value !== undefined && value !== null) node[name] = value;
    } else if (value === true) {
      node.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value);
    }
  }
  const kept = children.flat(Infinity).filter((child) => child || child === 0 || child === "");
  node.append(...kept.map((child) => (child instanceof Node ? child : String(child))));
  return node;
}
