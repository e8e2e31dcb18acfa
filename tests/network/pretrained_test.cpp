// SPDX-License-Identifier: MIT
// The published weights and real photographs, where they are installed.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <numeric>

#include "network/calibration.h"
#include "network/error_matcher.h"
#include "network/model_file.h"
#include "network/onednn_embedder.h"
#include "network/safetensors.h"
#include "temporary_folder.h"

namespace vitrine::test {
namespace {

/// Folder of the test data: VITRINE_TEST_DATA, or beside the source tree.
std::filesystem::path data_folder() {
  if (const char* folder = std::getenv("VITRINE_TEST_DATA")) return folder;
  const char* source = std::getenv("VITRINE_TEST_SOURCE");
  return std::filesystem::path(source == nullptr ? "." : source) / ".." / "shared" / "data";
}

std::filesystem::path weights_path() {
  return data_folder() / ".." / "weights" / "mobilenet_v2_imagenet.safetensors";
}

bool available(const std::filesystem::path& path) {
  if (std::filesystem::exists(path)) return true;
  WARN("skipped: no " << path);
  return false;
}

/// The published backbone as a model whose feature is the average.
std::filesystem::path write_backbone(const std::filesystem::path& folder, const std::vector<float>& absmax) {
  const auto file = network::SafetensorsFile::open(weights_path());
  std::vector<network::NamedTensor> tensors;
  for (const auto& [name, view] : file.tensors()) {
    if (!name.starts_with("features.")) continue;
    tensors.push_back({name, view.dtype, view.shape, {view.bytes.begin(), view.bytes.end()}});
  }
  if (!absmax.empty()) {
    tensors.push_back(
        network::float32_tensor(network::kAbsmaxTensor, {static_cast<std::int64_t>(absmax.size())}, absmax));
  }
  const auto path = folder / "backbone.safetensors";
  network::write_safetensors(path,
                             {{"format", network::kModelFormat},
                              {"architecture", network::mobilenet_v2().architecture},
                              {"name", "backbone"},
                              {"input_px", "224"},
                              {"feature_dim", "1280"}},
                             tensors);
  return path;
}

std::vector<Image> photographs(std::size_t count) {
  std::vector<std::filesystem::path> paths;
  const auto folder = data_folder() / "grocery" / "iconic-images-and-descriptions";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".jpg") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Image> pictures;
  const std::size_t step = std::max<std::size_t>(1, paths.size() / count);
  for (std::size_t i = 0; i < paths.size() && pictures.size() < count; i += step) {
    pictures.push_back(Image::read(paths[i], {.min_side_px = 224}));
  }
  return pictures;
}

TEST_CASE("the published weights open, but are no model by themselves") {
  if (!available(weights_path())) return;
  const auto file = network::SafetensorsFile::open(weights_path());
  const std::int64_t shape[] = {1001, 1280};
  REQUIRE(file.floats("classifier.weight", shape).size() == 1001 * 1280);
  REQUIRE(fails_with(ErrorCode::kCorrupt, "trainer", [] { load_embedder(weights_path()); }));
}

TEST_CASE("on photographs the faster precisions give nearly the features of float32") {
  if (!available(weights_path()) || !available(data_folder() / "grocery")) return;
  const auto pictures = photographs(12);
  const TemporaryFolder folder;
  const auto model = network::read_model(write_backbone(folder.path(), {}));
  const auto path = write_backbone(folder.path(), network::calibrate_activation_ranges(model, pictures));
  const auto expected = load_embedder(path, {.precision = Precision::kFloat32})->embed(pictures);
  for (const Precision precision : {Precision::kBfloat16, Precision::kInt8}) {
    if (!network::precision_available(network::read_model(path), precision)) continue;
    const auto found = load_embedder(path, {.precision = precision})->embed(pictures);
    double sum = 0;
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const auto& a = found[i].feature;
      const double cosine = std::inner_product(a.begin(), a.end(), expected[i].feature.begin(), 0.0);
      REQUIRE(cosine >= 0.98);
      sum += cosine;
    }
    REQUIRE(sum / static_cast<double>(pictures.size()) >= 0.99);
  }
}

}  // namespace
}  // namespace vitrine::test
