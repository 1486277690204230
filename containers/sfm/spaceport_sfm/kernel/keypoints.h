// Extrema of the differences of an octave's levels, refined to fractions of a pixel (Lowe 2004, sections 3.1 to 4.1;
// the order of operations and the thresholds are VLFeat's, which COLMAP uses).
#pragma once
#include <array>

#include "scale_space.h"

namespace spaceport {

struct Keypoint {
  int octave_index, level;  // level from 0: the Gaussian image nearest to it
  float x, y, sigma;        // in pixels of the photo, whose first pixel has its middle at 0
};

struct DetectionLimits {
  float peak, edge;
};

class Detector {
 public:
  Detector(const ScaleSpace& space, const DetectionLimits& limits) : space_(space), limits_(limits) {}

  // Keypoints of an octave by level, then row, then column.
  std::vector<std::vector<Keypoint>> detect(const Octave& octave, int octave_index) const {
    const int width = octave.levels[0].width, height = octave.levels[0].height, levels = space_.resolution;
    std::vector<std::vector<Keypoint>> found(levels);
    if (width < 3 || height < 3) return found;
    const int differences = levels + 2;
    std::vector<float> rows(static_cast<size_t>(differences) * 3 * width);  // of the last three rows
    auto difference = [&](int d, int y) { return rows.data() + (static_cast<size_t>(d) * 3 + y % 3) * width; };
    std::vector<uint8_t> extreme(width);
    Scratch scratch(width);
    for (int y = 0; y < height; ++y) {
      for (int d = 0; d < differences; ++d) {
        const float *lower = octave.levels[d].row(y), *upper = octave.levels[d + 1].row(y);
        float* to = difference(d, y);
        for (int x = 0; x < width; ++x) to[x] = upper[x] - lower[x];
      }
      if (y < 2) continue;
      for (int level = 0; level < levels; ++level) {
        std::array<const float*, 9> around;
        for (int d = 0; d < 3; ++d) {
          for (int r = 0; r < 3; ++r) around[3 * d + r] = difference(level + d, y - 2 + r);
        }
        mark_extremes(around, width, scratch, extreme.data());
        for (int x = 1; x < width - 1; ++x) {
          if (extreme[x]) refine(octave, octave_index, x, y - 1, level, found[level]);
        }
      }
    }
    return found;
  }

 private:
  struct Scratch {
    explicit Scratch(int width) : most(width), least(width), most_with(width), least_with(width) {}
    std::vector<float> most, least, most_with, least_with;
  };

  // extreme[x] = 1 where the middle pixel (around[4][x]) is beyond all of its 26 neighbours.
  void mark_extremes(const std::array<const float*, 9>& around, int width, Scratch& scratch, uint8_t* extreme) const {
    const float threshold = 0.8f * limits_.peak;
    float *__restrict most = scratch.most.data(), *__restrict least = scratch.least.data();
    float *__restrict most_with = scratch.most_with.data(), *__restrict least_with = scratch.least_with.data();
    const float *a = around[0], *b = around[1], *c = around[2], *d = around[3], *middle = around[4];
    const float *e = around[5], *f = around[6], *g = around[7], *h = around[8];
    for (int x = 0; x < width; ++x) {
      const float high = std::max(std::max(std::max(a[x], b[x]), std::max(c[x], d[x])),
                                  std::max(std::max(e[x], f[x]), std::max(g[x], h[x])));
      const float low = std::min(std::min(std::min(a[x], b[x]), std::min(c[x], d[x])),
                                 std::min(std::min(e[x], f[x]), std::min(g[x], h[x])));
      most[x] = high;
      least[x] = low;
      most_with[x] = std::max(high, middle[x]);
      least_with[x] = std::min(low, middle[x]);
    }
    for (int x = 1; x < width - 1; ++x) {
      const float value = middle[x];
      const float high = std::max(most[x], std::max(most_with[x - 1], most_with[x + 1]));
      const float low = std::min(least[x], std::min(least_with[x - 1], least_with[x + 1]));
      const bool top = (value >= threshold) & (value > high), bottom = (value <= -threshold) & (value < low);
      extreme[x] = top | bottom;
    }
  }

