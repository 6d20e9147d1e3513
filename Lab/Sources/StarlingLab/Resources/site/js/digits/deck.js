// The sizes of the deck's network, from which places in it follow.

/** Five kernels of 3×3 on a digit of 28×28, and a dense layer of 100. */
export const [depth, side, kernelSize, hidden] = [5, 26, 3, 100];

/** How many numbers a map has. */
export const area = side * side;

/** Why a dense layer's number is what it is: the sums are too long to be written out. */
export const sums = {
  z: "A bias, and 3,380 products: each number of the column times the weight that leads from it to "
    + "this hidden number. Page 4 shows such a sum, term by term.",
  s: "A bias, and 100 products: each hidden number times the weight that leads from it to this "
    + "output. Page 4 shows such a sum, term by term.",
};
