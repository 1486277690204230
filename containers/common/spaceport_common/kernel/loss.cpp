// (1 - w) L1 + w (1 - SSIM) of a picture as a photo exposed it, against the photo, with its gradients; behind a C ABI.
//
// SSIM (Wang et al. 2004) with an 11x11 Gaussian window of sigma 1.5, zero padding, C1 = 0.01^2, C2 = 0.03^2, mean over
// pixels and channels, as in 3DGS. loss.py states the same in torch and is the oracle of the tests.
//
// A row is an array of 3 * width floats: neighbours of a channel lie 3 apart. A thread goes down a strip of the picture
// with the last eleven rows of what it needs, which stay in its cache; each window is blurred down and then across.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "lanes.h"
#include "parallel.h"

namespace spaceport {

constexpr int kChannels = 3, kRadius = 5, kTaps = 2 * kRadius + 1;
constexpr float kC1 = 0.01f * 0.01f, kC2 = 0.03f * 0.03f;
constexpr int kHalo = kLanes;  // floats that a window reaches beside its middle, 15, rounded up
constexpr int kStrip = 480;    // floats of a row that one thread works on
constexpr int kBand = 64;      // rows that one thread works on
constexpr int kWide = kStrip + 4 * kHalo;
static_assert(kStrip % (kChannels * kLanes) == 0 && kHalo >= kChannels * kRadius, "lanes keep their channel");

using Window = std::array<float, kTaps>;
using Row = float[kWide];  // of a strip and two halos on each side

// How a photo shows what the picture shows, by channel.
struct Exposure {
  float gain[kChannels], offset[kChannels];
};

struct Comparison {
  const float* image;
  const uint8_t *photo, *visible;
  Exposure exposure;
  int n, height;  // floats of a row; rows
  float l1_weight, ssim_weight;
  Window taps;
  float* grad;
};

struct Sums {
  double ssim = 0.0, l1 = 0.0;
  double gain[kChannels] = {}, offset[kChannels] = {};
};

static Window window() {
  Window taps{};
  float total = 0.0f;
  for (int i = 0; i < kTaps; ++i) total += taps[i] = std::exp(-0.5f * (i - kRadius) * (i - kRadius) / (1.5f * 1.5f));
  for (float& tap : taps) tap /= total;
  return taps;
}

static inline Lanes load_first(const float* from, int count) {
  if (count >= kLanes) return load_lanes(from);
  float values[kLanes] = {};
  std::copy(from, from + count, values);
  return load_lanes(values);
}

static inline Lanes first_lanes(const Lanes& v, int count) {
  if (count >= kLanes) return v;
  float values[kLanes];
  store_lanes(values, v);
  return load_first(values, std::max(count, 0));
}

// Sixteen floats of a row that begin at i, of gain or offset.
static inline Lanes by_channel(const float* values, int i) {
  Lanes lanes;
  for (int lane = 0; lane < kLanes; ++lane) lanes.set(lane, values[(i + lane) % kChannels]);
  return lanes;
}

static inline Lanes across(const Window& taps, const float* middle) {
  const float* from = middle - kChannels * kRadius;
  Lanes total = taps[0] * load_lanes(from);
  for (int tap = 1; tap < kTaps; ++tap) total += taps[tap] * load_lanes(from + kChannels * tap);
  return total;
}

// One thread's part of the picture: floats [first, end) of the rows [top, bottom). Rows of rings lie at their number
// modulo eleven, floats at their place less `first`, plus two halos.
class Part {
 public:
  Part(const Comparison& of, int first, int top)
      : of_(of),
        first_(first),
        end_(std::min(of.n, first + kStrip)),
        top_(top),
        bottom_(std::min(of.height, top + kBand)) {
    for (int phase = 0; phase < kChannels; ++phase) {
      gain_[phase] = by_channel(of.exposure.gain, phase * kLanes);
      offset_[phase] = by_channel(of.exposure.offset, phase * kLanes);
    }
  }

  Sums work() {
    int loaded = std::max(0, top_ - 2 * kRadius);
    for (int y = std::max(0, top_ - kRadius); y < bottom_ + kRadius; ++y) {
      for (; loaded < std::min(of_.height, y + kRadius + 1); ++loaded) load(loaded);
      if (y < of_.height) compare(y);
      if (y - kRadius >= top_) differentiate(y - kRadius);
    }
    return sums_;
  }

