// SPDX-License-Identifier: MIT
// A network in an ONNX file in place of a Vitrine model.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "onnx/onnx_writer.h"
#include "tools/text_file.h"
#include "tools/workspace.h"
#include "vitrine/binarized_embedder.h"
#include "vitrine/catalog.h"

namespace vitrine::test {
namespace {

using Json = nlohmann::json;

struct OnnxShop {
  OnnxShop() {
    work.add_shop();
    write_file(work / "net.onnx", tiny_onnx(tiny_network(100)));
    write_file(work / "net.onnx.json",
               R"({"input_px": 8, "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]})");
  }
  Workspace work;
};

}  // namespace

TEST_CASE("a catalogue is made with an ONNX file, keeps it, and learns codes for it") {
  const OnnxShop shop;
  const ProcessResult made = shop.work.run("vitrine-index", {"shop", "--model", "net.onnx"});
  INFO(made.err);
  REQUIRE(made.exit_code == 0);
  CHECK(made.out.find("6 added") != std::string::npos);
  {
    const Catalog catalog = Catalog::open(shop.work / "shop.vitrine");
    CHECK(catalog.identity().model_name == "net");
    CHECK(catalog.identity().feature_dim == 100);
    CHECK(stored_binarizer(catalog).has_value());
    CHECK(catalog.verify().empty());
  }
  CHECK_FALSE(std::filesystem::exists(shop.work / "shop.vitrine.model"));
  std::filesystem::remove(shop.work / "net.onnx");
  std::filesystem::remove(shop.work / "net.onnx.json");
  const ProcessResult again =
      shop.work.run("vitrine-index", {"shop"}, {.environment = {{"VITRINE_MODEL", ""}}});
  INFO(again.err);
  CHECK(again.out.find("6 unchanged") != std::string::npos);
  const ProcessResult found =
      shop.work.run("vitrine-query", {"shop.vitrine", "shop/tools/saw.png", "--json", "-k", "1"});
  CHECK(found.exit_code == 0);
  const Json hit = Json::parse(found.out).at(0)["hits"].at(0);
  CHECK(hit["product"] == "tools/saw");
  CHECK(hit["hamming"] == 0);
}

TEST_CASE("a run that was killed before it kept its codes is finished by the next one") {
  const OnnxShop shop;
  REQUIRE(shop.work.run("vitrine-index", {"shop", "--model", "net.onnx"}).exit_code == 0);
  const auto forget = [&] {
    Catalog catalog = Catalog::open(shop.work / "shop.vitrine", Catalog::Mode::kReadWrite);
    std::vector<ItemId> ids;
    catalog.for_each_file([&](const FileState& file) { ids.push_back(file.id); });
    for (const ItemId id : ids) catalog.remove(id);
    catalog.set_blob("binarizer", {});
    catalog.commit();
  };
  forget();
  const ProcessResult again =
      shop.work.run("vitrine-index", {"shop"}, {.environment = {{"VITRINE_MODEL", ""}}});
  INFO(again.err);
  REQUIRE(again.exit_code == 0);
  CHECK(again.out.find("6 added") != std::string::npos);
  forget();
  std::filesystem::remove(shop.work / "shop/tools/saw.png");
  const ProcessResult other =
      shop.work.run("vitrine-index", {"shop"}, {.environment = {{"VITRINE_MODEL", ""}}});
  CHECK(other.exit_code == 3);
  CHECK(other.err.find("delete it and run again") != std::string::npos);
}

TEST_CASE("vitrine-embed prints the features of an ONNX file's network") {
  const OnnxShop shop;
  const ProcessResult result =
      shop.work.run("vitrine-embed", {"shop/loose.png", "--model", "net.onnx", "--npy", "features.npy"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const Json line = Json::parse(result.out);
  CHECK(line["feature"].size() == 100);
  CHECK(line["code"].get<std::string>().size() == 16);
  CHECK(line["box"].is_null());
}

TEST_CASE("what is wrong with an ONNX file is said") {
  const OnnxShop shop;
  const auto refused = [&](const std::string& model, const std::string& finding) {
    const ProcessResult result = shop.work.run("vitrine-index", {"shop", "--model", model});
    INFO(result.err);
    CHECK_FALSE(std::filesystem::exists(shop.work / "shop.vitrine"));
    return result.exit_code == 3 && result.err.find(finding) != std::string::npos;
  };
  CHECK(refused("missing.onnx", "missing.onnx"));
  write_file(shop.work / "garbage.onnx", "garbage");
  CHECK(refused("garbage.onnx", "no ONNX file"));
  write_file(shop.work / "bare.onnx", tiny_onnx(tiny_network(100)));
  CHECK(refused("bare.onnx", "bare.onnx.json"));
  write_file(shop.work / "bare.onnx.json", "{");
  CHECK(refused("bare.onnx", "no JSON object"));
  const ProcessResult precise =
      shop.work.run("vitrine-index", {"shop", "--model", "net.onnx", "--precision", "int8"});
  CHECK(precise.exit_code == 3);
  CHECK(precise.err.find("float32") != std::string::npos);
}

}  // namespace vitrine::test
