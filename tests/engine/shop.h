// SPDX-License-Identifier: MIT
#pragma once
/// Pictures and a catalogue in a folder of their own.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/fake_embedder.h"
#include "engine/test_folder.h"
#include "vitrine/catalog.h"
#include "vitrine/image.h"
#include "vitrine/ingest.h"

namespace vitrine::test {

/// A picture whose left and right halves have one colour each; `seed` chooses the colours and the size.
Image seeded_picture(std::uint32_t seed);

struct Shop {
  TestFolder folder;
  FakeEmbedder embedder;

  std::filesystem::path photos() const { return folder / "photos"; }
  std::filesystem::path catalog_path() const { return folder / "shop.vitrine"; }

  /// Writes photos/NAME, a PNG of the seeded picture, with a time of its own: equal sizes and seconds must
  /// not hide a change in a fast test.
  std::filesystem::path add_photo(std::string_view name, std::uint32_t seed);

  Catalog open_or_create() const;
  IngestReport ingest_photos(const IngestOptions& options = {}) const;
  IngestReport ingest_source(const IngestSource& source, const IngestOptions& options = {}) const;
};

/// What a catalogue holds, apart from ids: for comparing two of them.
using Content =
    std::map<ItemKey, std::tuple<std::string, std::string, std::vector<std::byte>, std::vector<Half>>>;
Content content_of(const Catalog& catalog);
/// The keys in the order of their ids.
std::vector<std::string> pictures_by_id(const Catalog& catalog);

}  // namespace vitrine::test