 private:
  struct Pictures {
    Row x, g;  // the exposed picture; the photo, 0 to 1
  };
  struct Slopes {
    Row mean, square, product;  // dSSIM by the blurred x, x^2 and x y
  };

  static int place(int i, int first) { return i - first + 2 * kHalo; }
  int first_tap(int y) const { return std::max(0, kRadius - y); }
  int after_taps(int y) const { return std::min(kTaps, of_.height + kRadius - y); }
  int ring(int y, int tap) const { return (y + tap - kRadius) % kTaps; }

  // Calls visit(i, place) for each sixteen floats of the strip and of `halos` on each side.
  template <typename Visit>
  void each(int halos, const Visit& visit) const {
    for (int i = first_ - halos * kHalo; i < end_ + halos * kHalo; i += kLanes) visit(i, place(i, first_));
  }

  void load(int y) {
    Pictures& row = pictures_[y % kTaps];
    const int64_t begin = static_cast<int64_t>(y) * of_.n;
    const int from = std::max(0, first_ - 2 * kHalo), to = std::min(of_.n, end_ + 2 * kHalo);
    float* g = row.g + place(0, first_);
    const uint8_t* photo = of_.photo + begin;
    for (int i = from; i < to; ++i) g[i] = static_cast<float>(photo[i]) / 255.0f;
    int phase = from / kLanes % kChannels;  // sixteen floats are one more than a multiple of the channels
    for (int i = from; i < to; i += kLanes, phase = phase == 2 ? 0 : phase + 1) {
      const Lanes exposed = load_first(of_.image + begin + i, to - i) * gain_[phase] + offset_[phase];
      store_lanes(row.x + place(i, first_), first_lanes(exposed, to - i));
    }
    if (of_.visible == nullptr) return;
    for (int i = from; i < to; ++i)
      if (!of_.visible[(begin + i) / kChannels]) g[i] = row.x[place(i, first_)];
  }

  void compare(int y) {
    each(2, [&](int, int at) {
      Lanes x{}, g{}, both{}, product{};
      for (int tap = first_tap(y); tap < after_taps(y); ++tap) {
        const Pictures& row = pictures_[ring(y, tap)];
        const Lanes weight = of_.taps[tap], rx = load_lanes(row.x + at), rg = load_lanes(row.g + at);
        x += weight * rx;
        g += weight * rg;
        both += weight * (rx * rx + rg * rg);
        product += weight * (rx * rg);
      }
      store_lanes(down_[0] + at, x);
      store_lanes(down_[1] + at, g);
      store_lanes(down_[2] + at, both);
      store_lanes(down_[3] + at, product);
    });
    Slopes& slopes = slopes_[y % kTaps];
    Lanes total{};
    each(1, [&](int i, int at) {
      if (i < 0 || i >= of_.n) return;  // stays 0
      const Lanes mx = across(of_.taps, down_[0] + at), my = across(of_.taps, down_[1] + at);
      const Lanes both = across(of_.taps, down_[2] + at), product = across(of_.taps, down_[3] + at);
      const Lanes mxy = mx * my, squares = mx * mx + my * my;
      const Lanes a1 = 2.0f * mxy + kC1, a2 = 2.0f * (product - mxy) + kC2;
      const Lanes d1 = squares + kC1, d2 = (both - squares) + kC2;
      const Lanes inverse = 1.0f / (d1 * d2), ssim = a1 * a2 * inverse;
      const int count = of_.n - i;
      const Lanes mean = 2.0f * inverse * (my * (a2 - a1) - mx * ssim * (d2 - d1));
      store_lanes(slopes.mean + at, first_lanes(mean, count));
      store_lanes(slopes.square + at, first_lanes(-(ssim * d1 * inverse), count));
      store_lanes(slopes.product + at, first_lanes(2.0f * a1 * inverse, count));
      if (i >= first_ && i < end_) total += first_lanes(ssim, count);
    });
    if (y >= top_ && y < bottom_) sums_.ssim += sum(total);
  }

