// Tile rasteriser for projected (EWA) Gaussians, forward and backward, behind a C ABI.
//
// A pixel's colour is C = sum_i c_i a_i T_i + T_end * background, T_i = prod_{j<i} (1 - a_j), over Gaussians sorted by
// depth, a_i = min(0.99, o_i exp(-power)), power = (A dx^2 + C dy^2) / 2 + B dx dy (3D Gaussian splatting, Kerbl et
// al. 2023, eq. 2 to 6). Contributions with a_i < 1/255 are left out; a pixel ends before T falls below 1e-4.
// The torch rasteriser (rasterizers/torch_tiles.py) states the same rules and is the oracle of the tests.
//
// Sixteen pixels at a time, blocks of four by four, which small Gaussians leave less of empty than rows of sixteen.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <new>

#include "lanes.h"
#include "parallel.h"
#include "plan.h"

namespace spaceport {

constexpr float kMaxAlpha = 0.99f;
constexpr float kMinTransmittance = 1e-4f;
constexpr float kLn2 = 0.69314718055994531f;
constexpr int kSlotFloats = 9;  // gradient of one Gaussian from one tile: x y, A B C, opacity, r g b
constexpr int kCheckEvery = 8;  // Gaussians between two looks at which blocks have a pixel that has not ended
constexpr int kReduced = 512;   // Gaussians whose slots a thread adds up at once

// A tile's part of the picture: where it begins, and how much of it is in the picture.
struct Place {
  int left, top, columns, rows, width;

  Place(const Plan& plan, int tile)
      : left(tile % plan.tiles_x * kTile),
        top(tile / plan.tiles_x * kTile),
        columns(std::min(kTile, plan.width - left)),
        rows(std::min(kTile, plan.height - top)),
        width(plan.width) {}

  int64_t pixel(int row) const { return static_cast<int64_t>(top + row) * width + left; }  // the row's first
};

using TileRow = float[kTile];

static void put(const TileRow& from, int row, Lanes* blocks) {
  for (int i = 0; i < kTile / kBlock; ++i)
    std::memcpy(reinterpret_cast<char*>(&blocks[row / kBlock * kBlock + i]) + row % kBlock * kBlock * sizeof(float),
                from + i * kBlock, kBlock * sizeof(float));
}

static void take(const Lanes* blocks, int row, TileRow& to) {
  for (int i = 0; i < kTile / kBlock; ++i)
    std::memcpy(to + i * kBlock,
                reinterpret_cast<const char*>(&blocks[row / kBlock * kBlock + i]) +
                    row % kBlock * kBlock * sizeof(float),
                kBlock * sizeof(float));
}

// A row of red, green and blue apart from pixels that lie together; beyond `columns` it stays as it is.
static void split(const float* pixels, int columns, TileRow& red, TileRow& green, TileRow& blue) {
  for (int i = 0; i < columns; ++i) {
    red[i] = pixels[3 * i];
    green[i] = pixels[3 * i + 1];
    blue[i] = pixels[3 * i + 2];
  }
}

// Pixel centres of a tile's first block, relative to a Gaussian.
struct Offsets {
  Lanes x, y;

