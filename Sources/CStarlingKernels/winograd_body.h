// The transforms of Winograd's convolution, LANES channels at a time. `m` is 2 or 4, known when they are compiled.

#define multiply NAME(winograd_multiply)
#define sandwich NAME(winograd_sandwich)
#define tile_input NAME(winograd_tile_input)
#define output_pixels NAME(winograd_output_pixels)

// F(2): the points 0, 1, −1, ∞.
//
//     Bᵀ = 1  0 -1  0    G = 1    0    0      Aᵀ = 1  1  1  0
//          0  1  1  0        1/2  1/2  1/2         0  1 -1 -1
//          0 -1  1  0        1/2 -1/2  1/2
//          0  1  0 -1        0    0    1
//
// F(4): the points 0, a, −a, b, −b, ∞ with a = √½ and b = √2, so that a² = 1/2, b² = 2 and a b = 1.
//
//     Bᵀ = 1  0   -5/2  0    1  0    G = 1   0    0       Aᵀ = 1  1   1   1   1  0
//          0 -2a  -2    a    1  0       -2/3 -2a/3 -1/3        0  a  -a   b  -b  0
//          0  2a  -2   -a    1  0       -2/3  2a/3 -1/3        0  1/2 1/2 2   2  0
//          0 -b/2 -1/2  b    1  0        1/6  b/6  1/3         0  a/2 -a/2 2b -2b 1
//          0  b/2 -1/2 -b    1  0        1/6 -b/6  1/3
//          0  1    0   -5/2  0  1        0   0    1
INLINE void multiply(const matrix which, const int m, const vec *in, vec *out) {
  const float a = 0.70710678118654752f, b = 1.41421356237309505f;
  if (m == 2) {
    switch (which) {
      case input_matrix:
        out[0] = in[0] - in[2], out[1] = in[1] + in[2], out[2] = in[2] - in[1], out[3] = in[1] - in[3];
        break;
      case output_matrix:
        out[0] = in[0] + in[1] + in[2], out[1] = in[1] - in[2] - in[3];
        break;
      case output_matrix_transposed:
        out[0] = in[0], out[1] = in[0] + in[1], out[2] = in[0] - in[1], out[3] = -in[1];
        break;
      case kernel_matrix: {
        vec even = 0.5f * (in[0] + in[2]), odd = 0.5f * in[1];
        out[0] = in[0], out[1] = even + odd, out[2] = even - odd, out[3] = in[2];
        break;
      }
      case kernel_matrix_transposed: {
        vec even = 0.5f * (in[1] + in[2]), odd = 0.5f * (in[1] - in[2]);
        out[0] = in[0] + even, out[1] = odd, out[2] = even + in[3];
        break;
      }
    }
    return;
  }
  switch (which) {
    case input_matrix: {
      vec even_a = in[4] - 2 * in[2], odd_a = in[3] - 2 * in[1];
      vec even_b = in[4] - 0.5f * in[2], odd_b = in[3] - 0.5f * in[1];
      out[0] = (in[0] + in[4]) - 2.5f * in[2];
      out[1] = even_a + a * odd_a, out[2] = even_a - a * odd_a;
      out[3] = even_b + b * odd_b, out[4] = even_b - b * odd_b;
      out[5] = (in[1] + in[5]) - 2.5f * in[3];
      break;
    }
    case output_matrix: {
      vec even_a = in[1] + in[2], odd_a = in[1] - in[2], even_b = in[3] + in[4], odd_b = in[3] - in[4];
      out[0] = in[0] + even_a + even_b;
      out[1] = a * odd_a + b * odd_b;
      out[2] = 0.5f * even_a + 2 * even_b;
      out[3] = in[5] + 0.5f * a * odd_a + 2 * b * odd_b;
      break;
    }
    case output_matrix_transposed: {
      vec even_a = in[0] + 0.5f * in[2], odd_a = in[1] + 0.5f * in[3];
      vec even_b = in[0] + 2 * in[2], odd_b = in[1] + 2 * in[3];
      out[0] = in[0];
      out[1] = even_a + a * odd_a, out[2] = even_a - a * odd_a;
      out[3] = even_b + b * odd_b, out[4] = even_b - b * odd_b;
      out[5] = in[3];
      break;
    }
    case kernel_matrix: {
      const float third = 1.0f / 3, sixth = 1.0f / 6;
      vec even_a = -2 * third * in[0] - third * in[2], odd_a = -2 * third * a * in[1];
      vec even_b = sixth * in[0] + third * in[2], odd_b = sixth * b * in[1];
      out[0] = in[0];
      out[1] = even_a + odd_a, out[2] = even_a - odd_a, out[3] = even_b + odd_b, out[4] = even_b - odd_b;
      out[5] = in[2];
      break;
    }
    case kernel_matrix_transposed: {
      const float third = 1.0f / 3, sixth = 1.0f / 6;
      vec even_a = in[1] + in[2], odd_a = in[1] - in[2], even_b = in[3] + in[4], odd_b = in[3] - in[4];
      out[0] = in[0] - 2 * third * even_a + sixth * even_b;
      out[1] = sixth * b * odd_b - 2 * third * a * odd_a;
      out[2] = in[5] - third * even_a + third * even_b;
      break;
    }
  }
}

