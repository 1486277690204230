// SIFT features of one photo behind a C ABI: the features that COLMAP extracts on CPU, in a fraction of the time. Only
// keypoints that are kept are described, and no octave below 0 is made where the others hold enough keypoints.
#include <new>

#include "descriptors.h"

namespace spaceport {

struct SiftOptions {
  int first_octave, octaves, resolution, most_features, most_orientations;
  DetectionLimits limits;
};

struct Features {
  std::vector<float> keypoints;      // x, y (middle of the first pixel at 0.5), sigma, angle
  std::vector<uint8_t> descriptors;  // 128 each
};

class Extraction {
 public:
  Extraction(const Image& photo, const SiftOptions& options) : options_(options), space_{options.resolution} {
    // Octaves below 0 hold the smallest keypoints: they are left out first.
    const int last = options.first_octave + options.octaves - 1;
    if (options.first_octave < 0 && last >= 0) {
      detect(photo, 0, last);
      if (count() > options.most_features) return;
    }
    detect(photo, options.first_octave, last);
  }

  Features describe_largest() {
    // Whole levels are kept, the largest first, up to the one that reaches beyond the limit: COLMAP's way.
    size_t first_kept = 0;
    int counted = 0;
    for (size_t level = levels_.size(); level-- > 0;) {
      counted += static_cast<int>(levels_[level].size());
      if (counted > options_.most_features) {
        first_kept = level;
        break;
      }
    }
    Features features;
    for (size_t level = first_kept; level < levels_.size(); ++level) describe_level(levels_[level], features);
    return features;
  }

 private:
  void detect(const Image& photo, int first, int last) {
    levels_.clear();
    octaves_.clear();
    const Detector detector(space_, options_.limits);
    for (int number = first; number <= last; ++number) {
      if ((number > 0 ? std::min(photo.width, photo.height) >> number : photo.width) < 1) break;
      Octave octave = number == first ? space_.first_octave(photo, number) : space_.next_octave(octaves_.back());
      const int index = static_cast<int>(octaves_.size());
      for (auto& level : detector.detect(octave, index)) levels_.push_back(std::move(level));
      octaves_.push_back(std::move(octave));
      if (index > 0) octaves_[index - 1].levels.erase(octaves_[index - 1].levels.begin() + space_.resolution + 1, octaves_[index - 1].levels.end());  // what gradients are taken from
    }
  }

  int count() const {
    size_t total = 0;
    for (const auto& level : levels_) total += level.size();
    return static_cast<int>(total);
  }

  void describe_level(const std::vector<Keypoint>& keypoints, Features& features) const {
    if (keypoints.empty()) return;
    const Octave& octave = octaves_[keypoints[0].octave_index];
    const Gradients gradients(octave.levels[keypoints[0].level + 1]);
    std::vector<float> angles(options_.most_orientations);
    for (const Keypoint& keypoint : keypoints) {
      const int found = orientations(gradients, keypoint, octave.number, options_.most_orientations, angles.data());
      for (int i = 0; i < found; ++i) {
        const float row[] = {keypoint.x + 0.5f, keypoint.y + 0.5f, keypoint.sigma, angles[i]};
        features.keypoints.insert(features.keypoints.end(), row, row + 4);
        features.descriptors.resize(features.descriptors.size() + kDescriptorLength);
        describe(gradients, keypoint, octave.number, angles[i],
                 features.descriptors.data() + features.descriptors.size() - kDescriptorLength);
      }
    }
  }

  SiftOptions options_;
  ScaleSpace space_;
  std::vector<Octave> octaves_;
  std::vector<std::vector<Keypoint>> levels_;  // by octave, then level: the smallest first
};

}  // namespace spaceport

extern "C" {

// Features of a grey image; nullptr without memory. To be freed by spaceport_features_release.
spaceport::Features* spaceport_features_extract(const uint8_t* grey, int width, int height, int first_octave,
                                                int octaves, int resolution, float peak, float edge,
                                                int most_features, int most_orientations) try {
  const size_t pixels = static_cast<size_t>(width) * height;
  spaceport::Spare::keep_for(pixels);
  spaceport::Image photo(width, height);
  for (size_t i = 0; i < pixels; ++i) photo.row(0)[i] = static_cast<float>(grey[i]) / 255.0f;
  const spaceport::SiftOptions options{first_octave, octaves, resolution, most_features, most_orientations,
                                       {peak, edge}};
  spaceport::Extraction extraction(photo, options);
  return new spaceport::Features(extraction.describe_largest());
} catch (const std::bad_alloc&) {
  return nullptr;
}

int spaceport_features_count(const spaceport::Features* features) {
  return static_cast<int>(features->keypoints.size() / 4);
}

void spaceport_features_copy(const spaceport::Features* features, float* keypoints, uint8_t* descriptors) {
  std::copy(features->keypoints.begin(), features->keypoints.end(), keypoints);
  std::copy(features->descriptors.begin(), features->descriptors.end(), descriptors);
}

void spaceport_features_release(spaceport::Features* features) { delete features; }
}
