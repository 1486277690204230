// Nearest descriptors of two photos, both ways, by tiles of the table of distances: a tile is a small matrix product
// whose results never leave registers, so that memory grows with the number of descriptors and not with its square.
//
// The rules are COLMAP's: squared distances between vectors of length 512, Lowe's ratio against the second nearest,
// and pairs that the geometry does not allow count as 512 apart, so that they still are a second nearest.
#include <array>
#include <cstring>
#include <limits>
#include <new>

#include "gate.h"

namespace spaceport {

constexpr int kLength = 128;
constexpr float kSquaredNorm = 512.0f * 512.0f;

#if defined(__AVX512F__)
constexpr int kLanes = 16, kRows = 12;
#else
constexpr int kLanes = 8, kRows = 6;
#endif
constexpr int kParts = 2, kColumns = kParts * kLanes;
constexpr int kGroups = 8;  // of rows that stay in the nearest cache while the columns pass by

typedef float Part __attribute__((vector_size(4 * kLanes)));
typedef int32_t PartMask __attribute__((vector_size(4 * kLanes)));

static inline Part load_part(const float* from) {
  Part part;
  std::memcpy(&part, from, sizeof part);
  return part;
}

static inline void store_part(float* to, const Part& part) { std::memcpy(to, &part, sizeof part); }

static inline bool any(const PartMask& mask) {
  int32_t bits = 0;
  for (int i = 0; i < kLanes; ++i) bits |= mask[i];
  return bits != 0;
}

struct Nearest {
  int index = -1;
  float best, second;
};

// The nearest two for each of many, by lanes: several lanes may hold candidates of one.
struct NearestLanes {
  std::vector<float> best, second, index;

  NearestLanes(size_t count, float beyond) : best(count, beyond), second(count, beyond), index(count, -1.0f) {}

  void see(size_t at, const Part& distance, const Part& numbers) {
    const Part first = load_part(&best[at]), runner_up = load_part(&second[at]);
    const PartMask nearer = distance < first;
    const Part loser = nearer ? first : distance;
    store_part(&second[at], loser < runner_up ? loser : runner_up);
    store_part(&best[at], nearer ? distance : first);
    store_part(&index[at], nearer ? numbers : load_part(&index[at]));
  }

  // Of `count` lanes from `at` on.
  Nearest result(size_t at, int count) const {
    Nearest nearest{-1, best[at], second[at]};
    nearest.index = static_cast<int>(index[at]);
    for (size_t i = at + 1; i < at + count; ++i) {
      if (best[i] < nearest.best) {
        nearest.second = std::min(nearest.best, second[i]);
        nearest.best = best[i];
        nearest.index = static_cast<int>(index[i]);
      } else {
        nearest.second = std::min(nearest.second, best[i]);
      }
    }
    return nearest;
  }
};

// Descriptors as floats in an order, with the squares of their lengths; padded to whole tiles.
struct Table {
  int count;
  std::vector<float> values, squares;

  static Table of_rows(const uint8_t* descriptors, const std::vector<int>& order) {
    Table table(order.size(), kRows);
    for (size_t i = 0; i < order.size(); ++i) {
      const uint8_t* from = descriptors + static_cast<size_t>(order[i]) * kLength;
      for (int k = 0; k < kLength; ++k) table.values[i * kLength + k] = from[k];
      table.squares[i] = square(from);
    }
    return table;
  }

  // Panels of kColumns descriptors, an element of all of them after the other.
  static Table of_panels(const uint8_t* descriptors, const std::vector<int>& order) {
    Table table(order.size(), kColumns);
    for (size_t i = 0; i < order.size(); ++i) {
      const uint8_t* from = descriptors + static_cast<size_t>(order[i]) * kLength;
      float* to = table.values.data() + i / kColumns * kColumns * kLength + i % kColumns;
      for (int k = 0; k < kLength; ++k) to[k * kColumns] = from[k];
      table.squares[i] = square(from);
    }
    return table;
  }

 private:
  Table(size_t rows, int step)
      : count(static_cast<int>((rows + step - 1) / step * step)),
        values(static_cast<size_t>(count) * kLength),
        // What pads a table is further away than anything.
        squares(count, std::numeric_limits<float>::max()) {}

  static float square(const uint8_t* from) {
    int total = 0;
    for (int k = 0; k < kLength; ++k) total += from[k] * from[k];
    return static_cast<float>(total);
  }
};

class Matcher {
 public:
  Matcher(const uint8_t* first, const uint8_t* second, Gate& gate) : gate_(gate) {
    gate.order(row_order_, column_order_);
    rows_ = Table::of_rows(first, row_order_);
    panels_ = Table::of_panels(second, column_order_);
    const float beyond = gate.closed() ? kSquaredNorm : std::numeric_limits<float>::max();
    of_rows_ = NearestLanes(static_cast<size_t>(rows_.count) * kLanes, beyond);
    of_columns_ = NearestLanes(panels_.count, beyond);
    if (gate.closed()) {
      for (auto* values : {&x_, &y_, &steepness_}) values->assign(panels_.count, 1e18f);
      for (size_t i = 0; i < column_order_.size(); ++i) {
        const Gate::Column& column = gate.column(column_order_[i]);
        x_[i] = column.x;
        y_[i] = column.y;
        steepness_[i] = column.steepness;
      }
    }
    const int step = kRows * kGroups, panels = panels_.count / kColumns;
    Gate::Boxes boxes;
    for (int panel = 0; gate.closed() && panel < panels; ++panel) {
      const int from = panel * kColumns, count = std::min(kColumns, static_cast<int>(column_order_.size()) - from);
      gate.add_box(column_order_.data() + from, count, boxes);
    }
    std::vector<int32_t> near(static_cast<size_t>(kGroups) * panels, 1);
    for (int block = 0; block < rows_.count; block += step) {
      const int end = std::min(block + step, static_cast<int>(row_order_.size()));
      if (gate.closed()) std::fill(near.begin(), near.end(), 0);
      for (int row = block; gate.closed() && row < end; ++row) {
        gate.mark(gate.row(row_order_[row]), boxes, near.data() + static_cast<size_t>((row - block) / kRows) * panels);
      }
      for (int panel = 0; panel < panels; ++panel) {
        for (int row = block; row < end; row += kRows) {
          if (near[static_cast<size_t>((row - block) / kRows) * panels + panel]) see_tile(row, panel * kColumns);
        }
      }
    }
  }

