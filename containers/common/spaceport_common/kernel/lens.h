// A lens as in lens.py (COLMAP's camera models), for sixteen points at a time: a radial factor L(r^2) and Brown's
// tangential terms, with the derivatives that projection and its gradient need.
#pragma once
#include <cmath>
#include <cstdint>

#include "lanes.h"

namespace spaceport {

// What library.py hands over. `rotation`: world to camera, by rows. `radial`: k1 to k4 of the numerator, or of the
// angle; `rational`: of the denominator; 0 where a model has fewer. Nothing is drawn whose depth is not above `near`,
// or whose |(x / z, y / z)| is not below `radius_limit`.
struct View {
  float rotation[9], translation[3];
  float fx, fy, cx, cy;
  float radial[4], rational[3], tangential[2];
  float near, radius_limit;
  int32_t fisheye, width, height;
};

constexpr float kSeriesBelow = 1e-2f;  // r^2 below which the angle polynomial is a series, as in lens.py

// A function of one variable, with its first and second derivative.
struct Curve {
  Lanes value, slope, bend;
};

// 1 + k[0] t + k[1] t^2 + .. by Horner's scheme.
static inline Curve polynomial(const float* k, int count, const Lanes& t) {
  Curve found{k[count - 1], Lanes{}, Lanes{}};
  for (int i = count - 2; i >= -1; --i) {
    found.bend = found.bend * t + found.slope;
    found.slope = found.slope * t + found.value;
    found.value = found.value * t + (i < 0 ? 1.0f : k[i]);
  }
  found.bend *= 2.0f;
  return found;
}

// theta_d / r by t = r^2, with theta_d = theta (1 + k1 theta^2 + ..) and theta = atan r.
static inline Curve angle_factor(const View& view, const Lanes& t) {
  const float k1 = view.radial[0], k2 = view.radial[1], k3 = view.radial[2];
  const float series[3] = {k1 - 1.0f / 3, 1.0f / 5 - k1 + k2, -1.0f / 7 + 14.0f / 15 * k1 - 5.0f / 3 * k2 + k3};
  const Bits small = t < kSeriesBelow;
  const Curve near = polynomial(series, 3, t);
  const Lanes safe = chosen(small, 1.0f, t);
  Lanes r, theta;
  for (int i = 0; i < kLanes; ++i) {
    r.set(i, std::sqrt(safe[i]));
    theta.set(i, std::atan(r[i]));
  }
  const Curve scale = polynomial(view.radial, 4, theta * theta);
  const Lanes theta2 = theta * theta, wide = 1.0f / (1.0f + safe);
  const Lanes bent = theta * scale.value;  // and its derivatives by theta
  const Lanes once = scale.value + 2.0f * theta2 * scale.slope;
  const Lanes twice = theta * (6.0f * scale.slope + 4.0f * theta2 * scale.bend);
  const Lanes value = bent / r, slope = (once * wide - value) / (2.0f * safe);
  const Lanes bend = (twice * wide * wide / (2.0f * r) - once * wide * wide - 3.0f * slope) / (2.0f * safe);
  return {chosen(small, near.value, value), chosen(small, near.slope, slope), chosen(small, near.bend, bend)};
}

static inline Curve radial_factor(const View& view, const Lanes& t) {
  if (view.fisheye) return angle_factor(view, t);
  const Curve top = polynomial(view.radial, 4, t);
  if (view.rational[0] == 0.0f && view.rational[1] == 0.0f && view.rational[2] == 0.0f) return top;
  const Curve bottom = polynomial(view.rational, 3, t);
  const Lanes value = top.value / bottom.value, slope = (top.slope - value * bottom.slope) / bottom.value;
  return {value, slope, (top.bend - 2.0f * slope * bottom.slope - value * bottom.bend) / bottom.value};
}

// Distorted coordinates, dxd/dx, dxd/dy = dyd/dx, dyd/dy, and the derivatives of these three: xx by x, xx by y (= xy by
// x), yy by x (= xy by y), yy by y.
struct Distorted {
  Lanes x, y, xx, xy, yy, xxx, xxy, xyy, yyy;
};

static inline Distorted distort(const View& view, const Lanes& x, const Lanes& y) {
  const Lanes r2 = x * x + y * y;
  const Curve factor = radial_factor(view, r2);
  const float p1 = view.tangential[0], p2 = view.tangential[1];
  const Lanes slope2 = 2.0f * factor.slope, bend4 = 4.0f * factor.bend;
  Distorted out;
  out.x = x * factor.value + 2.0f * p1 * x * y + p2 * (r2 + 2.0f * x * x);
  out.y = y * factor.value + 2.0f * p2 * x * y + p1 * (r2 + 2.0f * y * y);
  out.xx = factor.value + slope2 * x * x + 2.0f * p1 * y + 6.0f * p2 * x;
  out.xy = slope2 * x * y + 2.0f * p1 * x + 2.0f * p2 * y;
  out.yy = factor.value + slope2 * y * y + 2.0f * p2 * x + 6.0f * p1 * y;
  out.xxx = x * (3.0f * slope2 + bend4 * x * x) + 6.0f * p2;
  out.xxy = y * (slope2 + bend4 * x * x) + 2.0f * p1;
  out.xyy = x * (slope2 + bend4 * y * y) + 2.0f * p2;
  out.yyy = y * (3.0f * slope2 + bend4 * y * y) + 6.0f * p1;
  return out;
}

}  // namespace spaceport