// out = P in Pᵀ, where P is `rows` × `columns`.
INLINE void sandwich(const matrix p, const int m, const int rows, const int columns, const vec *in, vec *out) {
  vec half[6][6];
  UNROLLED for (int x = 0; x < columns; x++) {
    vec column[6], product[6];
    UNROLLED for (int y = 0; y < columns; y++) column[y] = in[y * columns + x];
    multiply(p, m, column, product);
    UNROLLED for (int y = 0; y < rows; y++) half[y][x] = product[y];
  }
  UNROLLED for (int y = 0; y < rows; y++) multiply(p, m, half[y], out + y * rows);
}

// The elements of a tile of `side`² pixels; `whole` when all of them exist. Rows first, each as soon as it is read:
// more than a few rows do not fit in the registers. The processor does not foresee where the next tile lies.
INLINE void tile_input(
    const starling_winograd_tile *t, const matrix p, const int m, const int side, const bool whole) {
  const ptrdiff_t row = t->row, pixel = t->pixel, element = t->element;
  for (ptrdiff_t c = 0; c < t->channels; c += LANES) {
    const float *from = t->pixels + c, *next = t->next + c;
    float *to = t->elements + c;
    vec half[6][6], sum = {0};
    UNROLLED for (int y = 0; y < side; y++) {
      vec pixels[6] = {{0}};
      UNROLLED for (int x = 0; x < side; x++) {
        const bool exists = whole || (y >= t->top && y < t->bottom && x >= t->left && x < t->right);
        if (exists) pixels[x] = load(from + y * row + x * pixel);
        __builtin_prefetch(next + y * row + x * pixel);
        sum += pixels[x];
      }
      multiply(p, m, pixels, half[y]);
    }
    UNROLLED for (int x = 0; x < m + 2; x++) {
      vec column[6], elements[6];
      UNROLLED for (int y = 0; y < side; y++) column[y] = half[y][x];
      multiply(p, m, column, elements);
      UNROLLED for (int y = 0; y < m + 2; y++) store(to + (y * (m + 2) + x) * element, elements[y]);
    }
    if (p == output_matrix_transposed && t->sums) store(t->sums + c, load(t->sums + c) + sum);
  }
}

// The pixels of an output tile for the channels from c on, before the floor.
INLINE void output_pixels(const starling_winograd_tile *t, const int m, ptrdiff_t c, vec *pixels) {
  vec elements[36], bias = load(t->bias + c);
  const ptrdiff_t element = t->element;
  UNROLLED for (int e = 0; e < (m + 2) * (m + 2); e++) elements[e] = load(t->elements + e * element + c);
  sandwich(output_matrix, m, m, m + 2, elements, pixels);
  UNROLLED for (int i = 0; i < m * m; i++) pixels[i] += bias;
}

#define output NAME(winograd_output)
INLINE void output(const starling_winograd_tile *t, const int m, const bool whole) {
  const ptrdiff_t row = t->row, pixel = t->pixel;
  const vec floor = splat(t->floor);
  for (ptrdiff_t c = 0; c < t->channels; c += LANES) {
    vec pixels[16];
    output_pixels(t, m, c, pixels);
    float *to = t->pixels + c;
    UNROLLED for (int y = 0; y < m; y++) {
      UNROLLED for (int x = 0; x < m; x++) {
        if (whole || (y < t->bottom && x < t->right)) store(to + y * row + x * pixel, larger(floor, pixels[y * m + x]));
      }
    }
  }
}

