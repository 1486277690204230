// The Gaussian scale space of a grey image, octave by octave (Lowe 2004, section 3), with the constants of VLFeat and
// COLMAP: level -1 of octave 0 is blurred to 1.6 pixels, the photo itself counts as blurred by 0.5.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace spaceport {

typedef float Eight __attribute__((vector_size(32)));

static inline Eight load_eight(const float* from) {
  Eight value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

static inline void store_eight(float* to, const Eight& value) { std::memcpy(to, &value, sizeof value); }

// Memory of images that a thread is done with, for its next ones: fresh pages cost as much as blurring does. Kept until
// the thread ends, or a photo of another size comes.
class Spare {
 public:
  static std::unique_ptr<float[]> take(size_t floats) {
    for (auto& [size, memory] : kept()) {
      if (size == floats && memory) return std::move(memory);
    }
    return std::unique_ptr<float[]>(new float[floats]);
  }

  static void give(size_t floats, std::unique_ptr<float[]> memory) noexcept try {
    for (auto& [size, place] : kept()) {
      if (size == floats && !place) {
        place = std::move(memory);
        return;
      }
    }
    kept().emplace_back(floats, std::move(memory));
  } catch (...) {  // no memory for the list: the image's own is freed
  }

  // Before a photo.
  static void keep_for(size_t pixels) {
    thread_local size_t kept_for = 0;
    if (kept_for != pixels) kept().clear();
    kept_for = pixels;
  }

 private:
  static std::vector<std::pair<size_t, std::unique_ptr<float[]>>>& kept() {
    thread_local std::vector<std::pair<size_t, std::unique_ptr<float[]>>> list;
    return list;
  }
};

// Rows of floats, not set at first. A few floats behind the last row can be read too, whatever they are.
struct Image {
  int width = 0, height = 0;

  Image(int w, int h) : width(w), height(h), pixels_(Spare::take(floats())) {}
  Image(Image&& other) noexcept = default;
  Image& operator=(Image&& other) noexcept {
    std::swap(width, other.width);
    std::swap(height, other.height);
    std::swap(pixels_, other.pixels_);
    return *this;
  }
  ~Image() {
    if (pixels_) Spare::give(floats(), std::move(pixels_));
  }

  float* row(int y) { return pixels_.get() + static_cast<size_t>(y) * width; }
  const float* row(int y) const { return pixels_.get() + static_cast<size_t>(y) * width; }

 private:
  size_t floats() const { return static_cast<size_t>(width) * height + kBehind; }

  static constexpr int kBehind = 16;
  std::unique_ptr<float[]> pixels_;
};

// Half of a Gaussian's taps, the middle one first; they reach 4 sigma, as VLFeat's do.
static std::vector<float> gaussian_taps(double sigma) {
  const int radius = std::max(static_cast<int>(std::ceil(4.0 * sigma)), 1);
  std::vector<float> taps(radius + 1);
  float total = 0.0f;
  for (int i = 0; i <= radius; ++i) {
    taps[i] = static_cast<float>(std::exp(-0.5 * (i / sigma) * (i / sigma)));
    total += i == 0 ? taps[i] : 2.0f * taps[i];
  }
  for (float& tap : taps) tap /= total;
  return taps;
}

// out[x] = sum_t taps[|t|] * from[t][x] for x < n, where from[-radius..radius] are rows or shifted copies of one.
static void weighted_sum(const std::vector<float>& taps, int n, const float* const* from, float* out) {
  const int radius = static_cast<int>(taps.size()) - 1;
  constexpr int kAtOnce = 4;
  int x = 0;
  for (; x + 8 * kAtOnce <= n; x += 8 * kAtOnce) {
    Eight sums[kAtOnce];
    for (int v = 0; v < kAtOnce; ++v) sums[v] = load_eight(from[0] + x + 8 * v) * taps[0];
    for (int t = 1; t <= radius; ++t) {
      const float *before = from[-t] + x, *after = from[t] + x;
      for (int v = 0; v < kAtOnce; ++v) sums[v] += (load_eight(before + 8 * v) + load_eight(after + 8 * v)) * taps[t];
    }
    for (int v = 0; v < kAtOnce; ++v) store_eight(out + x + 8 * v, sums[v]);
  }
  for (; x < n; ++x) {
    float sum = from[0][x] * taps[0];
    for (int t = 1; t <= radius; ++t) sum += (from[-t][x] + from[t][x]) * taps[t];
    out[x] = sum;
  }
}

// The image blurred by a Gaussian; pixels at the border go on beyond it. Rows are kept only while they are needed.
static Image blurred(const Image& image, double sigma) {
  const std::vector<float> taps = gaussian_taps(sigma);
  const int radius = static_cast<int>(taps.size()) - 1, kept = 2 * radius + 1;
  const int width = image.width, height = image.height;
  Image result(width, height);
  std::vector<float> padded(width + 2 * radius), ring(static_cast<size_t>(kept) * width);
  std::vector<const float*> along(kept), across(kept);
  for (int t = 0; t < kept; ++t) along[t] = padded.data() + t;
  auto ring_row = [&](int row) { return ring.data() + static_cast<size_t>(row % kept) * width; };
  int ready = 0;  // rows blurred along x so far
  for (int y = 0; y < height; ++y) {
    for (; ready < std::min(height, y + radius + 1); ++ready) {
      const float* from = image.row(ready);
      std::fill_n(padded.data(), radius, from[0]);
      std::copy_n(from, width, padded.data() + radius);
      std::fill_n(padded.data() + radius + width, radius, from[width - 1]);
      weighted_sum(taps, width, along.data() + radius, ring_row(ready));
    }
    for (int t = 0; t < kept; ++t) across[t] = ring_row(std::min(std::max(y + t - radius, 0), height - 1));
    weighted_sum(taps, width, across.data() + radius, result.row(y));
  }
  return result;
}

// Every step-th pixel of every step-th row.
static Image thinned(const Image& image, int step) {
  Image result(image.width / step, image.height / step);
  for (int y = 0; y < result.height; ++y) {
    const float* from = image.row(y * step);
    float* to = result.row(y);
    for (int x = 0; x < result.width; ++x) to[x] = from[x * step];
  }
  return result;
}

// Twice as many pixels each way: those of the image, and means between them.
static Image doubled(const Image& image) {
  Image result(image.width * 2, image.height * 2);
  for (int y = 0; y < result.height; ++y) {
    const float *above = image.row(y / 2), *below = image.row(std::min((y + 1) / 2, image.height - 1));
    float* to = result.row(y);
    for (int x = 0; x < image.width; ++x) {
      const int next = std::min(x + 1, image.width - 1);
      to[2 * x] = 0.5f * (above[x] + below[x]);
      to[2 * x + 1] = 0.25f * (above[x] + below[x] + above[next] + below[next]);
    }
  }
  return result;
}

// Levels -1 to resolution + 1 of an octave lie at indices 0 to resolution + 2.
struct Octave {
  int number = 0;  // its pixels are 2^number of the photo's
  std::vector<Image> levels;
};

struct ScaleSpace {
  int resolution;  // levels of an octave that keypoints are found in

  double step() const { return std::pow(2.0, 1.0 / resolution); }
  double sigma_zero() const { return 1.6 * step(); }  // of level 0, in pixels of its octave

  // An octave from its first level, which is blurred as far as that already.
  Octave octave(int number, Image first) const {
    Octave result;
    result.number = number;
    result.levels.push_back(std::move(first));
    const double growth = sigma_zero() * std::sqrt(1.0 - 1.0 / (step() * step()));
    for (int level = 0; level <= resolution + 1; ++level) {
      result.levels.push_back(blurred(result.levels.back(), growth * std::pow(step(), level)));
    }
    return result;
  }

  // The octave to begin with, of a photo with values from 0 to 1.
  Octave first_octave(const Image& photo, int number) const {
    Image base = number > 0 ? thinned(photo, 1 << number) : thinned(photo, 1);
    for (int octave = 0; octave > number; --octave) base = doubled(base);
    const double wanted = sigma_zero() / step(), had = 0.5 * std::pow(2.0, -number);
    if (wanted > had) base = blurred(base, std::sqrt(wanted * wanted - had * had));
    return octave(number, std::move(base));
  }

  Octave next_octave(const Octave& octave_before) const {
    return octave(octave_before.number + 1, thinned(octave_before.levels[resolution], 2));
  }
};

}  // namespace spaceport