  explicit Offsets(const Place& place) {
    for (int i = 0; i < kLanes; ++i) {
      x.set(i, static_cast<float>(place.left + i % kBlock) + 0.5f);
      y.set(i, static_cast<float>(place.top + i / kBlock) + 0.5f);
    }
  }
};

// Pixels from a tile's first block to each.
constexpr float kAcross[kBlocks] = {0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12};
constexpr float kDown[kBlocks] = {0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12};

struct Coverage {
  Lanes dx, dy;
  Lanes alpha;   // 0 below 1/255
  Bits clamped;  // where alpha does not follow the exponent
};

static inline Coverage coverage(const Splat& s, const Lanes& x, const Lanes& y, int block) {
  Coverage c;
  c.dx = x + kAcross[block];
  c.dy = y + kDown[block];
  const Lanes raw = power_of_two(c.dx * (s.a * c.dx + s.b * c.dy) + (s.c * c.dy * c.dy + s.log2_opacity));
  c.clamped = raw > kMaxAlpha;
  c.alpha = chosen(raw < kMinAlpha, 0.0f, smaller(raw, kMaxAlpha));
  return c;
}

// Calls draw(entry, splat, x, y, block) for each block that a Gaussian of the tile reaches, near to far, as long as a
// pixel of live[block] is above 0, that is, has not ended; and done(entry, splat) after a Gaussian's last block, also
// where it has none. x, y: of the centres of the tile's first block, relative to the Gaussian.
template <typename Draw, typename Done>
static void walk(const Plan& plan, int tile, const Place& place, const Lanes* live, const Draw& draw,
                 const Done& done) {
  const Offsets at(place);
  uint32_t open = 0xffff;
  int until_check = kCheckEvery;
  for (int64_t e = plan.first_entry[tile]; e < plan.first_entry[tile + 1]; ++e) {
    const Entry& entry = plan.entries[e];
    const Splat& s = plan.splats[entry.splat];
    if (--until_check == 0) {
      until_check = kCheckEvery;
      for (int block = 0; block < kBlocks; ++block)
        if (open >> block & 1 && !any(live[block] > 0.0f)) open &= ~(1u << block);
    }
    const Lanes x = at.x - s.x, y = at.y - s.y;
    for (uint32_t left = entry.blocks & open; left != 0; left &= left - 1) draw(entry, s, x, y, __builtin_ctz(left));
    done(entry, s);
  }
}

// image: float32[height, width, 3]
static void forward_tile(const Plan& plan, int tile, const float* background, float* image) {
  const Place place(plan, tile);
  Lanes live[kBlocks], red[kBlocks]{}, green[kBlocks]{}, blue[kBlocks]{};
  for (Lanes& t : live) t = 1.0f;  // T, and from where a pixel has ended -T
  walk(
      plan, tile, place, live,
      [&](const Entry&, const Splat& s, const Lanes& x, const Lanes& y, int block) {
        const Lanes alpha = coverage(s, x, y, block).alpha;
        const Lanes before = live[block], t = larger(before, 0.0f), after = t - t * alpha;
        const Bits end = after < kMinTransmittance;
        const Lanes weight = chosen(end, 0.0f, alpha * t);
        red[block] += weight * s.red;
        green[block] += weight * s.green;
        blue[block] += weight * s.blue;
        live[block] = chosen(end, smaller(before, -before), after);
      },
      [](const Entry&, const Splat&) {});
  for (int row = 0; row < place.rows; ++row) {
    TileRow r, g, b, rest;
    take(red, row, r);
    take(green, row, g);
    take(blue, row, b);
    take(live, row, rest);
    float* pixels = image + 3 * place.pixel(row);
    for (int i = 0; i < place.columns; ++i) {
      pixels[3 * i] = r[i] + std::fabs(rest[i]) * background[0];
      pixels[3 * i + 1] = g[i] + std::fabs(rest[i]) * background[1];
      pixels[3 * i + 2] = b[i] + std::fabs(rest[i]) * background[2];
    }
  }
}

// image: float32[height, width], the value of the Gaussian behind which less than half of the light is left; NaN where
// more than half of it passes all.
static void median_tile(const Plan& plan, int tile, const float* value, float* image) {
  const Place place(plan, tile);
  Lanes live[kBlocks], found[kBlocks];  // T until the half is reached, then 0
  for (int block = 0; block < kBlocks; ++block) {
    live[block] = 1.0f;
    found[block] = NAN;
  }
  walk(
      plan, tile, place, live,
      [&](const Entry& entry, const Splat& s, const Lanes& x, const Lanes& y, int block) {
        const Lanes t = live[block], after = t - t * coverage(s, x, y, block).alpha;
        const Bits end = after < 0.5f;
        found[block] = chosen(end & (t > 0.0f), value[plan.order[entry.splat]], found[block]);
        live[block] = chosen(end, 0.0f, after);
      },
      [](const Entry&, const Splat&) {});
  for (int row = 0; row < place.rows; ++row) {
    TileRow values;
    take(found, row, values);
    std::copy(values, values + place.columns, image + place.pixel(row));
  }
}

// Front to back again. With the final colour known no per-pixel list is needed:
// dL/da_i = T_i (c_i . g) - ((C - sum_{j<=i} c_j a_j T_j) . g) / (1 - a_i), g = dL/dC.
static void backward_tile(const Plan& plan, int tile, const float* image, const float* grad_image, float* slots) {
  const Place place(plan, tile);
  Lanes live[kBlocks]{}, rest[kBlocks]{}, gr[kBlocks]{}, gg[kBlocks]{}, gb[kBlocks]{};
  for (int row = 0; row < place.rows; ++row) {
    TileRow r{}, g{}, b{}, pr{}, pg{}, pb{}, one{}, sum{};
    split(grad_image + 3 * place.pixel(row), place.columns, r, g, b);
    split(image + 3 * place.pixel(row), place.columns, pr, pg, pb);
    std::fill(one, one + place.columns, 1.0f);
    for (int i = 0; i < kTile; ++i) sum[i] = r[i] * pr[i] + g[i] * pg[i] + b[i] * pb[i];
    put(r, row, gr);
    put(g, row, gg);
    put(b, row, gb);
    put(one, row, live);
    put(sum, row, rest);
  }
  Lanes v0{}, vx{}, vy{}, vxx{}, vxy{}, vyy{}, dr{}, dg{}, db{};  // v = -dL/dpower, and its moments; of one Gaussian
  walk(
      plan, tile, place, live,
      [&](const Entry&, const Splat& s, const Lanes& x, const Lanes& y, int block) {
        const Coverage c = coverage(s, x, y, block);
        const Lanes t = live[block], after = t - t * c.alpha;
        const Bits end = after < kMinTransmittance;
        const Lanes weight = chosen(end, 0.0f, c.alpha * t);
        const Lanes cg = s.red * gr[block] + s.green * gg[block] + s.blue * gb[block];
        rest[block] -= weight * cg;
        live[block] = chosen(end, 0.0f, after);
        const Lanes slope = t * cg - rest[block] / (1.0f - c.alpha);
        const Bits still = end | c.clamped;
        const Lanes v = chosen(still, 0.0f, slope * c.alpha);
        const Lanes by_x = v * c.dx, by_y = v * c.dy;
        v0 += v;
        vx += by_x;
        vy += by_y;
        vxx += by_x * c.dx;
        vxy += by_x * c.dy;
        vyy += by_y * c.dy;
        dr += weight * gr[block];
        dg += weight * gg[block];
        db += weight * gb[block];
      },
      [&](const Entry& entry, const Splat& s) {
        float* slot = slots + kSlotFloats * entry.slot;
        const float sx = kLn2 * sum(vx), sy = kLn2 * sum(vy);
        slot[0] = -2.0f * s.a * sx - s.b * sy;
        slot[1] = -s.b * sx - 2.0f * s.c * sy;
        slot[2] = -0.5f * sum(vxx);
        slot[3] = -sum(vxy);
        slot[4] = -0.5f * sum(vyy);
        slot[5] = sum(v0) / s.opacity;
        slot[6] = sum(dr);
        slot[7] = sum(dg);
        slot[8] = sum(db);
        v0 = vx = vy = vxx = vxy = vyy = dr = dg = db = Lanes{};
      });
}

static void for_tiles(const Plan& plan, void (*work)(const Plan&, int, const float*, float*), const float* in,
                      float* out) {
  parallel_for(plan.tiles_x * plan.tiles_y, plan.threads, [&](int tile) { work(plan, tile, in, out); });
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
  spaceport::for_tiles(*static_cast<const Plan*>(handle), spaceport::forward_tile, background, image);
}

// value: float32[count], of each Gaussian, such as its depth. image: float32[height, width]
void spaceport_median(const void* handle, const float* value, float* image) {
  spaceport::for_tiles(*static_cast<const Plan*>(handle), spaceport::median_tile, value, image);
}

// grads: float32[count, 9], zero on entry: x y, conic xx xy yy, opacity, r g b. Sums run in a fixed order, so the
// result does not depend on the number of threads. Returns 0, or 1 when memory runs out.
int spaceport_backward(const void* handle, const float* image, const float* grad_image, float* grads) try {
  using namespace spaceport;
  const Plan& plan = *static_cast<const Plan*>(handle);
  const std::unique_ptr<float[]> slots(new float[plan.entries.size() * kSlotFloats]);
  parallel_for(plan.tiles_x * plan.tiles_y, plan.threads,
               [&](int tile) { backward_tile(plan, tile, image, grad_image, slots.get()); });
  const int kept = static_cast<int>(plan.splats.size());
  parallel_for((kept + kReduced - 1) / kReduced, plan.threads, [&](int part) {
    for (int i = part * kReduced; i < std::min(kept, (part + 1) * kReduced); ++i) {
      float* out = grads + static_cast<int64_t>(kSlotFloats) * plan.order[i];
      for (int64_t slot = plan.first_slot[i]; slot < plan.first_slot[i + 1]; ++slot)
        for (int k = 0; k < kSlotFloats; ++k) out[k] += slots[slot * kSlotFloats + k];
    }
  });
  return 0;
} catch (const std::bad_alloc&) {
  return 1;
}
}
