// Tile rasteriser for projected (EWA) Gaussians, forward and backward, behind a C ABI.
//
// A pixel's colour is C = sum_i c_i a_i T_i + T_end * background, T_i = prod_{j<i} (1 - a_j), over Gaussians sorted by
// depth, a_i = min(0.99, o_i exp(-power)), power = (A dx^2 + C dy^2) / 2 + B dx dy (3D Gaussian splatting, Kerbl et
// al. 2023, eq. 2 to 6). Contributions with a_i < 1/255 are left out; a pixel ends before T falls below 1e-4.
// The torch rasteriser (rasterizers/torch_tiles.py) states the same rules and is the oracle of the tests.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <numeric>

#include "lanes.h"
#include "parallel.h"

namespace spaceport {

constexpr float kMaxAlpha = 0.99f;
constexpr float kMinAlpha = 1.0f / 255.0f;
constexpr float kMinTransmittance = 1e-4f;
constexpr int kSlotFloats = 9;     // gradient of one Gaussian from one tile: x y, A B C, opacity, r g b
constexpr int kCheckEvery = 8;     // Gaussians between two tests whether every pixel of a tile has ended
constexpr float kRowSlack = 1e-2f; // pixels: rounding never drops a row that the alpha test would keep

struct Splat {
  float x, y, a, b, c, opacity, red, green, blue, half_height;
};

struct Entry {
  int splat;      // index into Plan::splats, in depth order
  int64_t slot;   // where this tile's gradient of it goes
};

struct Plan {
  int width, height, tiles_x, tiles_y, threads;
  std::vector<int> order;            // input index of each splat, near to far; culled ones are absent
  std::vector<Splat> splats;
  std::vector<int64_t> first_slot;   // per splat, and one more
  std::vector<int64_t> first_entry;  // per tile, and one more
  std::vector<Entry> entries;        // per tile, near to far
};

struct TileRange {
  int x0, x1, y0, y1;  // half open
};

// Smallest A dx^2 + 2 B dx dy + C dy^2 over a rectangle relative to the centre. The form is convex, so outside the
// rectangle the minimum lies on an edge that faces the centre.
static float smallest_form(const Splat& s, float x0, float x1, float y0, float y1) {
  const bool inside_x = x0 <= 0.0f && x1 >= 0.0f, inside_y = y0 <= 0.0f && y1 >= 0.0f;
  if (inside_x && inside_y) return 0.0f;
  auto form = [&](float dx, float dy) { return s.a * dx * dx + 2.0f * s.b * dx * dy + s.c * dy * dy; };
  float best = INFINITY;
  if (!inside_x) {
    const float dx = x0 > 0.0f ? x0 : x1;
    best = form(dx, std::clamp(-s.b * dx / s.c, y0, y1));
  }
  if (!inside_y) {
    const float dy = y0 > 0.0f ? y0 : y1;
    best = std::min(best, form(std::clamp(-s.b * dy / s.a, x0, x1), dy));
  }
  return best;
}

static int tile_index(float pixels, int tiles) {
  return static_cast<int>(std::clamp(std::floor(pixels / kTile), 0.0f, static_cast<float>(tiles)));
}

// Calls visit(tile) for each tile that the ellipse a = 1/255 touches.
template <typename Visit>
static void visit_tiles(const Plan& plan, const Splat& s, const TileRange& range, const Visit& visit) {
  const float limit = 2.0f * std::log(s.opacity / kMinAlpha);
  for (int ty = range.y0; ty < range.y1; ++ty)
    for (int tx = range.x0; tx < range.x1; ++tx) {
      const float x0 = tx * kTile + 0.5f - s.x, y0 = ty * kTile + 0.5f - s.y;
      if (smallest_form(s, x0, x0 + kTile - 1, y0, y0 + kTile - 1) <= limit * 1.0001f + 1e-4f)
        visit(ty * plan.tiles_x + tx);
    }
}

static std::unique_ptr<Plan> make_plan(int count, const float* xy, const float* conic, const float* opacity,
                                       const float* color, const float* depth, int width, int height, int threads) {
  auto plan = std::make_unique<Plan>();
  plan->width = width;
  plan->height = height;
  plan->threads = threads;
  plan->tiles_x = (width + kTile - 1) / kTile;
  plan->tiles_y = (height + kTile - 1) / kTile;

  std::vector<TileRange> ranges;
  std::vector<int> sorted;
  for (int i = 0; i < count; ++i)
    if (opacity[i] >= kMinAlpha && std::isfinite(depth[i])) sorted.push_back(i);
  std::stable_sort(sorted.begin(), sorted.end(), [&](int p, int q) { return depth[p] < depth[q]; });
  for (int i : sorted) {
    Splat s{xy[2 * i],     xy[2 * i + 1],    conic[3 * i],         conic[3 * i + 1],     conic[3 * i + 2],
            opacity[i],    color[3 * i],     color[3 * i + 1],     color[3 * i + 2],     0.0f};
    const float determinant = s.a * s.c - s.b * s.b;
    if (!(determinant > 0.0f && s.a > 0.0f && std::isfinite(s.x) && std::isfinite(s.y))) continue;
    const float limit = 2.0f * std::log(s.opacity / kMinAlpha);
    const float half_width = std::sqrt(limit * s.c / determinant) + kRowSlack;
    s.half_height = std::sqrt(limit * s.a / determinant) + kRowSlack;
    const TileRange range{tile_index(s.x - half_width, plan->tiles_x),
                          tile_index(s.x + half_width + kTile, plan->tiles_x),
                          tile_index(s.y - s.half_height, plan->tiles_y),
                          tile_index(s.y + s.half_height + kTile, plan->tiles_y)};
    if (range.x0 >= range.x1 || range.y0 >= range.y1) continue;
    plan->order.push_back(i);
    plan->splats.push_back(s);
    ranges.push_back(range);
  }

  const int tiles = plan->tiles_x * plan->tiles_y, kept = static_cast<int>(plan->splats.size());
  plan->first_entry.assign(tiles + 1, 0);
  plan->first_slot.assign(kept + 1, 0);
  for (int i = 0; i < kept; ++i)
    visit_tiles(*plan, plan->splats[i], ranges[i], [&](int tile) {
      ++plan->first_entry[tile + 1];
      ++plan->first_slot[i + 1];
    });
  std::partial_sum(plan->first_entry.begin(), plan->first_entry.end(), plan->first_entry.begin());
  std::partial_sum(plan->first_slot.begin(), plan->first_slot.end(), plan->first_slot.begin());
  plan->entries.resize(plan->first_entry[tiles]);
  std::vector<int64_t> fill(plan->first_entry.begin(), plan->first_entry.end() - 1);
  for (int i = 0; i < kept; ++i) {
    int64_t slot = plan->first_slot[i];
    visit_tiles(*plan, plan->splats[i], ranges[i],
                [&](int tile) { plan->entries[fill[tile]++] = Entry{i, slot++}; });
  }
  return plan;
}

struct Rows {
  int first, end;
};

static Rows rows_of(const Splat& s, float tile_top) {
  const float top = s.y - tile_top - 0.5f;
  return {static_cast<int>(std::clamp(std::ceil(top - s.half_height), 0.0f, static_cast<float>(kTile))),
          static_cast<int>(std::clamp(std::floor(top + s.half_height) + 1.0f, 0.0f, static_cast<float>(kTile)))};
}

static Lanes pixel_centres(float tile_left) {
  Lanes x;
  for (int i = 0; i < kTile; ++i) x[i] = tile_left + static_cast<float>(i) + 0.5f;
  return x;
}

struct Coverage {
  Lanes alpha;    // 0 below 1/255
  Bits clamped;   // where alpha does not follow the exponent
};

static inline Coverage coverage(const Splat& s, const Lanes& half_a_dx2, const Lanes& b_dx, float dy) {
  const Lanes power = half_a_dx2 + dy * (b_dx + 0.5f * s.c * dy);
  const Lanes raw = s.opacity * exponential(-power);
  const Bits clamped = raw > all_lanes(kMaxAlpha);
  Lanes alpha = clamped ? all_lanes(kMaxAlpha) : raw;
  alpha = alpha < all_lanes(kMinAlpha) ? Lanes{} : alpha;
  return {alpha, clamped};
}

static bool all_ended(const Lanes* transmittance) {
  Bits alive{};
  for (int row = 0; row < kTile; ++row) alive |= transmittance[row] > Lanes{};
  return !any(alive);
}

// image: float32[height, width, 3]
static void forward_tile(const Plan& plan, int tile, const float* background, float* image) {
  const int left = tile % plan.tiles_x * kTile, top = tile / plan.tiles_x * kTile;
  const Lanes px = pixel_centres(static_cast<float>(left));
  Lanes live[kTile], ended[kTile], red[kTile]{}, green[kTile]{}, blue[kTile]{};
  for (int row = 0; row < kTile; ++row) {
    live[row] = all_lanes(1.0f);  // T until the pixel has ended, then 0
    ended[row] = Lanes{};     // T at which it ended
  }
  for (int64_t e = plan.first_entry[tile]; e < plan.first_entry[tile + 1]; ++e) {
    if ((e - plan.first_entry[tile]) % kCheckEvery == kCheckEvery - 1 && all_ended(live)) break;
    const Splat& s = plan.splats[plan.entries[e].splat];
    const Lanes dx = px - s.x, half_a_dx2 = 0.5f * s.a * dx * dx, b_dx = s.b * dx;
    const Rows rows = rows_of(s, static_cast<float>(top));
    for (int row = rows.first; row < rows.end; ++row) {
      const Lanes alpha = coverage(s, half_a_dx2, b_dx, static_cast<float>(top + row) + 0.5f - s.y).alpha;
      const Lanes t = live[row], after = t * (1.0f - alpha);
      const Bits end = after < all_lanes(kMinTransmittance);
      const Lanes weight = end ? Lanes{} : alpha * t;
      red[row] += weight * s.red;
      green[row] += weight * s.green;
      blue[row] += weight * s.blue;
      ended[row] += end ? t : Lanes{};  // t is 0 from the second time on
      live[row] = end ? Lanes{} : after;
    }
  }
  const int columns = std::min(kTile, plan.width - left), rows = std::min(kTile, plan.height - top);
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      float* pixel = image + 3 * (static_cast<int64_t>(top + row) * plan.width + left + column);
      const float rest = live[row][column] + ended[row][column];
      pixel[0] = red[row][column] + rest * background[0];
      pixel[1] = green[row][column] + rest * background[1];
      pixel[2] = blue[row][column] + rest * background[2];
    }
}

