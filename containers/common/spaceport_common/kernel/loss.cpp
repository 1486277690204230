// (1 - w) L1 + w (1 - SSIM) and its gradient, fused, behind a C ABI.
//
// SSIM (Wang et al. 2004) with an 11x11 Gaussian window of sigma 1.5, zero padding, C1 = 0.01^2, C2 = 0.03^2, mean over
// pixels and channels, as in 3DGS. Rows are blurred as arrays of 3 * width floats: neighbours of a channel lie 3 apart.
// loss.py states the same in torch and is the oracle of the tests.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <new>
#include <vector>

#include "parallel.h"

namespace spaceport {

constexpr int kRadius = 5, kTaps = 2 * kRadius + 1;
constexpr int kPad = 3 * kRadius;
constexpr float kC1 = 0.01f * 0.01f, kC2 = 0.03f * 0.03f;

static std::array<float, kTaps> window() {
  std::array<float, kTaps> taps{};
  float total = 0.0f;
  for (int i = 0; i < kTaps; ++i) total += taps[i] = std::exp(-0.5f * (i - kRadius) * (i - kRadius) / (1.5f * 1.5f));
  for (float& tap : taps) tap /= total;
  return taps;
}

// out[i] = sum_t taps[t] * padded[i + 3 t]
static void blur_row(const std::array<float, kTaps>& taps, const float* __restrict padded, int n,
                     float* __restrict out) {
  for (int i = 0; i < n; ++i) {
    float total = 0.0f;
    for (int t = 0; t < kTaps; ++t) total += taps[t] * padded[i + 3 * t];
    out[i] = total;
  }
}

struct Maps {
  std::vector<float> mean, square, product;  // dSSIM / d blurred x, x^2, x y
};

// Blurred moments of row y, then SSIM and its partial derivatives. Returns the row's sum of SSIM.
static double ssim_row(const std::array<float, kTaps>& taps, const float* image, const float* target, int height, int n,
                       int y, Maps& maps) {
  std::vector<float> column(5 * (n + 2 * kPad), 0.0f), blurred(5 * n);
  float* c[5];
  float* b[5];
  for (int k = 0; k < 5; ++k) {
    c[k] = column.data() + k * (n + 2 * kPad) + kPad;
    b[k] = blurred.data() + k * n;
  }
  for (int t = 0; t < kTaps; ++t) {
    const int row = y + t - kRadius;
    if (row < 0 || row >= height) continue;
    const float tap = taps[t];
    const float* __restrict x = image + static_cast<int64_t>(row) * n;
    const float* __restrict g = target + static_cast<int64_t>(row) * n;
    float *__restrict c0 = c[0], *__restrict c1 = c[1], *__restrict c2 = c[2];
    float *__restrict c3 = c[3], *__restrict c4 = c[4];
    for (int i = 0; i < n; ++i) {
      const float xi = tap * x[i], gi = tap * g[i];
      c0[i] += xi;
      c1[i] += gi;
      c2[i] += xi * x[i];
      c3[i] += gi * g[i];
      c4[i] += xi * g[i];
    }
  }
  for (int k = 0; k < 5; ++k) blur_row(taps, c[k] - kPad, n, b[k]);
  double total = 0.0;
  float* __restrict mean = maps.mean.data() + static_cast<int64_t>(y) * n;
  float* __restrict square = maps.square.data() + static_cast<int64_t>(y) * n;
  float* __restrict product = maps.product.data() + static_cast<int64_t>(y) * n;
  float* __restrict ssim = c[0];
  const float *__restrict b0 = b[0], *__restrict b1 = b[1], *__restrict b2 = b[2];
  const float *__restrict b3 = b[3], *__restrict b4 = b[4];
  for (int i = 0; i < n; ++i) {
    const float mx = b0[i], my = b1[i];
    const float a1 = 2.0f * mx * my + kC1, a2 = 2.0f * (b4[i] - mx * my) + kC2;
    const float d1 = mx * mx + my * my + kC1, d2 = (b2[i] - mx * mx) + (b3[i] - my * my) + kC2;
    const float inverse = 1.0f / (d1 * d2), s = a1 * a2 * inverse;
    ssim[i] = s;
    mean[i] = 2.0f * my * (a2 - a1) * inverse - 2.0f * mx * s * (1.0f / d1 - 1.0f / d2);
    square[i] = -s / d2;
    product[i] = 2.0f * a1 * inverse;
  }
  for (int i = 0; i < n; ++i) total += ssim[i];
  return total;
}

// Gradient of row y: the window is symmetric, so the transpose of the blur is the blur. Returns the row's L1 sum.
static double gradient_row(const std::array<float, kTaps>& taps, const float* image, const float* target, int height,
                           int n, int y, const Maps& maps, float l1_weight, float ssim_weight, float* grad) {
  std::vector<float> column(3 * (n + 2 * kPad), 0.0f), blurred(3 * n);
  const std::vector<float>* sources[3] = {&maps.mean, &maps.square, &maps.product};
  for (int k = 0; k < 3; ++k) {
    float* __restrict c = column.data() + k * (n + 2 * kPad) + kPad;
    for (int t = 0; t < kTaps; ++t) {
      const int row = y + t - kRadius;
      if (row < 0 || row >= height) continue;
      const float tap = taps[t];
      const float* __restrict source = sources[k]->data() + static_cast<int64_t>(row) * n;
      for (int i = 0; i < n; ++i) c[i] += tap * source[i];
    }
    blur_row(taps, c - kPad, n, blurred.data() + k * n);
  }
  const float *__restrict x = image + static_cast<int64_t>(y) * n, *__restrict g = target + static_cast<int64_t>(y) * n;
  const float *__restrict b0 = blurred.data(), *__restrict b1 = b0 + n, *__restrict b2 = b1 + n;
  float* __restrict out = grad + static_cast<int64_t>(y) * n;
  for (int i = 0; i < n; ++i) {
    const float difference = x[i] - g[i];
    const float sign = difference > 0.0f ? 1.0f : difference < 0.0f ? -1.0f : 0.0f;
    out[i] = l1_weight * sign - ssim_weight * (b0[i] + 2.0f * x[i] * b1[i] + g[i] * b2[i]);
  }
  double total = 0.0;
  for (int i = 0; i < n; ++i) total += std::fabs(x[i] - g[i]);
  return total;
}

}  // namespace spaceport