  // Pairs of indices, in the order of the first photo's.
  std::vector<std::array<int32_t, 2>> matches(float max_ratio, float max_distance, bool both_ways) const {
    std::vector<int> forward(row_order_.size(), -1), backward(column_order_.size(), -1);
    auto take = [&](const Nearest& nearest) {
      return nearest.index >= 0 && nearest.best <= kSquaredNorm * max_distance * max_distance &&
             std::sqrt(nearest.best) < max_ratio * std::sqrt(nearest.second);
    };
    for (size_t i = 0; i < row_order_.size(); ++i) {
      const Nearest nearest = of_rows_.result(i * kLanes, kLanes);
      if (take(nearest)) forward[row_order_[i]] = column_order_[nearest.index];
    }
    for (size_t i = 0; i < column_order_.size(); ++i) {
      const Nearest nearest = of_columns_.result(i, 1);
      if (take(nearest)) backward[column_order_[i]] = row_order_[nearest.index];
    }
    std::vector<std::array<int32_t, 2>> found;
    for (size_t i = 0; i < forward.size(); ++i) {
      const int other = forward[i];
      if (other < 0 || (both_ways && backward[other] != static_cast<int>(i))) continue;
      found.push_back({static_cast<int32_t>(i), other});
    }
    return found;
  }

 private:
  void see_tile(int row, int panel) {
    PartMask allowed[kRows][kParts];
    if (gate_.closed() && !allow(row, panel, allowed)) return;
    Part products[kRows][kParts] = {};
    const float* left = rows_.values.data() + static_cast<size_t>(row) * kLength;
    const float* right = panels_.values.data() + static_cast<size_t>(panel) * kLength;
    for (int k = 0; k < kLength; ++k) {
      const Part one = load_part(right + k * kColumns), other = load_part(right + k * kColumns + kLanes);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const float value = left[r * kLength + k];
        products[r][0] += one * value;
        products[r][1] += other * value;
      }
    }
    for (int r = 0; r < kRows; ++r) {
      if (row + r >= static_cast<int>(row_order_.size())) break;
      const float square = rows_.squares[row + r];
      const Part row_number = Part{} + static_cast<float>(row + r);
      for (int part = 0; part < kParts; ++part) {
        const int column = panel + part * kLanes;
        Part distance = load_part(&panels_.squares[column]) + square - products[r][part] * 2.0f;
        if (gate_.closed()) distance = allowed[r][part] ? distance : Part{} + kSquaredNorm;
        of_rows_.see(static_cast<size_t>(row + r) * kLanes, distance, numbers(column));
        of_columns_.see(column, distance, row_number);
      }
    }
  }

  // Which pairs of a tile the geometry allows; false where none.
  bool allow(int row, int panel, PartMask (&allowed)[kRows][kParts]) const {
    PartMask seen{};
    const int rows = std::min(kRows, static_cast<int>(row_order_.size()) - row);
    for (int part = 0; part < kParts; ++part) {
      const int column = panel + part * kLanes;
      const Part x = load_part(&x_[column]), y = load_part(&y_[column]), steepness = load_part(&steepness_[column]);
      for (int r = 0; r < rows; ++r) {
        allowed[r][part] = gate_.allowed(gate_.row(row_order_[row + r]), x, y, steepness);
        seen |= allowed[r][part];
      }
    }
    return any(seen);
  }

  static Part numbers(int from) {
    Part numbers;
    for (int i = 0; i < kLanes; ++i) numbers[i] = static_cast<float>(from + i);
    return numbers;
  }

  const Gate& gate_;
  std::vector<int> row_order_, column_order_;
  Table rows_ = Table::of_rows(nullptr, {}), panels_ = Table::of_panels(nullptr, {});
  NearestLanes of_rows_{0, 0}, of_columns_{0, 0};
  std::vector<float> x_, y_, steepness_;
};

}  // namespace spaceport

extern "C" {

// Writes at most n1 matches, int32[n, 2], and returns their number; -1 without memory. With a geometry other than 0
// (1 fundamental, 2 homography) xy float32[n, 2] and a matrix float64[3, 3] say which pairs are allowed.
int spaceport_features_match(const uint8_t* descriptors1, int n1, const uint8_t* descriptors2, int n2,
                             float max_ratio, float max_distance, int both_ways, int geometry, const double* matrix,
                             double max_error, const float* xy1, const float* xy2, int32_t* matches) try {
  spaceport::Gate gate(static_cast<spaceport::Geometry>(geometry), matrix, max_error, xy1, n1, xy2, n2);
  const spaceport::Matcher matcher(descriptors1, descriptors2, gate);
  const auto found = matcher.matches(max_ratio, max_distance, both_ways != 0);
  if (!found.empty()) std::memcpy(matches, found.data(), found.size() * sizeof found[0]);
  return static_cast<int>(found.size());
} catch (const std::bad_alloc&) {
  return -1;
}
}