// image: float32[height, width], the value of the Gaussian behind which less than half of the light is left; NaN where
// more than half of it passes all.
static void median_tile(const Plan& plan, int tile, const float* value, float* image) {
  const int left = tile % plan.tiles_x * kTile, top = tile / plan.tiles_x * kTile;
  const Lanes px = pixel_centres(static_cast<float>(left));
  Lanes live[kTile], open[kTile], found[kTile];  // T; 1 until the half is reached, then 0
  for (int row = 0; row < kTile; ++row) {
    live[row] = open[row] = all_lanes(1.0f);
    found[row] = all_lanes(NAN);
  }
  for (int64_t e = plan.first_entry[tile]; e < plan.first_entry[tile + 1]; ++e) {
    if ((e - plan.first_entry[tile]) % kCheckEvery == kCheckEvery - 1 && all_ended(open)) break;
    const int splat = plan.entries[e].splat;
    const Splat& s = plan.splats[splat];
    const Lanes here = all_lanes(value[plan.order[splat]]);
    const Lanes dx = px - s.x, half_a_dx2 = 0.5f * s.a * dx * dx, b_dx = s.b * dx;
    const Rows rows = rows_of(s, static_cast<float>(top));
    for (int row = rows.first; row < rows.end; ++row) {
      live[row] *= 1.0f - coverage(s, half_a_dx2, b_dx, static_cast<float>(top + row) + 0.5f - s.y).alpha;
      const Bits half = (live[row] < all_lanes(0.5f)) & (open[row] > Lanes{});
      found[row] = half ? here : found[row];
      open[row] = half ? Lanes{} : open[row];
    }
  }
  const int columns = std::min(kTile, plan.width - left), rows = std::min(kTile, plan.height - top);
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column)
      image[static_cast<int64_t>(top + row) * plan.width + left + column] = found[row][column];
}