  // The window is symmetric, so the transpose of the blur is the blur.
  void differentiate(int y) {
    each(1, [&](int, int at) {
      Lanes mean{}, square{}, product{};
      for (int tap = first_tap(y); tap < after_taps(y); ++tap) {
        const Slopes& row = slopes_[ring(y, tap)];
        const Lanes weight = of_.taps[tap];
        mean += weight * load_lanes(row.mean + at);
        square += weight * load_lanes(row.square + at);
        product += weight * load_lanes(row.product + at);
      }
      store_lanes(down_[0] + at, mean);
      store_lanes(down_[1] + at, square);
      store_lanes(down_[2] + at, product);
    });
    const Pictures& row = pictures_[y % kTaps];
    const int64_t begin = static_cast<int64_t>(y) * of_.n;
    Lanes l1{}, by_gain[kChannels]{}, by_offset[kChannels]{};
    int phase = 0;
    each(0, [&](int i, int at) {
      const int count = end_ - i;
      const Lanes x = load_lanes(row.x + at), g = load_lanes(row.g + at), difference = x - g;
      const Lanes mean = across(of_.taps, down_[0] + at), square = across(of_.taps, down_[1] + at);
      const Lanes product = across(of_.taps, down_[2] + at);
      const Lanes sign = chosen(difference > 0.0f, 1.0f, chosen(difference < 0.0f, -1.0f, 0.0f));
      const Lanes similar = mean + 2.0f * (x * square) + g * product;
      const Lanes slope = first_lanes(of_.l1_weight * sign - of_.ssim_weight * similar, count);
      l1 += first_lanes(larger(difference, -difference), count);
      by_gain[phase] += slope * load_first(of_.image + begin + i, count);
      by_offset[phase] += slope;
      const Lanes grad = slope * gain_[phase];
      if (count >= kLanes) {
        store_lanes(of_.grad + begin + i, grad);
      } else {
        for (int lane = 0; lane < count; ++lane) of_.grad[begin + i + lane] = grad[lane];
      }
      phase = phase == 2 ? 0 : phase + 1;
    });
    sums_.l1 += sum(l1);
    for (int lane = 0; lane < kLanes * kChannels; ++lane) {
      sums_.gain[lane % kChannels] += by_gain[lane / kLanes][lane % kLanes];
      sums_.offset[lane % kChannels] += by_offset[lane / kLanes][lane % kLanes];
    }
  }

  const Comparison& of_;
  const int first_, end_, top_, bottom_;
  Lanes gain_[kChannels], offset_[kChannels];
  Pictures pictures_[kTaps]{};
  Slopes slopes_[kTaps]{};
  Row down_[4];
  Sums sums_;
};

}  // namespace spaceport

extern "C" {

// image, grad: float32[height, width, 3]; photo: uint8[height, width, 3], 255 is 1; visible: uint8[height, width], 0
// where the photo shows nothing, or null where it shows something everywhere. exposure: gain[3] and offset[3], by which
// the picture is compared as gain * image + offset; grad_exposure: the same. `dssim` is the weight w in [0, 1]. Fills
// both gradients and returns the loss; returns -1 when memory runs out. Sums run in a fixed order, so the result does
// not depend on the number of threads.
double spaceport_photometric_loss(const float* image, const uint8_t* photo, const uint8_t* visible,
                                  const spaceport::Exposure* exposure, int width, int height, float dssim, int threads,
                                  float* grad, spaceport::Exposure* grad_exposure) try {
  using namespace spaceport;
  const int n = kChannels * width;
  const double count = static_cast<double>(n) * height;
  const auto l1_weight = static_cast<float>((1.0 - dssim) / count), ssim_weight = static_cast<float>(dssim / count);
  const Comparison of{image, photo, visible, *exposure, n, height, l1_weight, ssim_weight, window(), grad};
  const int strips = (n + kStrip - 1) / kStrip, bands = (height + kBand - 1) / kBand;
  std::vector<Sums> sums(static_cast<std::size_t>(strips) * bands);
  parallel_for(strips * bands, threads, [&](int part) {
    sums[part] = std::make_unique<Part>(of, part % strips * kStrip, part / strips * kBand)->work();
  });
  Sums all;
  for (const Sums& part : sums) {
    all.ssim += part.ssim;
    all.l1 += part.l1;
    for (int c = 0; c < kChannels; ++c) {
      all.gain[c] += part.gain[c];
      all.offset[c] += part.offset[c];
    }
  }
  for (int c = 0; c < kChannels; ++c) {
    grad_exposure->gain[c] = static_cast<float>(all.gain[c]);
    grad_exposure->offset[c] = static_cast<float>(all.offset[c]);
  }
  return (1.0 - dssim) * all.l1 / count + dssim * (1.0 - all.ssim / count);
} catch (const std::bad_alloc&) {
  return -1.0;
}
}
