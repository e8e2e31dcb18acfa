// SPDX-License-Identifier: MIT
// Model files that something is wrong with: the message names the file, and no catalogue is made.
#include <catch2/catch.hpp>

#include "network/safetensors.h"
#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

// Index and expect a refusal; returns the message.
std::string refusal(const Workspace& work) {
  const ProcessResult result = work.run("vitrine-index", {"shop", "--model", "model.safetensors"});
  CHECK(result.exit_code == 3);
  CHECK(result.out.empty());
  CHECK(result.err.find("model.safetensors") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(work / "shop.vitrine"));
  return result.err;
}

}  // namespace

TEST_CASE("a model that is missing is refused") {
  const Workspace work;
  work.add_shop();
  refusal(work);
}

TEST_CASE("a truncated model is refused") {
  const Workspace work;
  work.add_shop();
  std::filesystem::copy_file(test_model(), work / "model.safetensors");
  std::filesystem::resize_file(work / "model.safetensors", std::filesystem::file_size(test_model()) / 2);
  refusal(work);
}

TEST_CASE("a picture in place of a model is refused") {
  const Workspace work;
  work.add_shop();
  work.add_picture("model.jpg", 1);
  std::filesystem::rename(work / "model.jpg", work / "model.safetensors");
  refusal(work);
}

TEST_CASE("a model with a tensor of another shape is refused by the tensor's name") {
  const Workspace work;
  work.add_shop();
  const auto model = network::SafetensorsFile::open(test_model());
  std::vector<network::NamedTensor> tensors;
  for (const auto& [name, view] : model.tensors()) {
    tensors.push_back({name, view.dtype, view.shape, {view.bytes.begin(), view.bytes.end()}});
    if (name == "features.3.conv.0.0.bias") {
      tensors.back().shape = {2, view.shape[0] / 2};
    }
  }
  std::map<std::string, std::string> metadata = model.metadata();
  metadata.erase("checksum");
  network::write_safetensors(work / "model.safetensors", metadata, tensors);
  CHECK(refusal(work).find("features.3.conv.0.0.bias") != std::string::npos);
}

}  // namespace vitrine::test
