#include "oracle.h"

COVERS(starling_sparse_table, 6);

static void check_pool(ptrdiff_t count, ptrdiff_t vectors, float floor, bool remembers) {
  begin("pooling %td windows of %td vectors, floor %g%s", count, vectors, floor, remembers ? ", winners" : "");
  const ptrdiff_t channels = vectors * lanes;
  starling_pool p = {.count = count, .vectors = vectors, .floor = floor, .from_pixel = channels + 2};
  p.from_row = 2 * count * p.from_pixel + 3, p.to_pixel = channels + 1, p.winners_pixel = channels + 4;
  const ptrdiff_t to_count = (count - 1) * p.to_pixel + channels, winner_count = (count - 1) * p.winners_pixel + channels;
  float *from = numbers(p.from_row + (2 * count - 1) * p.from_pixel + channels), *to = numbers(to_count);
  uint8_t *winners = room(winner_count);
  from[p.from_row] = NAN;
  double *want = copy(to, to_count), *want_winners = room(winner_count * 8);
  for (ptrdiff_t n = 0; n < winner_count; n++) want_winners[n] = winners[n] = 77;
  for (ptrdiff_t x = 0; x < count; x++)
    for (ptrdiff_t c = 0; c < channels; c++) {
      int winner = 0;
      double best = from[2 * x * p.from_pixel + c];
      for (int n = 1; n < 4; n++) {
        const double other = from[(2 * x + n % 2) * p.from_pixel + n / 2 * p.from_row + c];
        if (other > best || isnan(other)) best = other, winner = n;
      }
      want[x * p.to_pixel + c] = raised(best, floor);
      want_winners[x * p.winners_pixel + c] = best <= floor ? 4 : winner;
    }
  p.from = from, p.to = to, p.winners = remembers ? winners : NULL;
  starling_sparse_loops(set)->pool(&p);
  SAME("maxima", to, want, to_count);
  // Of the window with a NaN any number may win.
  want_winners[0] = winners[0];
  if (remembers) SAME("winners", winners, want_winners, winner_count);
}

static void check_block_sum(ptrdiff_t rows, ptrdiff_t vectors, ptrdiff_t count) {
  begin("%td rows of %td vectors, %td terms", rows, vectors, count);
  enum { span = 50 };
  const ptrdiff_t width = vectors * lanes;
  starling_block_sum p = {.count = count, .rows = rows, .vectors = vectors, .from_row = width / 2 + 1, .to_row = width + 3};
  const ptrdiff_t to_count = (rows - 1) * p.to_row + width;
  float *from = numbers(span + (rows - 1) * p.from_row + width), *to = numbers(to_count);
  int32_t *offsets = room(count * 4);
  for (ptrdiff_t t = 0; t < count; t++) offsets[t] = t ? below(span + 1) : span;
  p.factors = numbers(count), p.offsets = offsets, p.from = from, p.to = to;
  double *want = copy(to, to_count);
  for (ptrdiff_t u = 0; u < rows; u++)
    for (ptrdiff_t n = 0; n < width; n++)
      for (ptrdiff_t t = 0; t < count; t++)
        want[u * p.to_row + n] += (double)p.factors[t] * from[offsets[t] + u * p.from_row + n];
  starling_sparse_loops(set)->block_sum(&p);
  SAME("sums", to, want, to_count);
}