#define pooled NAME(winograd_pooled)
INLINE void pooled(const starling_winograd_tile *t, const int m) {
  const vec floor = splat(t->floor);
  for (ptrdiff_t c = 0; c < t->channels; c += LANES) {
    vec pixels[16];
    output_pixels(t, m, c, pixels);
    UNROLLED for (int y = 0; y < m / 2; y++) {
      UNROLLED for (int x = 0; x < m / 2; x++) {
        if (y >= t->bottom || x >= t->right) continue;
        const vec *corner = pixels + 2 * y * m + 2 * x;
        const vec window[4] = {corner[0], corner[1], corner[m], corner[m + 1]};
        const ptrdiff_t at = x * t->pixel + c;
        store(t->pixels + y * t->row + at,
              largest_of_four(window, floor, t->positions ? t->positions + y * t->positions_row + at : NULL));
      }
    }
  }
}

#define kernels NAME(winograd_kernels)
INLINE void kernels(const starling_winograd_kernels *k, const int m) {
  for (ptrdiff_t n = 0; n < k->count; n++) {
    vec taps[9] = {{0}}, elements[36];
    for (int l = 0; l < k->lanes; l++) {
      const float *from = k->taps + l * k->lane + n * k->step;
      UNROLLED for (int i = 0; i < 9; i++) ((float *)(taps + i))[l] = from[i * k->tap];
    }
    sandwich(kernel_matrix, m, m + 2, 3, taps, elements);
    float *to = k->elements + n * k->elements_step;
    UNROLLED for (int e = 0; e < (m + 2) * (m + 2); e++) store(to + e * k->element, elements[e]);
  }
}

#define kernel_gradient NAME(winograd_kernel_gradient)
INLINE void kernel_gradient(const starling_winograd_kernels *k, const int m) {
  for (ptrdiff_t n = 0; n < k->count; n++) {
    vec taps[9], elements[36];
    const float *from = k->elements + n * k->elements_step;
    UNROLLED for (int e = 0; e < (m + 2) * (m + 2); e++) {
      vec sum = load(from + e * k->element);
      for (ptrdiff_t part = 1; part < k->parts; part++) sum += load(from + e * k->element + part * k->part);
      elements[e] = sum;
    }
    sandwich(kernel_matrix_transposed, m, 3, m + 2, elements, taps);
    for (int l = 0; l < k->lanes; l++) {
      float *to = k->taps + l * k->lane + n * k->step;
      UNROLLED for (int i = 0; i < 9; i++) to[i * k->tap] = ((const float *)(taps + i))[l];
    }
  }
}

#define TRANSFORMS(m)                                                                                     \
  static void NAME(input_##m)(const starling_winograd_tile *t) {                                          \
    if (t->top <= 0 && t->left <= 0 && t->bottom >= m + 2 && t->right >= m + 2) {                         \
      tile_input(t, input_matrix, m, m + 2, true);                                                        \
    } else {                                                                                              \
      tile_input(t, input_matrix, m, m + 2, false);                                                       \
    }                                                                                                     \
  }                                                                                                       \
  static void NAME(output_gradient_##m)(const starling_winograd_tile *t) {                                \
    if (t->bottom >= m && t->right >= m) {                                                                \
      tile_input(t, output_matrix_transposed, m, m, true);                                                \
    } else {                                                                                              \
      tile_input(t, output_matrix_transposed, m, m, false);                                               \
    }                                                                                                     \
  }                                                                                                       \
  static void NAME(output_##m)(const starling_winograd_tile *t) {                                         \
    if (t->bottom >= m && t->right >= m) {                                                                \
      output(t, m, true);                                                                                 \
    } else {                                                                                              \
      output(t, m, false);                                                                                \
    }                                                                                                     \
  }                                                                                                       \
  static void NAME(pooled_output_##m)(const starling_winograd_tile *t) { pooled(t, m); }                  \
  static void NAME(kernels_##m)(const starling_winograd_kernels *k) { kernels(k, m); }                    \
  static void NAME(kernel_gradient_##m)(const starling_winograd_kernels *k) { kernel_gradient(k, m); }

#define TRANSFORM_NAMES(m)                                                                  \
  {NAME(input_##m), NAME(output_##m), NAME(pooled_output_##m), NAME(output_gradient_##m), \
   NAME(kernels_##m), NAME(kernel_gradient_##m)}

TRANSFORMS(2)
TRANSFORMS(4)

static const starling_winograd_table NAME(starling_winograd_table) = {
    LANES, TRANSFORM_NAMES(2), TRANSFORM_NAMES(4)};

#undef multiply
#undef sandwich
#undef tile_input
#undef output_pixels
#undef output
#undef pooled
#undef kernels
#undef kernel_gradient
#undef TRANSFORMS
#undef TRANSFORM_NAMES
