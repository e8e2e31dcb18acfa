// SPDX-License-Identifier: MIT
// FAISS reads the files that vitrine-admin writes for it.
#include <faiss/IndexBinaryFlat.h>
#include <faiss/IndexBinaryIVF.h>
#include <faiss/index_io.h>

#include <bit>
#include <catch2/catch.hpp>
#include <memory>

#include "tools/workspace.h"
#include "vitrine/catalog.h"

namespace vitrine::test {
namespace {

constexpr int kNumRows = 300;

/// A catalogue of random codes, made without pictures.
std::vector<std::uint8_t> make_shop(const std::filesystem::path& folder, int num_rows) {
  constexpr std::size_t kCodeBits = 128;
  Catalog catalog = Catalog::create(
      folder, {.model_fingerprint = "f", .model_name = "m", .code_bits = kCodeBits, .feature_dim = 2});
  std::vector<std::uint8_t> codes;
  std::uint64_t state = 1;
  for (int i = 0; i < num_rows; ++i) {
    std::vector<std::byte> code(kCodeBits / 8);
    for (std::byte& byte : code) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      byte = static_cast<std::byte>(state >> 56);
      codes.push_back(std::to_integer<std::uint8_t>(byte));
    }
    Item item;
    item.key = {"p" + std::to_string(i), "x"};
    catalog.upsert(item, code, std::vector<Half>(2));
  }
  catalog.commit();
  return codes;
}

void check_answers(const faiss::IndexBinary& index, const std::vector<std::uint8_t>& codes) {
  constexpr int kHits = 10;
  const std::size_t code_bytes = static_cast<std::size_t>(index.code_size);
  std::vector<std::int32_t> distances(kNumRows * kHits);
  std::vector<faiss::IndexBinary::idx_t> labels(kNumRows * kHits);
  index.search(kNumRows, codes.data(), kHits, distances.data(), labels.data());
  const auto distance = [&](std::size_t a, std::size_t b) {
    int sum = 0;
    for (std::size_t i = 0; i < code_bytes; ++i)
      sum += std::popcount(static_cast<unsigned>(codes[a * code_bytes + i] ^ codes[b * code_bytes + i]));
    return sum;
  };
  for (std::size_t q = 0; q < kNumRows; ++q) {
    std::vector<int> expected;
    for (std::size_t row = 0; row < kNumRows; ++row) expected.push_back(distance(q, row));
    std::sort(expected.begin(), expected.end());
    for (std::size_t k = 0; k < kHits; ++k) {
      REQUIRE(labels[q * kHits + k] >= 0);
      CHECK(distances[q * kHits + k] == expected[k]);
      CHECK(distance(q, static_cast<std::size_t>(labels[q * kHits + k])) == expected[k]);
    }
  }
}

}  // namespace

TEST_CASE("FAISS reads the exported indexes and finds what comparing all codes finds") {
  const Workspace work;
  const std::vector<std::uint8_t> codes = make_shop(work / "shop.vitrine", kNumRows);
  REQUIRE(work.run("vitrine-admin", {"shop.vitrine", "export", "out", "--format", "faiss"}).exit_code == 0);
  const std::unique_ptr<faiss::IndexBinary> flat(
      faiss::read_index_binary((work / "out/flat.faissindex").c_str()));
  REQUIRE(dynamic_cast<faiss::IndexBinaryFlat*>(flat.get()) != nullptr);
  CHECK(flat->d == 128);
  CHECK(flat->ntotal == kNumRows);
  CHECK(flat->is_trained);
  check_answers(*flat, codes);

  const std::unique_ptr<faiss::IndexBinary> read(
      faiss::read_index_binary((work / "out/ivf.faissindex").c_str()));
  auto* ivf = dynamic_cast<faiss::IndexBinaryIVF*>(read.get());
  REQUIRE(ivf != nullptr);
  CHECK(ivf->ntotal == kNumRows);
  CHECK(ivf->nlist > 8);
  CHECK(ivf->nprobe == std::min<std::size_t>(16, ivf->nlist));
  ivf->nprobe = ivf->nlist;
  check_answers(*ivf, codes);
  // Each code lies in the list that FAISS itself would put it into.
  ivf->nprobe = 1;
  std::vector<std::int32_t> distances(kNumRows);
  std::vector<faiss::IndexBinary::idx_t> labels(kNumRows);
  ivf->search(kNumRows, codes.data(), 1, distances.data(), labels.data());
  CHECK(std::count(distances.begin(), distances.end(), 0) >= kNumRows * 95 / 100);  // ties may differ
}

TEST_CASE("FAISS reads the exported indexes of an empty catalogue") {
  const Workspace work;
  make_shop(work / "shop.vitrine", 0);
  REQUIRE(work.run("vitrine-admin", {"shop.vitrine", "export", "out", "--format", "faiss"}).exit_code == 0);
  for (const char* name : {"out/flat.faissindex", "out/ivf.faissindex"}) {
    const std::unique_ptr<faiss::IndexBinary> index(faiss::read_index_binary((work / name).c_str()));
    CHECK(index->ntotal == 0);
    CHECK(index->d == 128);
  }
}

}  // namespace vitrine::test