static void check_sort(ptrdiff_t pixels, ptrdiff_t channels, bool by_channel) {
  begin("sorting %td pixels of %td channels by %s", pixels, channels, by_channel ? "channel" : "winner");
  const ptrdiff_t lists = by_channel ? channels : 4, full = (channels + 15) / 16 * 16;
  starling_sort p = {.pixels = pixels, .channels = channels, .channel_step = 7, .winner_steps = {0, 16, 900, 916}};
  p.gradient_channel = 1 + channels % 3, p.gradient_pixel = channels * p.gradient_channel + 2;
  p.winners_pixel = channels + 1, p.capacity = pixels + channels + 20;
  p.gradient = numbers((pixels - 1) * p.gradient_pixel + (channels - 1) * p.gradient_channel + 1);
  uint8_t *winners = room((pixels - 1) * p.winners_pixel + channels + 16);
  for (ptrdiff_t n = 0; n < (pixels - 1) * p.winners_pixel + channels + 16; n++) winners[n] = (uint8_t)below(5);
  int32_t *origins = room((pixels + 15) / 16 * 64);
  for (ptrdiff_t n = 0; n < pixels; n++) origins[n] = below(5000);
  p.factors = numbers(lists * p.capacity), p.offsets = room(lists * p.capacity * 4), p.lengths = room(lists * 4);
  p.winners = winners, p.origins = origins, p.sums = numbers(full);
  double *factors = copy(p.factors, lists * p.capacity), *sums = copy(p.sums, full);
  int32_t *offsets = room(lists * p.capacity * 4), *lengths = room(lists * 4);
  for (ptrdiff_t list = 0; list < lists; list++) {
    lengths[list] = p.lengths[list] = below(3);
    for (ptrdiff_t n = 0; n < 3; n++) p.offsets[list * p.capacity + n] = offsets[list * p.capacity + n] = below(50);
  }
  for (ptrdiff_t pixel = 0; pixel < pixels; pixel++)
    for (ptrdiff_t j = 0; j < channels; j++) {
      const float g = p.gradient[pixel * p.gradient_pixel + j * p.gradient_channel];
      const uint8_t winner = winners[pixel * p.winners_pixel + j];
      if (winner == 4 || g == 0) continue;
      const ptrdiff_t list = by_channel ? j : winner, to = list * p.capacity + lengths[list]++;
      factors[to] = g;
      offsets[to] = by_channel ? origins[pixel] + p.winner_steps[winner] : (int32_t)j * p.channel_step;
      sums[j] += g;
    }
  if (by_channel) starling_sparse_loops(set)->sort_by_channel(&p); else starling_sparse_loops(set)->sort_by_winner(&p);
  SAME("lengths", p.lengths, lengths, lists);
  for (ptrdiff_t list = 0; list < lists; list++) {
    SAME("factors", p.factors + list * p.capacity, factors + list * p.capacity, lengths[list]);
    SAME("offsets", p.offsets + list * p.capacity, offsets + list * p.capacity, lengths[list]);
  }
  if (by_channel) SAME("sums", p.sums, sums, channels);
}

static void check_tap_sum(ptrdiff_t pixels, ptrdiff_t vectors) {
  begin("taps of %td vectors from %td pixels", vectors, pixels);
  const ptrdiff_t width = vectors * lanes;
  starling_tap_sum p = {.pixels = pixels, .vectors = vectors, .gradient_pixel = width + 1, .winners_pixel = width + 2};
  p.x_row = 2 * pixels + 3, p.to_tap = width + 3;
  const ptrdiff_t winner_count = (pixels - 1) * p.winners_pixel + width, to_count = 8 * p.to_tap + width;
  uint8_t *winners = room(winner_count);
  for (ptrdiff_t n = 0; n < winner_count; n++) winners[n] = (uint8_t)below(5);
  p.winners = winners, p.gradient = numbers((pixels - 1) * p.gradient_pixel + width), p.x = numbers(3 * p.x_row + 2 * pixels + 2);
  p.to = numbers(to_count), p.sums = numbers(width);
  double *want = copy(p.to, to_count), *sums = copy(p.sums, width);
  for (ptrdiff_t pixel = 0; pixel < pixels; pixel++)
    for (ptrdiff_t j = 0; j < width; j++) {
      const int winner = winners[pixel * p.winners_pixel + j];
      const double g = winner < 4 ? p.gradient[pixel * p.gradient_pixel + j] : 0;
      sums[j] += g;
      for (int n = 0; n < 9 && winner < 4; n++)
        want[n * p.to_tap + j] += g * p.x[(winner / 2 + n / 3) * p.x_row + winner % 2 + n % 3 + 2 * pixel];
    }
  starling_sparse_loops(set)->tap_sum(&p);
  SAME("taps", p.to, want, to_count);
  SAME("sums", p.sums, sums, width);
}

void check_sparse(void) {
  for (int n = 0; n < 35; n++) check_tap_sum(1 + n / 5, 1 + n % 5);
  for (int n = 0; n < 40; n++) check_pool(1 + n % 5, 1 + n / 5 % 4, n % 3 ? 0 : -INFINITY, n % 2);
  for (int rows = 1; rows <= 11; rows++)
    for (int vectors = 1; vectors <= 19; vectors++) check_block_sum(rows, vectors, (rows + vectors) % 6);
  for (int channels = 1; channels <= 37; channels++) {
    check_sort(1, channels, false);
    for (int pixels = 1; pixels <= 35; pixels += 1 + channels % 6) check_sort(pixels, channels, true);
  }
}
