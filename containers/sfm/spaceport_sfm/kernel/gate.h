// Which pairs of features a known geometry of two photos allows, and an order of the features in which allowed pairs
// lie together, so that most tiles of the table of distances hold none and need not be computed.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace spaceport {

enum class Geometry { kNone = 0, kFundamental = 1, kHomography = 2 };

// Points of the first photo beside those of the second, by a 3 x 3 matrix from the first to the second: p2^T F p1 = 0
// within the Sampson error, or p2 = H p1 within a distance, in pixels.
class Gate {
 public:
  Gate(Geometry geometry, const double* matrix, double max_error, const float* xy1, int n1, const float* xy2, int n2)
      : geometry_(geometry), limit_(static_cast<float>(max_error * max_error)), rows_(n1), columns_(n2) {
    if (geometry == Geometry::kNone) return;
    double largest = 0;
    for (int i = 0; i < 9; ++i) largest = std::max(largest, std::abs(matrix[i]));
    for (int i = 0; i < 9; ++i) matrix_[i] = largest > 0 ? matrix[i] / largest : 0.0;  // within float's reach
    for (int i = 0; i < n1; ++i) rows_[i] = row_of(xy1[2 * i], xy1[2 * i + 1]);
    for (int i = 0; i < n2; ++i) columns_[i] = column_of(xy2[2 * i], xy2[2 * i + 1]);
  }

  bool closed() const { return geometry_ != Geometry::kNone; }

  // Fundamental: the epipolar line in the second photo, with a^2 + b^2 = 1 after a division by the root of 1 / scale.
  // Homography: a, b are the point in the second photo.
  struct Row {
    float a, b, c, scale;
  };
  // The point; for a fundamental matrix a^2 + b^2 of its epipolar line in the first photo.
  struct Column {
    float x, y, steepness;
  };

  const Row& row(int i) const { return rows_[i]; }
  const Column& column(int i) const { return columns_[i]; }

  // All ones in the lanes whose column belongs to the row.
  template <typename Floats>
  auto allowed(const Row& row, const Floats& x, const Floats& y, const Floats& steepness) const {
    if (geometry_ == Geometry::kFundamental) {
      const Floats away = x * row.a + y * row.b + row.c;
      return away * away <= (steepness * row.scale + 1.0f) * limit_;
    }
    const Floats dx = x - row.a, dy = y - row.b;
    return dx * dx + dy * dy <= Floats{} + limit_;
  }

  // Panels of columns: the middle of each, half of its extent along and across the epipolar lines, its most steepness.
  struct Boxes {
    std::vector<float> x, y, along, across, steepness;
  };

  void add_box(const int* columns, int count, Boxes& boxes) const {
    float low[2] = {1e30f, 1e30f}, high[2] = {-1e30f, -1e30f}, steepness = 0.0f;
    for (int i = 0; i < count; ++i) {
      const Column& column = columns_[columns[i]];
      const float at[2] = {direction_[0] * column.x + direction_[1] * column.y,
                           direction_[0] * column.y - direction_[1] * column.x};
      for (int axis = 0; axis < 2; ++axis) {
        low[axis] = std::min(low[axis], at[axis]);
        high[axis] = std::max(high[axis], at[axis]);
      }
      steepness = std::max(steepness, column.steepness);
    }
    const float u = (low[0] + high[0]) / 2, v = (low[1] + high[1]) / 2;
    boxes.x.push_back(direction_[0] * u - direction_[1] * v);
    boxes.y.push_back(direction_[1] * u + direction_[0] * v);
    boxes.along.push_back((high[0] - low[0]) / 2);
    boxes.across.push_back((high[1] - low[1]) / 2);
    boxes.steepness.push_back(steepness);
  }

  // Marks the boxes that may hold a column of the row.
  void mark(const Row& row, const Boxes& boxes, int32_t* __restrict marks) const {
    const float error = std::sqrt(limit_), slack = 0.01f;
    const int count = static_cast<int>(boxes.x.size());
    const float *__restrict x = boxes.x.data(), *__restrict y = boxes.y.data(), *__restrict along = boxes.along.data();
    const float *__restrict across = boxes.across.data(), *__restrict steepness = boxes.steepness.data();
    if (geometry_ == Geometry::kFundamental) {
      const float u = std::abs(row.a * direction_[0] + row.b * direction_[1]);
      const float v = std::abs(row.b * direction_[0] - row.a * direction_[1]);
      for (int i = 0; i < count; ++i) {
        const float reach = error * std::sqrt(1.0f + steepness[i] * row.scale) + u * along[i] + v * across[i];
        marks[i] |= std::abs(row.a * x[i] + row.b * y[i] + row.c) <= 1.001f * reach + slack;
      }
    } else {
      for (int i = 0; i < count; ++i) {
        marks[i] |= (std::abs(row.a - x[i]) <= error + along[i] + slack) &
                    (std::abs(row.b - y[i]) <= error + across[i] + slack);
      }
    }
  }

