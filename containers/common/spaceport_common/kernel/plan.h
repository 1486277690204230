// Gaussians sorted by depth and binned into tiles, and within a tile into blocks of four by four pixels.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "lanes.h"

namespace spaceport {

constexpr int kTile = 16, kBlock = 4, kBlocks = 16;  // pixels; pixels; blocks of a tile, by rows
constexpr float kMinAlpha = 1.0f / 255.0f;

// log2 of its alpha at an offset from its centre: log2_opacity + a dx^2 + b dx dy + c dy^2.
struct Splat {
  float x, y, a, b, c, log2_opacity, opacity, red, green, blue;
};

// A Gaussian in a tile. `blocks`: bit i for the i-th block, where alpha may reach 1/255. `slot`: its gradient's place.
struct Entry {
  int32_t splat;
  uint32_t blocks;
  int64_t slot;
};

struct Plan {
  int width, height, tiles_x, tiles_y, threads;
  std::vector<int32_t> order;        // input index of each splat, near to far; transparent ones are absent
  std::vector<Splat> splats;
  std::vector<int64_t> first_slot;   // per splat, and one more
  std::vector<int64_t> first_entry;  // per tile, and one more
  std::vector<Entry> entries;        // per tile, near to far
};

// xy[n, 2] pixels (a pixel's centre is at .5), conic[n, 3] inverse covariance (xx, xy, yy), color[n, 3], depth[n].
// Throws std::bad_alloc.
std::unique_ptr<Plan> make_plan(int count, const float* xy, const float* conic, const float* opacity,
                                const float* color, const float* depth, int width, int height, int threads);

}  // namespace spaceport