  void refine(const Octave& octave, int octave_index, int x, int y, int level, std::vector<Keypoint>& found) const {
    const int width = octave.levels[0].width, height = octave.levels[0].height;
    auto at = [&](int dx, int dy, int ds) {
      const int d = level + 1 + ds;
      return static_cast<double>(octave.levels[d + 1].row(y + dy)[x + dx]) -
             static_cast<double>(octave.levels[d].row(y + dy)[x + dx]);
    };
    double offset[3] = {0, 0, 0}, slope[3], xx = 0, yy = 0, xy = 0;
    for (int round = 0, move_x = 0, move_y = 0; round < 5; ++round) {
      x += move_x;
      y += move_y;
      const double here = at(0, 0, 0);
      slope[0] = 0.5 * (at(1, 0, 0) - at(-1, 0, 0));
      slope[1] = 0.5 * (at(0, 1, 0) - at(0, -1, 0));
      slope[2] = 0.5 * (at(0, 0, 1) - at(0, 0, -1));
      xx = at(1, 0, 0) + at(-1, 0, 0) - 2 * here;
      yy = at(0, 1, 0) + at(0, -1, 0) - 2 * here;
      const double ss = at(0, 0, 1) + at(0, 0, -1) - 2 * here;
      xy = 0.25 * (at(1, 1, 0) + at(-1, -1, 0) - at(-1, 1, 0) - at(1, -1, 0));
      const double xs = 0.25 * (at(1, 0, 1) + at(-1, 0, -1) - at(-1, 0, 1) - at(1, 0, -1));
      const double ys = 0.25 * (at(0, 1, 1) + at(0, -1, -1) - at(0, -1, 1) - at(0, 1, -1));
      if (!solve(xx, yy, ss, xy, xs, ys, slope, offset)) {
        offset[0] = offset[1] = offset[2] = 0;
        break;
      }
      move_x = (offset[0] > 0.6 && x < width - 2 ? 1 : 0) + (offset[0] < -0.6 && x > 1 ? -1 : 0);
      move_y = (offset[1] > 0.6 && y < height - 2 ? 1 : 0) + (offset[1] < -0.6 && y > 1 ? -1 : 0);
      if (move_x == 0 && move_y == 0) break;
    }
    const double value = at(0, 0, 0) + 0.5 * (slope[0] * offset[0] + slope[1] * offset[1] + slope[2] * offset[2]);
    const double elongation = (xx + yy) * (xx + yy) / (xx * yy - xy * xy), edge = limits_.edge;
    const double px = x + offset[0], py = y + offset[1], ps = level + offset[2];
    const bool good = std::abs(value) > limits_.peak && elongation < (edge + 1) * (edge + 1) / edge &&
                      elongation >= 0 && std::abs(offset[0]) < 1.5 && std::abs(offset[1]) < 1.5 &&
                      std::abs(offset[2]) < 1.5 && px >= 0 && px <= width - 1 && py >= 0 && py <= height - 1 &&
                      ps >= -1 && ps <= space_.resolution + 1;
    if (!good) return;
    const double pixel = std::pow(2.0, octave.number);
    const double sigma = space_.sigma_zero() * std::pow(2.0, ps / space_.resolution) * pixel;
    found.push_back({octave_index, level, static_cast<float>(px * pixel), static_cast<float>(py * pixel),
                     static_cast<float>(sigma)});
  }

  // Offset of the extremum: -H^-1 g by Cramer's rule. False where H is singular.
  static bool solve(double xx, double yy, double ss, double xy, double xs, double ys, const double g[3],
                    double offset[3]) {
    const double c0 = yy * ss - ys * ys, c1 = xs * ys - xy * ss, c2 = xy * ys - xs * yy;
    const double determinant = xx * c0 + xy * c1 + xs * c2;
    const double largest = std::max({std::abs(xx), std::abs(yy), std::abs(ss)});
    if (!(std::abs(determinant) > 1e-10 * largest * largest * largest)) return false;
    const double d1 = xx * ss - xs * xs, d2 = xy * xs - xx * ys, e2 = xx * yy - xy * xy;
    offset[0] = -(c0 * g[0] + c1 * g[1] + c2 * g[2]) / determinant;
    offset[1] = -(c1 * g[0] + d1 * g[1] + d2 * g[2]) / determinant;
    offset[2] = -(c2 * g[0] + d2 * g[1] + e2 * g[2]) / determinant;
    return true;
  }

  const ScaleSpace& space_;
  const DetectionLimits& limits_;
};

}  // namespace spaceport
