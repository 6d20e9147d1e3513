// Pieces of the layer's formulas, in MathML.

/** Letters and numbers with + − , between them: `r+u`. */
export function index(text) {
  const parts = text.match(/[a-z]|\d+|[^a-z\d]/g).map((part) => {
    const tag = /[a-z]/.test(part) ? "mi" : /\d/.test(part) ? "mn" : "mo";
    return `<${tag}>${part}</${tag}>`;
  });
  return `<mrow>${parts.join("")}</mrow>`;
}

/** A matrix by its letters: K_ji. */
export function matrix(name, letters) {
  return `<msub><mi>${name}</mi>${index(letters)}</msub>`;
}

/** The place of a number in a matrix: [r+u,c+v]. */
export function place(row, column) {
  return `<mo>[</mo>${index(row)}<mo>,</mo>${index(column)}<mo>]</mo>`;
}

/** What lights up with a grid and a source line. */
export function symbol(name, content) {
  return `<mrow data-symbol="${name}">${content}</mrow>`;
}

/** ∂E/∂…: `gradient("dK", matrix("K", "ji"))`. */
export function gradient(name, content) {
  return `<mfrac><mrow><mi>∂</mi><mi>E</mi></mrow>${symbol(name, `<mi>∂</mi>${content}`)}</mfrac>`;
}

/** A sum over letters, with its ends if it has an upper one. */
export function sum(letters, end) {
  return end ? `<munderover><mo>∑</mo>${index(letters)}${index(end)}</munderover>`
    : `<munder><mo>∑</mo>${index(letters)}</munder>`;
}

/** An operator. */
export function operator(sign) {
  return `<mo>${sign}</mo>`;
}