// Front to back again. With the final colour known no per-pixel list is needed:
// dL/da_i = T_i (c_i . g) - ((C - sum_{j<=i} c_j a_j T_j) . g) / (1 - a_i), g = dL/dC.
static void backward_tile(const Plan& plan, int tile, const float* image, const float* grad_image, float* slots) {
  const int left = tile % plan.tiles_x * kTile, top = tile / plan.tiles_x * kTile;
  const int columns = std::min(kTile, plan.width - left), valid_rows = std::min(kTile, plan.height - top);
  const Lanes px = pixel_centres(static_cast<float>(left));
  Lanes live[kTile]{}, rest[kTile]{}, gr[kTile]{}, gg[kTile]{}, gb[kTile]{};
  for (int row = 0; row < valid_rows; ++row)
    for (int column = 0; column < columns; ++column) {
      const int64_t at = 3 * (static_cast<int64_t>(top + row) * plan.width + left + column);
      const float *g = grad_image + at, *c = image + at;
      live[row][column] = 1.0f;
      gr[row][column] = g[0];
      gg[row][column] = g[1];
      gb[row][column] = g[2];
      rest[row][column] = c[0] * g[0] + c[1] * g[1] + c[2] * g[2];
    }
  for (int64_t e = plan.first_entry[tile]; e < plan.first_entry[tile + 1]; ++e) {
    if ((e - plan.first_entry[tile]) % kCheckEvery == kCheckEvery - 1 && all_ended(live)) break;
    const Splat& s = plan.splats[plan.entries[e].splat];
    const Lanes dx = px - s.x, half_a_dx2 = 0.5f * s.a * dx * dx, b_dx = s.b * dx;
    // v = -dL/dpower; its moments in dy are summed by column, those in dx follow once at the end.
    Lanes v0{}, v1{}, v2{}, dr{}, dg{}, db{};
    const Rows rows = rows_of(s, static_cast<float>(top));
    for (int row = rows.first; row < rows.end; ++row) {
      const float dy = static_cast<float>(top + row) + 0.5f - s.y;
      const Coverage cover = coverage(s, half_a_dx2, b_dx, dy);
      const Lanes t = live[row], after = t * (1.0f - cover.alpha);
      const Bits end = after < all_lanes(kMinTransmittance);
      const Lanes weight = end ? Lanes{} : cover.alpha * t;
      const Lanes cg = s.red * gr[row] + s.green * gg[row] + s.blue * gb[row];
      rest[row] -= weight * cg;
      live[row] = end ? Lanes{} : after;
      const Lanes slope = t * cg - rest[row] / (1.0f - cover.alpha);
      const Bits still = end | cover.clamped;
      const Lanes v = still ? Lanes{} : slope * cover.alpha;
      v0 += v;
      v1 += v * dy;
      v2 += v * (dy * dy);
      dr += weight * gr[row];
      dg += weight * gg[row];
      db += weight * gb[row];
    }
    float* slot = slots + kSlotFloats * plan.entries[e].slot;
    const float s0 = sum(v0), sx = sum(v0 * dx), sy = sum(v1);
    slot[0] = s.a * sx + s.b * sy;
    slot[1] = s.b * sx + s.c * sy;
    slot[2] = -0.5f * sum(v0 * dx * dx);
    slot[3] = -sum(v1 * dx);
    slot[4] = -0.5f * sum(v2);
    slot[5] = s0 / s.opacity;
    slot[6] = sum(dr);
    slot[7] = sum(dg);
    slot[8] = sum(db);
  }
}

}  // namespace spaceport

