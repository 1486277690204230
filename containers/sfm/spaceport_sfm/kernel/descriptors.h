// Orientations and descriptors of keypoints (Lowe 2004, sections 5 and 6) as VLFeat and COLMAP have them: 4 x 4 cells of
// 3 sigma and 8 directions, trilinear, cut off at 0.2, then the square root of the L1-normalised vector times 512.
#pragma once
#include "keypoints.h"
#include "lanes.h"

namespace spaceport {

constexpr int kDescriptorLength = 128;
constexpr float kTurn = 6.283185307179586f;

// Magnitude and direction (0 to 2 pi) of the gradient of a level.
struct Gradients {
  Image magnitude, direction;

  explicit Gradients(const Image& level)
      : magnitude(level.width, level.height), direction(level.width, level.height) {
    const int width = level.width, height = level.height;
    std::vector<float> along(width);
    for (int y = 0; y < height; ++y) {
      const float* row = level.row(y);
      const float *above = level.row(std::max(y - 1, 0)), *below = level.row(std::min(y + 1, height - 1));
      const float half = y == 0 || y == height - 1 ? 1.0f : 0.5f;
      for (int x = 1; x < width - 1; ++x) along[x] = 0.5f * (row[x + 1] - row[x - 1]);
      along[0] = row[1] - row[0];
      along[width - 1] = row[width - 1] - row[width - 2];
      float *__restrict to = magnitude.row(y), *__restrict turned = direction.row(y);
      for (int x = 0; x < width; ++x) {
        const float gx = along[x], gy = half * (below[x] - above[x]);
        to[x] = std::sqrt(gx * gx + gy * gy);
        turned[x] = angle(gy, gx);
      }
    }
  }

 private:
  // atan2 in 0 to 2 pi, within 0.01: a cubic in (x - |y|) / (x + |y|). Plain arithmetic, so that compilers vectorise it.
  static float angle(float y, float x) {
    const float up = std::abs(y) + 1.19209290e-7f;
    const bool ahead = x >= 0.0f;
    const float r = (ahead ? x - up : x + up) / (ahead ? x + up : up - x);
    const float positive = (ahead ? kTurn / 8 : 3 * kTurn / 8) + (0.1821f * r * r - 0.9675f) * r;
    const float full = y < 0.0f ? kTurn - positive : positive;
    return full >= kTurn ? full - kTurn : full;
  }
};

// Where a keypoint lies in the pixels of its octave.
struct Place {
  float x, y, sigma;
  int column, row;

  Place(const Keypoint& keypoint, int octave)
      : x(std::ldexp(keypoint.x, -octave)),
        y(std::ldexp(keypoint.y, -octave)),
        sigma(std::ldexp(keypoint.sigma, -octave)),
        column(static_cast<int>(x + 0.5f)),
        row(static_cast<int>(y + 0.5f)) {}
};

static inline Lanes counting(float from) {
  Lanes lanes;
  for (int i = 0; i < kLanes; ++i) lanes.set(i, from + i);
  return lanes;
}

// Main directions of the gradients around a keypoint, at most `most`, in the order of the histogram's bins.
static int orientations(const Gradients& gradients, const Keypoint& keypoint, int octave, int most, float* angles) {
  constexpr int kBins = 36;
  const Place place(keypoint, octave);
  const int width = gradients.magnitude.width, height = gradients.magnitude.height;
  if (place.column < 0 || place.column > width - 1 || place.row < 0 || place.row > height - 1) return 0;
  const float spread = 1.5f * place.sigma;
  const int reach = std::max(static_cast<int>(std::floor(3.0f * spread)), 1);
  float histogram[kBins] = {};
  const int first = std::max(place.column - reach, 0), last = std::min(place.column + reach, width - 1);
  for (int row = std::max(place.row - reach, 0); row <= std::min(place.row + reach, height - 1); ++row) {
    const float dy = row - place.y;
    const float *magnitude = gradients.magnitude.row(row), *direction = gradients.direction.row(row);
    for (int column = first; column <= last; column += kLanes) {
      const int count = std::min(last - column + 1, kLanes);
      const Lanes dx = counting(column - place.x);
      const Lanes distance = dx * dx + dy * dy;
      const Lanes window = exponential(distance * (-1.0f / (2 * spread * spread)));
      const Lanes weight = load_lanes(magnitude + column) * window;
      const Lanes turned = load_lanes(direction + column) * (kBins / kTurn) + (kBins - 0.5f);
      const Bits bin = whole(turned);
      const Lanes part = turned - real(bin);
      for (int i = 0; i < count; ++i) {
        if (distance[i] >= reach * reach + 0.6f) continue;
        const int lower = bin[i] % kBins, upper = lower + 1 < kBins ? lower + 1 : 0;
        histogram[lower] += (1.0f - part[i]) * weight[i];
        histogram[upper] += part[i] * weight[i];
      }
    }
  }
  for (int round = 0; round < 6; ++round) {
    float before = histogram[kBins - 1];
    const float start = histogram[0];
    for (int i = 0; i < kBins; ++i) {
      const float after = i + 1 < kBins ? histogram[i + 1] : start;
      const float mean = (before + histogram[i] + after) / 3.0f;
      before = histogram[i];
      histogram[i] = mean;
    }
  }
  const float highest = *std::max_element(histogram, histogram + kBins);
  int found = 0;
  for (int i = 0; i < kBins && found < most; ++i) {
    const float here = histogram[i], before = histogram[(i + kBins - 1) % kBins], after = histogram[(i + 1) % kBins];
    if (here > 0.8f * highest && here > before && here > after) {
      const float offset = -0.5f * (after - before) / (after + before - 2 * here);
      angles[found++] = kTurn * (i + offset + 0.5f) / kBins;
    }
  }
  return found;
}

// Sums of gradients around one keypoint, by cell and direction. A pixel adds to two cells each way and two directions:
// eight neighbouring floats hold these parts, and are laid onto cells only at the end, so that each pixel is one sum.
class CellSums {
 public:
  CellSums() { std::memset(sums_, 0, sizeof sums_); }