extern "C" {

// image, target, grad: float32[height, width, 3]; `dssim` is the weight w in [0, 1]. Returns the loss and fills grad;
// returns -1 when memory runs out.
double spaceport_photometric_loss(const float* image, const float* target, int width, int height, float dssim,
                                  int threads, float* grad) try {
  using namespace spaceport;
  const int n = 3 * width;
  const double count = static_cast<double>(n) * height;
  const auto taps = window();
  Maps maps;
  for (auto* map : {&maps.mean, &maps.square, &maps.product}) map->resize(static_cast<std::size_t>(n) * height);
  std::vector<double> ssim(height), l1(height);
  parallel_for(height, threads, [&](int y) { ssim[y] = ssim_row(taps, image, target, height, n, y, maps); });
  parallel_for(height, threads, [&](int y) {
    l1[y] = gradient_row(taps, image, target, height, n, y, maps, static_cast<float>((1.0 - dssim) / count),
                         static_cast<float>(dssim / count), grad);
  });
  double ssim_sum = 0.0, l1_sum = 0.0;
  for (int y = 0; y < height; ++y) {
    ssim_sum += ssim[y];
    l1_sum += l1[y];
  }
  return (1.0 - dssim) * l1_sum / count + dssim * (1.0 - ssim_sum / count);
} catch (const std::bad_alloc&) {
  return -1.0;
}
}
