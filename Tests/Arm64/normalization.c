#include "oracle.h"

COVERS(starling_normalization_table, 5);

static void check_one(ptrdiff_t count, ptrdiff_t channels, float floor) {
  const starling_normalization_table *table = starling_normalization_loops(set);
  const ptrdiff_t full = (channels + 15) / 16 * 16;
  starling_normalization p = {.count = count, .channels = channels, .floor = floor};
  p.x_pixel = channels + 3, p.dY_pixel = channels + 1, p.y_pixel = channels + 2;
  const ptrdiff_t y_count = (count - 1) * p.y_pixel + channels;
  float *x = numbers((count - 1) * p.x_pixel + channels), *dY = numbers((count - 1) * p.dY_pixel + channels);
  float *y = numbers(y_count);
  p.x = x, p.dY = dY, p.y = y, p.mean = numbers(full), p.scale = numbers(full), p.shift = numbers(full);
  p.drift = numbers(full), p.pull = numbers(full), p.sums = numbers(full), p.products = numbers(full);
  double *want = copy(y, y_count), *slopes = copy(y, y_count);
  double *sums = copy(p.sums, full), *products = copy(p.products, full);
  double *slope_sums = copy(p.sums, full), *slope_products = copy(p.products, full);
  for (ptrdiff_t n = 0; n < count; n++) {
    for (ptrdiff_t c = 0; c < channels; c++) {
      const double departure = (double)x[n * p.x_pixel + c] - p.mean[c], value = p.scale[c] * departure + p.shift[c];
      const double g = value > floor ? dY[n * p.dY_pixel + c] : 0;
      want[n * p.y_pixel + c] = raised(value, floor);
      slopes[n * p.y_pixel + c] = p.scale[c] * g + p.drift[c] + p.pull[c] * departure;
      sums[c] += departure, products[c] += departure * departure;
      slope_sums[c] += departure + g, slope_products[c] += departure * departure + g * departure;
    }
  }
  table->statistics(&p);
  SAME("sums", p.sums, sums, channels);
  SAME("products", p.products, products, channels);
  table->slope_sums(&p);
  SAME("slope sums", p.sums, slope_sums, channels);
  SAME("slope products", p.products, slope_products, channels);
  table->slopes(&p);
  SAME("slopes", y, slopes, y_count);
  x[0] = want[0] = NAN;
  table->normalize(&p);
  SAME("y", y, want, y_count);
}

static void check_unpool(ptrdiff_t count, ptrdiff_t channels, ptrdiff_t pooled, int first) {
  starling_normalization p = {.count = count, .channels = channels, .pooled = pooled, .first = first};
  p.dY_pixel = channels + 1, p.y_pixel = channels + 2, p.winners_pixel = channels + 3;
  const ptrdiff_t size = (count - 1) * p.y_pixel + channels, winner_count = (pooled - 1) * p.winners_pixel + channels;
  uint8_t *winners = room(winner_count);
  for (ptrdiff_t n = 0; n < winner_count; n++) winners[n] = (uint8_t)below(5);
  float *y = numbers(size), *dY = numbers((pooled - 1) * p.dY_pixel + channels);
  double *want = copy(y, size);
  for (ptrdiff_t n = 0; n < count; n++)
    for (ptrdiff_t c = 0; c < channels; c++) {
      const bool won = n / 2 < pooled && winners[n / 2 * p.winners_pixel + c] == first + n % 2;
      want[n * p.y_pixel + c] = won ? dY[n / 2 * p.dY_pixel + c] : 0;
    }
  p.y = y, p.dY = dY, p.winners = winners;
  starling_normalization_loops(set)->unpool(&p);
  SAME("unpooled", y, want, size);
}

void check_normalization(void) {
  for (int channels = 1; channels <= 83; channels += channels < 20 ? 1 : 7)
    for (int count = 1; count <= 6; count++) {
      begin("%d pixels of %d channels", count, channels);
      check_one(count, channels, count % 2 ? 0 : -INFINITY);
    }
  for (int count = 2; count <= 9; count++)
    for (int channels = 16; channels <= 48; channels += 16) {
      begin("unpooling %d pixels of %d channels", count, channels);
      check_unpool(count, channels, count > 4 ? count / 2 : 1, count % 2 * 2);
    }
}