  // u, v: cells from the middle of the first one, -1 to 4; t: direction, 0 to 8.
  void add(int u, int v, int t, float du, float dv, float dt, float weight) {
    const Eight ones = {1, 0, 1, 0, 1, 0, 1, 0}, turn = {-1, 1, -1, 1, -1, 1, -1, 1};
    const Eight columns_one = {1, 1, 0, 0, 1, 1, 0, 0}, columns = {-1, -1, 1, 1, -1, -1, 1, 1};
    const Eight rows_one = {1, 1, 1, 1, 0, 0, 0, 0}, rows = {-1, -1, -1, -1, 1, 1, 1, 1};
    Eight* cell = &sums_[(v + 1) * kAcross + u + 1][t];
    *cell += (ones + turn * dt) * (columns_one + columns * du) * ((rows_one + rows * dv) * weight);
  }

  // float[128]: rows of cells, cells, directions.
  void lay_out(float* descriptor) const {
    for (int row = 0; row < 4; ++row) {
      for (int column = 0; column < 4; ++column) {
        float totals[9] = {};  // the last one belongs to the first direction
        for (int part = 0; part < 8; part += 2) {
          const Eight* cell = sums_[(row + 1 - (part >> 2)) * kAcross + column + 1 - ((part >> 1) & 1)];
          for (int t = 0; t < 8; ++t) {
            totals[t] += cell[t][part];
            totals[t + 1] += cell[t][part + 1];
          }
        }
        totals[0] += totals[8];
        std::copy_n(totals, 8, descriptor + (row * 4 + column) * 8);
      }
    }
  }

 private:
  static constexpr int kAcross = 5;
  Eight sums_[kAcross * kAcross][8];
};

// Columns dx in [first, last] where |across * dx + offset| < limit.
static void narrow(float across, float offset, float limit, int& first, int& last) {
  if (std::abs(across) < 1e-6f) {
    if (std::abs(offset) >= limit) last = first - 1;
    return;
  }
  const float one = (-limit - offset) / across, other = (limit - offset) / across;
  first = std::max(first, static_cast<int>(std::floor(std::min(one, other))));
  last = std::min(last, static_cast<int>(std::ceil(std::max(one, other))));
}

static void describe(const Gradients& gradients, const Keypoint& keypoint, int octave, float angle,
                     uint8_t* descriptor) {
  const Place place(keypoint, octave);
  const int width = gradients.magnitude.width, height = gradients.magnitude.height;
  const float cell = 3.0f * place.sigma, cosine = std::cos(angle) / cell, sine = std::sin(angle) / cell;
  const int reach = static_cast<int>(std::floor(std::sqrt(2.0f) * cell * 2.5f + 0.5f));
  CellSums sums;
  for (int row = std::max(place.row - reach, 1); row <= std::min(place.row + reach, height - 2); ++row) {
    const float dy = row - place.y;
    int first = std::max(-reach, 1 - place.column), last = std::min(reach, width - 2 - place.column);
    const float shift = place.column - place.x;  // dx = column + shift, for columns counted from the keypoint's
    narrow(cosine, cosine * shift + sine * dy, 2.5f, first, last);
    narrow(-sine, -sine * shift + cosine * dy, 2.5f, first, last);
    const float *magnitude = gradients.magnitude.row(row), *direction = gradients.direction.row(row);
    for (int start = first; start <= last; start += kLanes) {
      const int column = place.column + start, count = std::min(last - start + 1, kLanes);
      const Lanes dx = counting(column - place.x);
      const Lanes nx = cosine * dx + sine * dy, ny = cosine * dy - sine * dx;
      const Lanes weight = load_lanes(magnitude + column) * exponential((nx * nx + ny * ny) * -0.125f);
      Lanes turned = load_lanes(direction + column) - angle;
      turned = chosen(turned < 0.0f, turned + kTurn, turned);
      turned *= 8 / kTurn;
      const Lanes u = nx + 2.5f, v = ny + 2.5f;  // from the middle of the cell before the first
      const Bits inside = (u >= 0.0f) & (u < 5.0f) & (v >= 0.0f) & (v < 5.0f);
      const Bits u_cell = whole(u), v_cell = whole(v), t_bin = whole(turned);
      const Lanes du = u - real(u_cell), dv = v - real(v_cell), dt = turned - real(t_bin);
      for (int i = 0; i < count; ++i) {
        if (inside[i]) sums.add(u_cell[i] - 1, v_cell[i] - 1, t_bin[i] & 7, du[i], dv[i], dt[i], weight[i]);
      }
    }
  }
  float values[kDescriptorLength];
  sums.lay_out(values);
  auto scale_to_one = [&] {
    float squares = 0.0f;
    for (float value : values) squares += value * value;
    const float norm = std::sqrt(squares) + 1.19209290e-7f;
    for (float& value : values) value /= norm;
  };
  scale_to_one();
  for (float& value : values) value = std::min(value, 0.2f);
  scale_to_one();
  float total = 0.0f;
  for (float value : values) total += value;
  for (int i = 0; i < kDescriptorLength; ++i) {
    const float root = total > 0.0f ? std::sqrt(values[i] / total) : 0.0f;
    const int at = (i & ~7) | ((8 - (i & 7)) & 7);  // directions counted the other way round, as SiftGPU does
    descriptor[at] = static_cast<uint8_t>(std::min(std::lround(512.0f * root), 255l));
  }
}

}  // namespace spaceport