  // Orders of rows and columns; as they are where nothing is known.
  void order(std::vector<int>& rows, std::vector<int>& columns) {
    rows.resize(rows_.size());
    columns.resize(columns_.size());
    std::iota(rows.begin(), rows.end(), 0);
    std::iota(columns.begin(), columns.end(), 0);
    if (geometry_ == Geometry::kNone || rows.empty() || columns.empty()) return;
    std::vector<double> row_keys(rows.size()), column_keys(columns.size());
    if (geometry_ == Geometry::kFundamental) {
      keys_across_lines(row_keys, column_keys);
    } else {
      for (size_t i = 0; i < rows.size(); ++i) row_keys[i] = strip_key(rows_[i].a, rows_[i].b);
      for (size_t i = 0; i < columns.size(); ++i) column_keys[i] = strip_key(columns_[i].x, columns_[i].y);
    }
    std::stable_sort(rows.begin(), rows.end(), [&](int i, int k) { return row_keys[i] < row_keys[k]; });
    std::stable_sort(columns.begin(), columns.end(), [&](int i, int k) { return column_keys[i] < column_keys[k]; });
  }

 private:
  Row row_of(double x, double y) const {
    const double* m = matrix_;
    const double a = m[0] * x + m[1] * y + m[2], b = m[3] * x + m[4] * y + m[5], c = m[6] * x + m[7] * y + m[8];
    if (geometry_ == Geometry::kHomography) {
      return {static_cast<float>(a / c), static_cast<float>(b / c), 0.0f, 0.0f};
    }
    const double norm = std::max(std::sqrt(a * a + b * b), 1e-30);
    return {static_cast<float>(a / norm), static_cast<float>(b / norm), static_cast<float>(c / norm),
            static_cast<float>(1 / (norm * norm))};
  }

  Column column_of(double x, double y) const {
    const double* m = matrix_;
    const double a = m[0] * x + m[3] * y + m[6], b = m[1] * x + m[4] * y + m[7];
    const bool lines = geometry_ == Geometry::kFundamental;
    return {static_cast<float>(x), static_cast<float>(y), static_cast<float>(lines ? a * a + b * b : 0.0)};
  }

  // Where each point's epipolar line crosses a line through the middle that stands across them.
  void keys_across_lines(std::vector<double>& row_keys, std::vector<double>& column_keys) {
    double middle_x = 0, middle_y = 0;
    for (const Column& column : columns_) {
      middle_x += column.x / columns_.size();
      middle_y += column.y / columns_.size();
    }
    double epipole[3];
    find_epipole(epipole);
    double normal_x = epipole[1] - epipole[2] * middle_y, normal_y = epipole[2] * middle_x - epipole[0];
    const double length = std::max(std::sqrt(normal_x * normal_x + normal_y * normal_y), 1e-30);
    normal_x /= length;
    normal_y /= length;
    direction_[0] = static_cast<float>(normal_y);
    direction_[1] = static_cast<float>(-normal_x);
    auto crossing = [&](double a, double b, double c) {
      const double slope = a * normal_x + b * normal_y, at = a * middle_x + b * middle_y + c;
      return std::abs(slope) > 1e-12 * std::abs(at) ? -at / slope : std::copysign(1e12, -at);
    };
    for (size_t i = 0; i < rows_.size(); ++i) row_keys[i] = crossing(rows_[i].a, rows_[i].b, rows_[i].c);
    for (size_t i = 0; i < columns_.size(); ++i) {
      const double x = columns_[i].x, y = columns_[i].y;
      column_keys[i] = crossing(epipole[1] - epipole[2] * y, epipole[2] * x - epipole[0],
                                epipole[0] * y - epipole[1] * x);
    }
  }

  // The second photo's: it lies on every epipolar line, so across two columns of the matrix.
  void find_epipole(double epipole[3]) const {
    double longest = -1;
    for (int first = 0; first < 3; ++first) {
      const int second = (first + 1) % 3;
      const double a[3] = {matrix_[first], matrix_[3 + first], matrix_[6 + first]};
      const double b[3] = {matrix_[second], matrix_[3 + second], matrix_[6 + second]};
      const double cross[3] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
      const double length = std::sqrt(cross[0] * cross[0] + cross[1] * cross[1] + cross[2] * cross[2]);
      if (length > longest) {
        longest = length;
        std::copy_n(cross, 3, epipole);
      }
    }
    if (longest > 0) std::for_each(epipole, epipole + 3, [&](double& value) { value /= longest; });
  }

  // Along strips of 64 pixels, one after the other.
  static double strip_key(double x, double y) { return std::floor(y / 64.0) * 1e6 + x; }

  Geometry geometry_;
  double matrix_[9];
  float limit_;
  float direction_[2] = {1.0f, 0.0f};  // of the epipolar line through the middle of the points
  std::vector<Row> rows_;
  std::vector<Column> columns_;
};

}  // namespace spaceport
