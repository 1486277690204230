// Real spherical harmonics above the constant one, up to degree 3, as in spherical_harmonics.py, for sixteen unit
// vectors at a time.
#pragma once
#include "lanes.h"

namespace spaceport {

constexpr int kMostHarmonics = 15;
constexpr float kC0 = 0.28209479177387814f, kC1 = 0.4886025119029199f;
constexpr float kC2[5] = {1.0925484305920792f, -1.0925484305920792f, 0.31539156525252005f, -1.0925484305920792f,
                          0.5462742152960396f};
constexpr float kC3[7] = {-0.5900435899266435f, 2.890611442640554f,  -0.4570457994644658f, 0.3731763325901154f,
                          -0.4570457994644658f, 1.445305721320277f, -0.5900435899266435f};

static inline int harmonics_of(int degree) { return (degree + 1) * (degree + 1) - 1; }

static inline void harmonics(int degree, const Lanes& x, const Lanes& y, const Lanes& z, Lanes* value) {
  if (degree < 1) return;
  value[0] = -kC1 * y;
  value[1] = kC1 * z;
  value[2] = -kC1 * x;
  if (degree < 2) return;
  const Lanes xx = x * x, yy = y * y, zz = z * z;
  value[3] = kC2[0] * x * y;
  value[4] = kC2[1] * y * z;
  value[5] = kC2[2] * (2.0f * zz - xx - yy);
  value[6] = kC2[3] * x * z;
  value[7] = kC2[4] * (xx - yy);
  if (degree < 3) return;
  value[8] = kC3[0] * y * (3.0f * xx - yy);
  value[9] = kC3[1] * x * y * z;
  value[10] = kC3[2] * y * (4.0f * zz - xx - yy);
  value[11] = kC3[3] * z * (2.0f * zz - 3.0f * xx - 3.0f * yy);
  value[12] = kC3[4] * x * (4.0f * zz - xx - yy);
  value[13] = kC3[5] * z * (xx - yy);
  value[14] = kC3[6] * x * (xx - 3.0f * yy);
}

// Adds the gradient, by x, y and z, of the sum of weight[k] times the k-th harmonic.
static inline void add_slopes(int degree, const Lanes& x, const Lanes& y, const Lanes& z, const Lanes* weight,
                              Lanes& gx, Lanes& gy, Lanes& gz) {
  if (degree < 1) return;
  gy -= kC1 * weight[0];
  gz += kC1 * weight[1];
  gx -= kC1 * weight[2];
  if (degree < 2) return;
  const Lanes w3 = kC2[0] * weight[3], w4 = kC2[1] * weight[4], w5 = 2.0f * kC2[2] * weight[5];
  const Lanes w6 = kC2[3] * weight[6], w7 = 2.0f * kC2[4] * weight[7];
  gx += w3 * y - w5 * x + w6 * z + w7 * x;
  gy += w3 * x + w4 * z - w5 * y - w7 * y;
  gz += w4 * y + 2.0f * w5 * z + w6 * x;
  if (degree < 3) return;
  const Lanes xx = x * x, yy = y * y, zz = z * z, xy = x * y, xz = x * z, yz = y * z;
  const Lanes w8 = kC3[0] * weight[8], w9 = kC3[1] * weight[9], w10 = kC3[2] * weight[10];
  const Lanes w11 = kC3[3] * weight[11], w12 = kC3[4] * weight[12], w13 = kC3[5] * weight[13];
  const Lanes w14 = kC3[6] * weight[14];
  gx += 6.0f * w8 * xy + w9 * yz - 2.0f * w10 * xy - 6.0f * w11 * xz + w12 * (4.0f * zz - 3.0f * xx - yy) +
        2.0f * w13 * xz + 3.0f * w14 * (xx - yy);
  gy += 3.0f * w8 * (xx - yy) + w9 * xz + w10 * (4.0f * zz - xx - 3.0f * yy) - 6.0f * w11 * yz - 2.0f * w12 * xy -
        2.0f * w13 * yz - 6.0f * w14 * xy;
  gz += w9 * xy + 8.0f * w10 * yz + w11 * (6.0f * zz - 3.0f * xx - 3.0f * yy) + 8.0f * w12 * xz + w13 * (xx - yy);
}

}  // namespace spaceport
