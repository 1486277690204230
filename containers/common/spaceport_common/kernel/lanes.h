// Sixteen floats at a time, one row of a tile, by the compilers' portable vector extension: one AVX-512 register,
// two of AVX, four of SSE or NEON.
#pragma once
#include <cstdint>
#include <cstring>

namespace spaceport {

constexpr int kTile = 16;

typedef float Lanes __attribute__((vector_size(64)));
typedef int32_t Bits __attribute__((vector_size(64)));

static inline Lanes all_lanes(float value) { return Lanes{} + value; }

static inline float sum(const Lanes& v) {
  float total = 0.0f;
  for (int i = 0; i < kTile; ++i) total += v[i];
  return total;
}

static inline bool any(const Bits& v) {
  int32_t bits = 0;
  for (int i = 0; i < kTile; ++i) bits |= v[i];
  return bits != 0;
}

// e^x for x in [-87, 0], relative error below 3e-7: 2^(n + f) with a degree 6 Taylor polynomial of e^(f ln 2),
// |f| <= 1/2. Smaller x count as -87. NaN stays NaN: no flag of the build folds that away.
static inline Lanes exponential(Lanes x) {
  const Lanes low = all_lanes(-87.0f);
  x = x < low ? low : x;
  const Lanes magic = all_lanes(12582912.0f);  // 1.5 * 2^23: adding it rounds to the nearest integer
  const Lanes shifted = x * 1.44269504088896341f + magic;
  const Lanes whole = shifted - magic;
  const Lanes r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;  // ln 2 in two parts (Cody and Waite)
  Lanes p = r * 1.3888889e-3f + 8.3333333e-3f;
  p = p * r + 4.1666668e-2f;
  p = p * r + 1.6666667e-1f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  Bits exponent;
  std::memcpy(&exponent, &shifted, sizeof exponent);
  exponent = (exponent + 127) << 23;  // the low bits of `shifted` hold n; the magic number's own bits shift out
  Lanes scale;
  std::memcpy(&scale, &exponent, sizeof scale);
  return p * scale;
}

}  // namespace spaceport
