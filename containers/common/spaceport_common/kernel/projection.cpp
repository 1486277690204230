// Projects 3D Gaussians to 2D ones through a lens (EWA splatting), with their colours, and back the gradients; behind a
// C ABI. projection.py and spherical_harmonics.py state the same in torch and are the oracles of the tests.
//
// Sixteen Gaussians at a time. Chunks of rows go to threads, and each row is written by one of them alone, so that the
// result does not depend on their number.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <vector>

#include "harmonics.h"
#include "lens.h"
#include "parallel.h"

namespace spaceport {

constexpr int kChunk = 1024;  // rows
constexpr float kDilation = 0.3f;  // square pixels
constexpr float kReachSigmas = 3.34f, kReachMargin = 1.5f;  // as in projection.py
constexpr float kShortest = 1e-12f;  // length below which a vector is not normalised, as in torch

// Parameters of `count` Gaussians, as in gaussians.py; `rest` harmonics of each are stored.
struct Model {
  int32_t count, rest;
  const float *means, *log_scales, *quaternions, *opacity_logits, *base_colors, *rest_colors;
};

struct ModelGradient {
  float *means, *log_scales, *quaternions, *opacity_logits, *base_colors, *rest_colors;
};

struct Three {
  Lanes x, y, z;
};

static inline Lanes dot(const Three& a, const Three& b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

static inline Lanes square_root(const Lanes& v) {
  float values[kLanes];
  store_lanes(values, v);
  for (float& value : values) value = std::sqrt(value);
  return load_lanes(values);
}

// Column `column` of a table [.., width], at sixteen rows.
static inline Lanes gathered(const float* table, const int64_t* rows, int width, int column) {
  float values[kLanes];
  for (int i = 0; i < kLanes; ++i) values[i] = table[rows[i] * width + column];
  return load_lanes(values);
}

static inline Three gathered3(const float* table, const int64_t* rows, int width = 3, int first = 0) {
  return {gathered(table, rows, width, first), gathered(table, rows, width, first + 1),
          gathered(table, rows, width, first + 2)};
}

static inline void scatter(float* table, const int64_t* rows, int count, int width, int column, const Lanes& lanes) {
  float values[kLanes];
  store_lanes(values, lanes);
  for (int i = 0; i < count; ++i) table[rows[i] * width + column] = values[i];
}

static inline void scatter3(float* table, const int64_t* rows, int count, int width, int first, const Three& values) {
  scatter(table, rows, count, width, first, values.x);
  scatter(table, rows, count, width, first + 1, values.y);
  scatter(table, rows, count, width, first + 2, values.z);
}

static inline Three turned(const float* r, const Three& v) {
  return {r[0] * v.x + r[1] * v.y + r[2] * v.z, r[3] * v.x + r[4] * v.y + r[5] * v.z,
          r[6] * v.x + r[7] * v.y + r[8] * v.z};
}

static inline Three turned_back(const float* r, const Three& v) {
  return {r[0] * v.x + r[3] * v.y + r[6] * v.z, r[1] * v.x + r[4] * v.y + r[7] * v.z,
          r[2] * v.x + r[5] * v.y + r[8] * v.z};
}

static inline Three in_camera(const View& view, const Three& mean) {
  const Three v = turned(view.rotation, mean);
  return {v.x + view.translation[0], v.y + view.translation[1], v.z + view.translation[2]};
}


// e^x, where it is a number and below 2^127.
static inline Lanes power_of_e(const Lanes& x) {
  return exponential(smaller(88.0f, x));
}

// All bits where a Gaussian lies in front of the camera and may reach into the picture: a cautious estimate.
static Bits may_be_seen(const Model& model, const View& view, const int64_t* rows) {
  const Three p = in_camera(view, gathered3(model.means, rows));
  const Bits front = p.z > view.near;
  const Lanes safe = chosen(front, p.z, 1.0f);
  const Lanes x = p.x / safe, y = p.y / safe, r2 = x * x + y * y;
  const Distorted bent = distort(view, x, y);
  const Three logs = gathered3(model.log_scales, rows);
  const Lanes size = power_of_e(larger(larger(logs.x, logs.y), logs.z));
  const Bits numbers = (logs.x == logs.x) & (logs.y == logs.y) & (logs.z == logs.z);
  const Lanes sigma = size / safe * square_root(1.0f + r2) * std::max(view.fx, view.fy);
  const Lanes reach = kReachSigmas * (kReachMargin * sigma + 1.0f);
  const Lanes u = view.fx * bent.x + view.cx, v = view.fy * bent.y + view.cy;
  return front & numbers & (r2 < Lanes(view.radius_limit * view.radius_limit)) & (u > -reach) &
         (u < static_cast<float>(view.width) + reach) & (v > -reach) & (v < static_cast<float>(view.height) + reach);
}

// What forward and backward both need of sixteen Gaussians.
struct Shape {
  Three mean, camera;           // in the world; in the camera's frame
  Lanes x, y, by_z;             // normalised coordinates, 1 / depth
  Distorted bent;
  Three ju, jv;                 // the picture's Jacobian by camera coordinates, times depth over focal length
  Three qu, qv;                 // the same by world coordinates, whole
  Lanes w, i, j, k, by_length;  // unit quaternion, and 1 / its length before
  Three axes[3], turn[3];       // by world axis: half axes (R S), rotation (R)
  Three size;
  Lanes uu, uv, vv, by_determinant;
  Three u, v;                   // the Jacobian times the half axes
};

static Shape shape_of(const Model& model, const View& view, const int64_t* rows) {
  Shape s;
  s.mean = gathered3(model.means, rows);
  s.camera = in_camera(view, s.mean);
  s.by_z = 1.0f / s.camera.z;
  s.x = s.camera.x * s.by_z;
  s.y = s.camera.y * s.by_z;
  s.bent = distort(view, s.x, s.y);
  s.ju = {s.bent.xx, s.bent.xy, -(s.bent.xx * s.x + s.bent.xy * s.y)};
  s.jv = {s.bent.xy, s.bent.yy, -(s.bent.xy * s.x + s.bent.yy * s.y)};
  const Lanes scale_u = view.fx * s.by_z, scale_v = view.fy * s.by_z;
  s.qu = turned_back(view.rotation, {s.ju.x * scale_u, s.ju.y * scale_u, s.ju.z * scale_u});
  s.qv = turned_back(view.rotation, {s.jv.x * scale_v, s.jv.y * scale_v, s.jv.z * scale_v});

  s.w = gathered(model.quaternions, rows, 4, 0);
  s.i = gathered(model.quaternions, rows, 4, 1);
  s.j = gathered(model.quaternions, rows, 4, 2);
  s.k = gathered(model.quaternions, rows, 4, 3);
  s.by_length = 1.0f / larger(square_root(s.w * s.w + s.i * s.i + s.j * s.j + s.k * s.k), kShortest);
  s.w *= s.by_length;
  s.i *= s.by_length;
  s.j *= s.by_length;
  s.k *= s.by_length;
  s.turn[0] = {1.0f - 2.0f * (s.j * s.j + s.k * s.k), 2.0f * (s.i * s.j - s.w * s.k), 2.0f * (s.i * s.k + s.w * s.j)};
  s.turn[1] = {2.0f * (s.i * s.j + s.w * s.k), 1.0f - 2.0f * (s.i * s.i + s.k * s.k), 2.0f * (s.j * s.k - s.w * s.i)};
  s.turn[2] = {2.0f * (s.i * s.k - s.w * s.j), 2.0f * (s.j * s.k + s.w * s.i), 1.0f - 2.0f * (s.i * s.i + s.j * s.j)};
  const Three logs = gathered3(model.log_scales, rows);
  s.size = {power_of_e(logs.x), power_of_e(logs.y), power_of_e(logs.z)};
  for (int axis = 0; axis < 3; ++axis)
    s.axes[axis] = {s.turn[axis].x * s.size.x, s.turn[axis].y * s.size.y, s.turn[axis].z * s.size.z};

  auto across = [&](const Three& q) -> Three {
    return {q.x * s.axes[0].x + q.y * s.axes[1].x + q.z * s.axes[2].x,
            q.x * s.axes[0].y + q.y * s.axes[1].y + q.z * s.axes[2].y,
            q.x * s.axes[0].z + q.y * s.axes[1].z + q.z * s.axes[2].z};
  };
  s.u = across(s.qu);
  s.v = across(s.qv);
  s.uu = dot(s.u, s.u) + kDilation;
  s.uv = dot(s.u, s.v);
  s.vv = dot(s.v, s.v) + kDilation;
  s.by_determinant = 1.0f / (s.uu * s.vv - s.uv * s.uv);
  return s;
}

// Unit vectors from the camera, and 1 / their length before.
struct Directions {
  Three unit;
  Lanes by_length;
};

static Directions directions(const View& view, const Three& mean) {
  const float *r = view.rotation, *t = view.translation;
  Three d{mean.x + (r[0] * t[0] + r[3] * t[1] + r[6] * t[2]), mean.y + (r[1] * t[0] + r[4] * t[1] + r[7] * t[2]),
          mean.z + (r[2] * t[0] + r[5] * t[1] + r[8] * t[2])};
  const Lanes by_length = 1.0f / larger(square_root(dot(d, d)), kShortest);
  return {{d.x * by_length, d.y * by_length, d.z * by_length}, by_length};
}

// Colours before they are cut at 0, with the harmonics that went into them.
static Three color_of(const Model& model, int degree, const int64_t* rows, const Three& unit, Lanes* value) {
  Three color = gathered3(model.base_colors, rows);
  color = {kC0 * color.x + 0.5f, kC0 * color.y + 0.5f, kC0 * color.z + 0.5f};
  harmonics(degree, unit.x, unit.y, unit.z, value);
  for (int k = 0; k < harmonics_of(degree); ++k) {
    const Three rest = gathered3(model.rest_colors, rows, 3 * model.rest, 3 * k);
    color = {color.x + value[k] * rest.x, color.y + value[k] * rest.y, color.z + value[k] * rest.z};
  }
  return color;
}

static inline Lanes cut(const Lanes& v) { return larger(v, 0.0f); }

// What projection writes, by the place of a Gaussian among those that may be seen.
struct Looks {
  int64_t* rows;
  float *xy, *conic, *opacity, *color, *depth;
};

static void project_some(const Model& model, const View& view, int degree, int64_t first, int count, const Looks& out) {
  int64_t rows[kLanes], places[kLanes];
  for (int i = 0; i < kLanes; ++i) {
    places[i] = first + i;
    rows[i] = out.rows[first + std::min(i, count - 1)];
  }
  const Shape s = shape_of(model, view, rows);
  scatter(out.xy, places, count, 2, 0, view.fx * s.bent.x + view.cx);
  scatter(out.xy, places, count, 2, 1, view.fy * s.bent.y + view.cy);
  scatter3(out.conic, places, count, 3, 0,
           {s.vv * s.by_determinant, -s.uv * s.by_determinant, s.uu * s.by_determinant});
  scatter(out.depth, places, count, 1, 0, s.camera.z);
  scatter(out.opacity, places, count, 1, 0, 1.0f / (1.0f + power_of_e(-gathered(model.opacity_logits, rows, 1, 0))));
  Lanes value[kMostHarmonics];
  const Three color = color_of(model, degree, rows, directions(view, s.mean).unit, value);
  scatter3(out.color, places, count, 3, 0, {cut(color.x), cut(color.y), cut(color.z)});
}

// dL/dx and dL/dy of the normalised coordinates, and by depth, of what the Jacobians' gradients and the place ask for.
static Three camera_gradient(const View& view, const Shape& s, const Lanes& gu, const Lanes& gv, Three hu, Three hv) {
  const Lanes scale_u = view.fx * s.by_z, scale_v = view.fy * s.by_z;
  hu = {hu.x * scale_u, hu.y * scale_u, hu.z * scale_u};
  hv = {hv.x * scale_v, hv.y * scale_v, hv.z * scale_v};
  Lanes gz = -(dot(hu, s.ju) + dot(hv, s.jv)) * s.by_z;
  const Distorted& b = s.bent;
  const Lanes gxx = hu.x - s.x * hu.z, gyy = hv.y - s.y * hv.z;
  const Lanes gxy = hu.y - s.y * hu.z + hv.x - s.x * hv.z;
  const Lanes to_x = view.fx * gu, to_y = view.fy * gv;
  const Lanes gx = b.xx * (to_x - hu.z) + b.xy * (to_y - hv.z) + gxx * b.xxx + gxy * b.xxy + gyy * b.xyy;
  const Lanes gy = b.xy * (to_x - hu.z) + b.yy * (to_y - hv.z) + gxx * b.xxy + gxy * b.xyy + gyy * b.yyy;
  gz -= (gx * s.x + gy * s.y) * s.by_z;
  return {gx * s.by_z, gy * s.by_z, gz};
}

// Gradient of a quaternion before it was normalised, from that of the rotation, by world axis.
static void quaternion_gradient(const Shape& s, const Three g[3], Lanes out[4]) {
  out[0] = s.i * (g[2].y - g[1].z) + s.j * (g[0].z - g[2].x) + s.k * (g[1].x - g[0].y);
  out[1] = s.j * (g[0].y + g[1].x) + s.k * (g[0].z + g[2].x) + s.w * (g[2].y - g[1].z) - 2.0f * s.i * (g[1].y + g[2].z);
  out[2] = s.i * (g[0].y + g[1].x) + s.k * (g[1].z + g[2].y) + s.w * (g[0].z - g[2].x) - 2.0f * s.j * (g[0].x + g[2].z);
  out[3] = s.i * (g[0].z + g[2].x) + s.j * (g[1].z + g[2].y) + s.w * (g[1].x - g[0].y) - 2.0f * s.k * (g[0].x + g[1].y);
  for (int n = 0; n < 4; ++n) out[n] *= 2.0f;
  const Lanes along = out[0] * s.w + out[1] * s.i + out[2] * s.j + out[3] * s.k;
  out[0] = (out[0] - s.w * along) * s.by_length;
  out[1] = (out[1] - s.i * along) * s.by_length;
  out[2] = (out[2] - s.j * along) * s.by_length;
  out[3] = (out[3] - s.k * along) * s.by_length;
}

// `looks`: gradients by x y, conic xx xy yy, opacity, r g b.
static void project_back_some(const Model& model, const View& view, int degree, const int64_t* all_rows,
                              const float* looks, int64_t first, int count, const ModelGradient& out) {
  int64_t rows[kLanes], places[kLanes];
  for (int i = 0; i < kLanes; ++i) {
    places[i] = first + std::min(i, count - 1);
    rows[i] = all_rows[places[i]];
  }
  const Shape s = shape_of(model, view, rows);
  Lanes g[9];
  for (int n = 0; n < 9; ++n) g[n] = gathered(looks, places, 9, n);

  // Inverse covariance to covariance, to the half axes in the picture, to those in the world and the Jacobian.
  const Lanes by_det = s.by_determinant;
  const Lanes g_det = -(g[2] * s.vv - g[3] * s.uv + g[4] * s.uu) * by_det * by_det;
  const Lanes guu = g[4] * by_det + g_det * s.vv, gvv = g[2] * by_det + g_det * s.uu;
  const Lanes guv = -g[3] * by_det - 2.0f * g_det * s.uv;
  const Three gu{2.0f * guu * s.u.x + guv * s.v.x, 2.0f * guu * s.u.y + guv * s.v.y, 2.0f * guu * s.u.z + guv * s.v.z};
  const Three gv{2.0f * gvv * s.v.x + guv * s.u.x, 2.0f * gvv * s.v.y + guv * s.u.y, 2.0f * gvv * s.v.z + guv * s.u.z};
  const Lanes qu[3] = {s.qu.x, s.qu.y, s.qu.z}, qv[3] = {s.qv.x, s.qv.y, s.qv.z};
  Three turn[3], log_scales{};
  for (int axis = 0; axis < 3; ++axis) {
    const Three ga{gu.x * qu[axis] + gv.x * qv[axis], gu.y * qu[axis] + gv.y * qv[axis],
                   gu.z * qu[axis] + gv.z * qv[axis]};
    turn[axis] = {ga.x * s.size.x, ga.y * s.size.y, ga.z * s.size.z};
    log_scales.x += ga.x * s.axes[axis].x;
    log_scales.y += ga.y * s.axes[axis].y;
    log_scales.z += ga.z * s.axes[axis].z;
  }
  scatter3(out.log_scales, rows, count, 3, 0, log_scales);
  Lanes quaternion[4];
  quaternion_gradient(s, turn, quaternion);
  for (int n = 0; n < 4; ++n) scatter(out.quaternions, rows, count, 4, n, quaternion[n]);

  const Three hu = turned(view.rotation, {dot(gu, s.axes[0]), dot(gu, s.axes[1]), dot(gu, s.axes[2])});
  const Three hv = turned(view.rotation, {dot(gv, s.axes[0]), dot(gv, s.axes[1]), dot(gv, s.axes[2])});
  Three mean = turned_back(view.rotation, camera_gradient(view, s, g[0], g[1], hu, hv));

  const Lanes opacity = 1.0f / (1.0f + power_of_e(-gathered(model.opacity_logits, rows, 1, 0)));
  scatter(out.opacity_logits, rows, count, 1, 0, g[5] * opacity * (1.0f - opacity));

  const Directions seen = directions(view, s.mean);
  Lanes value[kMostHarmonics], weight[kMostHarmonics];
  const Three color = color_of(model, degree, rows, seen.unit, value);
  const Three gc{chosen(color.x < 0.0f, 0.0f, g[6]), chosen(color.y < 0.0f, 0.0f, g[7]),
                 chosen(color.z < 0.0f, 0.0f, g[8])};
  scatter3(out.base_colors, rows, count, 3, 0, {kC0 * gc.x, kC0 * gc.y, kC0 * gc.z});
  if (degree > 0) {
    for (int k = 0; k < harmonics_of(degree); ++k) {
      weight[k] = dot(gathered3(model.rest_colors, rows, 3 * model.rest, 3 * k), gc);
      scatter3(out.rest_colors, rows, count, 3 * model.rest, 3 * k,
               {value[k] * gc.x, value[k] * gc.y, value[k] * gc.z});
    }
    Three gd{};
    add_slopes(degree, seen.unit.x, seen.unit.y, seen.unit.z, weight, gd.x, gd.y, gd.z);
    const Lanes along = dot(gd, seen.unit);
    mean.x += (gd.x - seen.unit.x * along) * seen.by_length;
    mean.y += (gd.y - seen.unit.y * along) * seen.by_length;
    mean.z += (gd.z - seen.unit.z * along) * seen.by_length;
  }
  scatter3(out.means, rows, count, 3, 0, mean);
}

static void clear(const Model& model, int64_t first, int64_t end, const ModelGradient& out) {
  auto zero = [&](float* table, int64_t width) { std::fill(table + first * width, table + end * width, 0.0f); };
  zero(out.means, 3);
  zero(out.log_scales, 3);
  zero(out.quaternions, 4);
  zero(out.opacity_logits, 1);
  zero(out.base_colors, 3);
  zero(out.rest_colors, 3 * static_cast<int64_t>(model.rest));
}

static int chunks(int64_t count) { return static_cast<int>((count + kChunk - 1) / kChunk); }

}  // namespace spaceport

using spaceport::kChunk;
using spaceport::kLanes;

extern "C" {

// What may be seen of a model: rows[n] ascending, xy[n, 2] pixels, conic[n, 3] (inverse covariance xx, xy, yy, pixels
// to the -2), opacity[n] in [0, 1], color[n, 3], not below 0, with harmonics up to `degree`, depth[n]. There is room
// for all of the model's Gaussians. Returns n, or -1 when memory runs out.
int spaceport_project(const spaceport::Model* model, const spaceport::View* view, int degree, int threads,
                      int64_t* rows, float* xy, float* conic, float* opacity, float* color, float* depth) try {
  const int64_t count = model->count;
  const int chunks = spaceport::chunks(count);
  std::vector<int32_t> found(count);
  std::vector<int64_t> first(chunks + 1, 0);
  spaceport::parallel_for(chunks, threads, [&](int chunk) {
    int32_t* next = found.data() + static_cast<int64_t>(chunk) * kChunk;
    const int64_t end = std::min(count, static_cast<int64_t>(chunk + 1) * kChunk);
    for (int64_t row = static_cast<int64_t>(chunk) * kChunk; row < end; row += kLanes) {
      int64_t some[kLanes];
      for (int i = 0; i < kLanes; ++i) some[i] = std::min(row + i, end - 1);
      const uint32_t seen = spaceport::mask_of(spaceport::may_be_seen(*model, *view, some));
      for (int i = 0; i < kLanes && row + i < end; ++i)
        if (seen >> i & 1) *next++ = static_cast<int32_t>(row + i);
    }
    first[chunk + 1] = next - (found.data() + static_cast<int64_t>(chunk) * kChunk);
  });
  for (int chunk = 0; chunk < chunks; ++chunk) first[chunk + 1] += first[chunk];
  const spaceport::Looks out{rows, xy, conic, opacity, color, depth};
  spaceport::parallel_for(chunks, threads, [&](int chunk) {
    const int32_t* source = found.data() + static_cast<int64_t>(chunk) * kChunk;
    std::copy(source, source + (first[chunk + 1] - first[chunk]), rows + first[chunk]);
    for (int64_t at = first[chunk]; at < first[chunk + 1]; at += kLanes) {
      const int some = static_cast<int>(std::min<int64_t>(kLanes, first[chunk + 1] - at));
      spaceport::project_some(*model, *view, degree, at, some, out);
    }
  });
  return static_cast<int>(first[chunks]);
} catch (const std::bad_alloc&) {
  return -1;
}

// Gradients by the model's parameters, all rows of them, from looks[n, 9]: those by x y, conic xx xy yy, opacity and
// r g b of the n rows that spaceport_project found.
void spaceport_project_back(const spaceport::Model* model, const spaceport::View* view, int degree, int threads, int n,
                            const int64_t* rows, const float* looks, const spaceport::ModelGradient* gradient) {
  if (n == 0) return spaceport::clear(*model, 0, model->count, *gradient);
  const int chunks = spaceport::chunks(n);
  spaceport::parallel_for(chunks, threads, [&](int chunk) {
    const int64_t first = static_cast<int64_t>(chunk) * kChunk, end = std::min<int64_t>(n, first + kChunk);
    spaceport::clear(*model, chunk == 0 ? 0 : rows[first], end == n ? model->count : rows[end], *gradient);
    for (int64_t at = first; at < end; at += kLanes) {
      const int some = static_cast<int>(std::min<int64_t>(kLanes, end - at));
      spaceport::project_back_some(*model, *view, degree, rows, looks, at, some, *gradient);
    }
  });
}
}
