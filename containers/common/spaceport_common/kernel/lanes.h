// Sixteen floats at a time, a block of four by four pixels or sixteen Gaussians, in as many of the machine's registers
// as that takes: one of AVX-512, two of AVX, four of SSE or NEON, by the compilers' portable vector extension. (One
// wide vector of the extension would do, but GCC compares and chooses by single numbers what is wider than a register.)
#pragma once
#include <cstdint>
#include <cstring>

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace spaceport {

constexpr int kLanes = 16;
#if defined(__AVX512DQ__)
constexpr int kPartLanes = 16;
#elif defined(__AVX__)
constexpr int kPartLanes = 8;
#else
constexpr int kPartLanes = 4;
#endif
constexpr int kParts = kLanes / kPartLanes;

typedef float PartFloats __attribute__((vector_size(4 * kPartLanes)));
typedef int32_t PartBits __attribute__((vector_size(4 * kPartLanes)));

// Of a comparison: all bits of a lane are set where it holds. Or whole numbers.
struct Bits {
  PartBits part[kParts];

  int32_t operator[](int lane) const { return part[lane / kPartLanes][lane % kPartLanes]; }
};

struct Lanes {
  PartFloats part[kParts];

  Lanes() = default;
  Lanes(float value) {  // in all lanes
    for (PartFloats& each : part) each = value - PartFloats{};
  }

  float operator[](int lane) const { return part[lane / kPartLanes][lane % kPartLanes]; }
  void set(int lane, float value) { part[lane / kPartLanes][lane % kPartLanes] = value; }
};

#define SPACEPORT_EACH_PART(Result, expression)                  \
  Result result;                                                 \
  for (int i = 0; i < kParts; ++i) result.part[i] = expression;  \
  return result

static inline Lanes operator+(const Lanes& a, const Lanes& b) { SPACEPORT_EACH_PART(Lanes, a.part[i] + b.part[i]); }
static inline Lanes operator-(const Lanes& a, const Lanes& b) { SPACEPORT_EACH_PART(Lanes, a.part[i] - b.part[i]); }
static inline Lanes operator*(const Lanes& a, const Lanes& b) { SPACEPORT_EACH_PART(Lanes, a.part[i] * b.part[i]); }
static inline Lanes operator/(const Lanes& a, const Lanes& b) { SPACEPORT_EACH_PART(Lanes, a.part[i] / b.part[i]); }
static inline Lanes operator-(const Lanes& a) { SPACEPORT_EACH_PART(Lanes, -a.part[i]); }
static inline Lanes& operator+=(Lanes& a, const Lanes& b) { return a = a + b; }
static inline Lanes& operator-=(Lanes& a, const Lanes& b) { return a = a - b; }
static inline Lanes& operator*=(Lanes& a, const Lanes& b) { return a = a * b; }

static inline Bits operator<(const Lanes& a, const Lanes& b) { SPACEPORT_EACH_PART(Bits, a.part[i] < b.part[i]); }
static inline Bits operator>(const Lanes& a, const Lanes& b) { SPACEPORT_EACH_PART(Bits, a.part[i] > b.part[i]); }
static inline Bits operator>=(const Lanes& a, const Lanes& b) { SPACEPORT_EACH_PART(Bits, a.part[i] >= b.part[i]); }
static inline Bits operator==(const Lanes& a, const Lanes& b) { SPACEPORT_EACH_PART(Bits, a.part[i] == b.part[i]); }
static inline Bits operator&(const Bits& a, const Bits& b) { SPACEPORT_EACH_PART(Bits, a.part[i] & b.part[i]); }
static inline Bits operator|(const Bits& a, const Bits& b) { SPACEPORT_EACH_PART(Bits, a.part[i] | b.part[i]); }

// a where the comparison holds, else b.
static inline Lanes chosen(const Bits& where, const Lanes& a, const Lanes& b) {
  SPACEPORT_EACH_PART(Lanes, where.part[i] ? a.part[i] : b.part[i]);
}

// The second where one of them is no number. GCC compares and chooses where the machine has an instruction for both.
#if defined(__AVX512DQ__)
static inline Lanes larger(const Lanes& a, const Lanes& b) {
  SPACEPORT_EACH_PART(Lanes, PartFloats(_mm512_max_ps(__m512(a.part[i]), __m512(b.part[i]))));
}
static inline Lanes smaller(const Lanes& a, const Lanes& b) {
  SPACEPORT_EACH_PART(Lanes, PartFloats(_mm512_min_ps(__m512(a.part[i]), __m512(b.part[i]))));
}
#elif defined(__AVX__)
static inline Lanes larger(const Lanes& a, const Lanes& b) {
  SPACEPORT_EACH_PART(Lanes, PartFloats(_mm256_max_ps(__m256(a.part[i]), __m256(b.part[i]))));
}
static inline Lanes smaller(const Lanes& a, const Lanes& b) {
  SPACEPORT_EACH_PART(Lanes, PartFloats(_mm256_min_ps(__m256(a.part[i]), __m256(b.part[i]))));
}
#else
static inline Lanes larger(const Lanes& a, const Lanes& b) { return chosen(a > b, a, b); }
static inline Lanes smaller(const Lanes& a, const Lanes& b) { return chosen(a < b, a, b); }
#endif

static inline Bits whole(const Lanes& v) {  // towards zero
  SPACEPORT_EACH_PART(Bits, __builtin_convertvector(v.part[i], PartBits));
}
static inline Lanes real(const Bits& v) {
  SPACEPORT_EACH_PART(Lanes, __builtin_convertvector(v.part[i], PartFloats));
}

// By parts: compilers copy 64 bytes through smaller registers and the stack.
static inline Lanes load_lanes(const float* from) {
  Lanes lanes;
  for (int i = 0; i < kParts; ++i) std::memcpy(&lanes.part[i], from + i * kPartLanes, sizeof(PartFloats));
  return lanes;
}
static inline void store_lanes(float* to, const Lanes& lanes) {
  for (int i = 0; i < kParts; ++i) std::memcpy(to + i * kPartLanes, &lanes.part[i], sizeof(PartFloats));
}

// In pairs, halves first: few steps, and one order on every machine.
static inline float sum(const Lanes& v) {
#if defined(__AVX512DQ__)
  return _mm512_reduce_add_ps(reinterpret_cast<const __m512&>(v.part[0]));
#else
  typedef float Four __attribute__((vector_size(16)));
#if defined(__AVX__)
  const PartFloats both = v.part[0] + v.part[1];
  const __m256& eight = reinterpret_cast<const __m256&>(both);
  const Four four = Four(_mm256_castps256_ps128(eight)) + Four(_mm256_extractf128_ps(eight, 1));
#else
  const Four four = (v.part[0] + v.part[2]) + (v.part[1] + v.part[3]);
#endif
  return (four[0] + four[2]) + (four[1] + four[3]);
#endif
}

// Bit i tells whether a comparison holds in lane i.
static inline uint32_t mask_of(const Bits& v) {
#if defined(__AVX512DQ__)
  return _mm512_movepi32_mask(reinterpret_cast<const __m512i&>(v.part[0]));
#elif defined(__AVX__)
  return static_cast<uint32_t>(_mm256_movemask_ps(reinterpret_cast<const __m256&>(v.part[0]))) |
         static_cast<uint32_t>(_mm256_movemask_ps(reinterpret_cast<const __m256&>(v.part[1]))) << 8;
#else
  constexpr PartBits kFirst{1, 2, 4, 8};
  const PartBits bits = (v.part[0] & kFirst) | (v.part[1] & (kFirst << 4)) | (v.part[2] & (kFirst << 8)) |
                        (v.part[3] & (kFirst << 12));
  return static_cast<uint32_t>((bits[0] | bits[1]) | (bits[2] | bits[3]));
#endif
}

static inline bool any(const Bits& v) { return mask_of(v) != 0; }

// v with `steps` added to its exponents, that is, times 2^steps; the low 9 bits of `steps` count.
static inline Lanes scaled_by(const Lanes& v, const Lanes& steps) {
  SPACEPORT_EACH_PART(Lanes, (PartFloats)((PartBits)v.part[i] + ((PartBits)steps.part[i] << 23)));
}

// 1.5 * 2^23: added to a number, it leaves the nearest integer in the low bits.
constexpr float kRounding = 12582912.0f;

// e^x for x in [-87, 0], relative error below 3e-7: 2^(n + f) with a degree 6 Taylor polynomial of e^(f ln 2),
// |f| <= 1/2. Smaller x count as -87.
static inline Lanes exponential(const Lanes& exponent) {
  const Lanes x = larger(-87.0f, exponent);
  const Lanes shifted = x * 1.44269504088896341f + kRounding;
  const Lanes n = shifted - kRounding;
  const Lanes r = (x - n * 0.693359375f) + n * 2.12194440e-4f;  // ln 2 in two parts (Cody and Waite)
  Lanes p = r * 1.3888889e-3f + 8.3333333e-3f;
  p = p * r + 4.1666668e-2f;
  p = p * r + 1.6666667e-1f;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return scaled_by(p, shifted);
}

// 2^x for x in [-126, 127], relative error below 3e-7: a degree 5 polynomial of least relative error for |f| <= 1/2.
// Smaller x count as -126.
static inline Lanes power_of_two(const Lanes& exponent) {
  const Lanes x = larger(-126.0f, exponent);
  const Lanes shifted = x + kRounding, f = x - (shifted - kRounding);
  Lanes p = f * 1.3276470126584172e-3f + 9.675540961325169e-3f;
  p = p * f + 5.550713464617729e-2f;
  p = p * f + 2.4022120237350464e-1f;
  p = p * f + 6.931469440460205e-1f;
  p = p * f + 1.0f;
  return scaled_by(p, shifted);
}

}  // namespace spaceport
