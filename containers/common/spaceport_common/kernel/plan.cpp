#include "plan.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "parallel.h"

namespace spaceport {

constexpr float kLog2E = 1.44269504088896341f;
constexpr float kSlack = 1e-2f;  // pixels: rounding never drops a tile that the alpha test would keep

struct TileRange {
  int x0, x1, y0, y1;  // half open
};

struct Visit {
  int32_t tile;
  uint32_t blocks;
};

// A run of splats, near to far, that one thread bins: `starts` is first what falls into each tile, then where it goes.
struct Run {
  int first, end;
  std::vector<Visit> visits;
  std::vector<int64_t> starts;
};

// Input indices by depth, near to far, equal depths in their order; least significant digits first.
static std::vector<int32_t> sorted_by_depth(int count, const float* opacity, const float* depth) {
  constexpr int kDigits = 3, kBits = 11, kValues = 1 << kBits;
  struct Key {
    uint32_t depth;
    int32_t index;
  };
  std::vector<Key> keys;
  keys.reserve(count);
  std::vector<uint32_t> starts(kDigits * kValues, 0);
  for (int i = 0; i < count; ++i) {
    if (!(opacity[i] >= kMinAlpha && std::isfinite(depth[i]))) continue;
    uint32_t bits;
    std::memcpy(&bits, &depth[i], sizeof bits);
    bits ^= bits >> 31 ? 0xffffffffu : 0x80000000u;  // in the order of the numbers, also below 0
    keys.push_back({bits, i});
    for (int digit = 0; digit < kDigits; ++digit) ++starts[digit * kValues + (bits >> digit * kBits) % kValues];
  }
  std::vector<Key> other(keys.size());
  for (int digit = 0; digit < kDigits; ++digit) {
    uint32_t* start = starts.data() + digit * kValues;
    uint32_t total = 0;
    for (int value = 0; value < kValues; ++value) {
      const uint32_t here = start[value];
      start[value] = total;
      total += here;
    }
    for (const Key& key : keys) other[start[(key.depth >> digit * kBits) % kValues]++] = key;
    keys.swap(other);
  }
  std::vector<int32_t> order(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) order[i] = keys[i].index;
  return order;
}

static int tile_index(float pixels, int tiles) {
  return static_cast<int>(std::clamp(std::floor(pixels / kTile), 0.0f, static_cast<float>(tiles)));
}

// Tiles that the box around alpha >= 1/255 touches; none where nothing is drawn. `determinant`: of the conic.
static TileRange tiles_of(const Plan& plan, float x, float y, const float* conic, float determinant, float limit) {
  if (!(determinant > 0.0f && conic[0] > 0.0f && std::isfinite(x) && std::isfinite(y))) return {};
  const float half_width = std::sqrt(limit * conic[2] / determinant) + kSlack;
  const float half_height = std::sqrt(limit * conic[0] / determinant) + kSlack;
  return {tile_index(x - half_width, plan.tiles_x), tile_index(x + half_width + kTile, plan.tiles_x),
          tile_index(y - half_height, plan.tiles_y), tile_index(y + half_height + kTile, plan.tiles_y)};
}

static Lanes clamped(const Lanes& v, const Lanes& low, const Lanes& high) { return smaller(larger(v, low), high); }

// Blocks of a tile whose pixels' largest alpha may reach 1/255. The exponent is concave, so that over a rectangle it is
// largest at the centre, or else on an edge that faces it.
static uint32_t blocks_of(const Splat& s, float threshold, const Lanes& left, const Lanes& top, float by_a,
                          float by_c) {
  const Lanes x0 = left - s.x, x1 = x0 + (kBlock - 1.0f), y0 = top - s.y, y1 = y0 + (kBlock - 1.0f);
  const Lanes edge_x = clamped(0.0f, x0, x1), edge_y = clamped(0.0f, y0, y1);
  const Lanes along_y = clamped(edge_x * by_c, y0, y1), along_x = clamped(edge_y * by_a, x0, x1);
  auto exponent = [&](const Lanes& dx, const Lanes& dy) { return dx * (s.a * dx + s.b * dy) + s.c * dy * dy; };
  return mask_of(larger(exponent(edge_x, along_y), exponent(along_x, edge_y)) >= threshold);
}

static void bin(Plan& plan, const float* xy, const float* conic, const float* opacity, const float* color, Run& run) {
  run.starts.assign(static_cast<std::size_t>(plan.tiles_x) * plan.tiles_y, 0);
  Lanes left, top;  // centres of the blocks' first pixels, in a tile
  for (int i = 0; i < kBlocks; ++i) {
    left.set(i, static_cast<float>(i % 4 * kBlock) + 0.5f);
    top.set(i, static_cast<float>(i / 4 * kBlock) + 0.5f);
  }
  for (int place = run.first; place < run.end; ++place) {
    const int64_t i = plan.order[place];
    const float *q = conic + 3 * i, *rgb = color + 3 * i;
    const float log2_opacity = std::log2(opacity[i]);
    const Splat s{xy[2 * i],    xy[2 * i + 1], -0.5f * kLog2E * q[0], -kLog2E * q[1], -0.5f * kLog2E * q[2],
                  log2_opacity, opacity[i],    rgb[0],                rgb[1],         rgb[2]};
    plan.splats[place] = s;
    const float limit = 2.0f * std::log(s.opacity / kMinAlpha);
    const TileRange range = tiles_of(plan, s.x, s.y, q, q[0] * q[2] - q[1] * q[1], limit);
    const float threshold = -0.5f * kLog2E * (limit * 1.0001f + 1e-4f);
    const float by_a = -0.5f * s.b / s.a, by_c = -0.5f * s.b / s.c;
    const std::size_t before = run.visits.size();
    for (int ty = range.y0; ty < range.y1; ++ty)
      for (int tx = range.x0; tx < range.x1; ++tx) {
        const uint32_t blocks = blocks_of(s, threshold, left + static_cast<float>(tx * kTile),
                                          top + static_cast<float>(ty * kTile), by_a, by_c);
        if (blocks == 0) continue;
        run.visits.push_back({ty * plan.tiles_x + tx, blocks});
        ++run.starts[ty * plan.tiles_x + tx];
      }
    plan.first_slot[place + 1] = static_cast<int64_t>(run.visits.size() - before);
  }
}

static void fill(Plan& plan, Run& run) {
  std::size_t visit = 0;
  for (int place = run.first; place < run.end; ++place)
    for (int64_t slot = plan.first_slot[place]; slot < plan.first_slot[place + 1]; ++slot, ++visit)
      plan.entries[run.starts[run.visits[visit].tile]++] = {place, run.visits[visit].blocks, slot};
}

std::unique_ptr<Plan> make_plan(int count, const float* xy, const float* conic, const float* opacity,
                                const float* color, const float* depth, int width, int height, int threads) {
  auto plan = std::make_unique<Plan>();
  plan->width = width;
  plan->height = height;
  plan->threads = threads;
  plan->tiles_x = (width + kTile - 1) / kTile;
  plan->tiles_y = (height + kTile - 1) / kTile;
  plan->order = sorted_by_depth(count, opacity, depth);
  const int kept = static_cast<int>(plan->order.size()), tiles = plan->tiles_x * plan->tiles_y;
  plan->splats.resize(kept);
  plan->first_slot.assign(kept + 1, 0);

  constexpr int kShortestRun = 1024, kRunsOfThread = 4;
  const int length = std::max(kShortestRun, kept / (kRunsOfThread * std::max(1, threads)) + 1);
  std::vector<Run> runs((kept + length - 1) / length);
  const int count_of_runs = static_cast<int>(runs.size());
  for (int r = 0; r < count_of_runs; ++r) {
    runs[r].first = r * length;
    runs[r].end = std::min(kept, (r + 1) * length);
  }
  parallel_for(count_of_runs, threads, [&](int r) { bin(*plan, xy, conic, opacity, color, runs[r]); });

  for (int place = 0; place < kept; ++place) plan->first_slot[place + 1] += plan->first_slot[place];
  plan->first_entry.resize(tiles + 1);
  int64_t total = 0;
  for (int tile = 0; tile < tiles; ++tile) {
    plan->first_entry[tile] = total;
    for (Run& run : runs) {
      const int64_t here = run.starts[tile];
      run.starts[tile] = total;
      total += here;
    }
  }
  plan->first_entry[tiles] = total;
  plan->entries.resize(total);
  parallel_for(count_of_runs, threads, [&](int r) { fill(*plan, runs[r]); });
  return plan;
}

}  // namespace spaceport