using spaceport::Plan;

extern "C" {

// Sorts and bins; the result lives until spaceport_release. xy[n, 2] pixels (a pixel's centre is at .5),
// conic[n, 3] inverse covariance (xx, xy, yy), color[n, 3], depth[n]. Null when memory runs out.
void* spaceport_plan(int count, const float* xy, const float* conic, const float* opacity, const float* color,
                     const float* depth, int width, int height, int threads) try {
  return spaceport::make_plan(count, xy, conic, opacity, color, depth, width, height, threads).release();
} catch (const std::bad_alloc&) {
  return nullptr;
}

int64_t spaceport_intersections(const void* plan) {
  return static_cast<int64_t>(static_cast<const Plan*>(plan)->entries.size());
}

void spaceport_release(void* plan) { delete static_cast<Plan*>(plan); }

// image: float32[height, width, 3]
void spaceport_forward(const void* handle, const float* background, float* image) {
  const Plan& plan = *static_cast<const Plan*>(handle);
  spaceport::parallel_for(plan.tiles_x * plan.tiles_y, plan.threads,
                          [&](int tile) { spaceport::forward_tile(plan, tile, background, image); });
}

// value: float32[count], of each Gaussian, such as its depth. image: float32[height, width]
void spaceport_median(const void* handle, const float* value, float* image) {
  const Plan& plan = *static_cast<const Plan*>(handle);
  spaceport::parallel_for(plan.tiles_x * plan.tiles_y, plan.threads,
                          [&](int tile) { spaceport::median_tile(plan, tile, value, image); });
}

// grads: float32[count, 9], zero on entry: x y, conic xx xy yy, opacity, r g b. Sums run in a fixed order, so the
// result does not depend on the number of threads. Returns 0, or 1 when memory runs out.
int spaceport_backward(const void* handle, const float* image, const float* grad_image, float* grads) try {
  const Plan& plan = *static_cast<const Plan*>(handle);
  std::vector<float> slots(plan.entries.size() * spaceport::kSlotFloats, 0.0f);
  spaceport::parallel_for(plan.tiles_x * plan.tiles_y, plan.threads, [&](int tile) {
    spaceport::backward_tile(plan, tile, image, grad_image, slots.data());
  });
  for (std::size_t i = 0; i < plan.splats.size(); ++i) {
    float* out = grads + static_cast<int64_t>(spaceport::kSlotFloats) * plan.order[i];
    for (int64_t slot = plan.first_slot[i]; slot < plan.first_slot[i + 1]; ++slot)
      for (int k = 0; k < spaceport::kSlotFloats; ++k) out[k] += slots[slot * spaceport::kSlotFloats + k];
  }
  return 0;
} catch (const std::bad_alloc&) {
  return 1;
}
}
