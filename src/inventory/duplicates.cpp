// SPDX-License-Identifier: MIT
#include "vitrine/duplicates.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <thread>
#include <utility>

#include "engine/search_table.h"
#include "inventory/duplicate_search.h"
#include "inventory/picture_comparer.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using engine::SearchTable;

// From here on forming lists takes less time than comparing all codes with each other.
constexpr std::size_t kMinRowsForLists = 50'000;

// As SQL writes names of columns.
std::string quoted(const std::string& name) {
  std::string result = "\"";
  for (const char c : name) result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

void check_column(const Catalog& catalog, const DuplicateOptions& options) {
  if (options.prefer.empty()) return;
  // Names of columns are checked where expressions are read; an attribute of that name is none.
  const std::vector<ItemId> with_column = catalog.select(quoted(options.prefer) + " IS NOT NULL");
  if (with_column.empty() || !catalog.item(with_column.front())->quality.contains(options.prefer)) {
    throw Error(ErrorCode::kInvalidArgument, "cannot prefer pictures by '" + options.prefer +
                                                 "': no item of '" + catalog.folder().string() +
                                                 "' has that quality column");
  }
}

// Makes groups of rows the groups of pictures that callers see.
class GroupMaker {
 public:
  GroupMaker(const Catalog& catalog, const SearchTable& table, const std::string& prefer)
      : catalog_(catalog), table_(table), prefer_(prefer) {}

  DuplicateGroup make(std::span<const std::size_t> rows) const {
    std::vector<std::pair<std::size_t, DuplicatePicture>> pictures;
    for (const std::size_t row : rows) {
      DuplicatePicture picture;
      picture.id = table_.id(row);
      std::optional<Item> item = catalog_.item(picture.id);
      if (!item) {
        throw Error(ErrorCode::kInternal, "catalogue '" + catalog_.folder().string() +
                                              "' has a row but no item of id " + std::to_string(picture.id));
      }
      picture.item = std::move(*item);
      pictures.emplace_back(row, std::move(picture));
    }
    std::sort(pictures.begin(), pictures.end(),
              [&](const auto& left, const auto& right) { return better(left.second, right.second); });
    const std::vector<float> feature = feature_of(pictures.front().first);
    const std::vector<std::byte> code = table_.index().code(pictures.front().second.id).value();
    const ContentHash hash = pictures.front().second.item.hash;
    DuplicateGroup group;
    for (auto& [row, picture] : pictures) {
      const std::vector<std::byte> other = table_.index().code(picture.id).value();
      for (std::size_t i = 0; i < code.size(); ++i) {
        picture.hamming +=
            static_cast<std::uint32_t>(std::popcount(std::to_integer<unsigned>(code[i] ^ other[i])));
      }
      picture.cosine = dot(feature, table_.feature(row));
      picture.same_file = picture.item.hash == hash;
      group.push_back(std::move(picture));
    }
    return group;
  }

 private:
  std::vector<float> feature_of(std::size_t row) const {
    return to_float({table_.feature(row), catalog_.identity().feature_dim});
  }

  bool better(const DuplicatePicture& left, const DuplicatePicture& right) const {
    const auto rank = [&](const DuplicatePicture& picture) {
      const auto column = picture.item.quality.find(prefer_);
      const double quality =
          column == picture.item.quality.end() ? -std::numeric_limits<double>::infinity() : column->second;
      return std::pair(quality, std::int64_t{picture.item.width_px} * picture.item.height_px);
    };
    const auto of_left = rank(left);
    const auto of_right = rank(right);
    return of_left != of_right ? of_left > of_right : left.id < right.id;
  }

  const Catalog& catalog_;
  const SearchTable& table_;
  std::string prefer_;
};

}  // namespace

void DuplicateOptions::validate() const {
  const auto require = [](bool holds, const std::string& what, double found) {
    if (!holds) {
      throw Error(ErrorCode::kInvalidArgument,
                  "cannot look for duplicates: " + what + ", found " + std::to_string(found));
    }
  };
  require(max_bit_share >= 0 && max_bit_share <= 0.5, "max_bit_share must lie between 0 and 0.5",
          max_bit_share);
  require(min_cosine >= -1 && min_cosine <= 1, "min_cosine must lie between -1 and 1", min_cosine);
  require(target_recall >= 0.9 && target_recall <= 1, "target_recall must lie between 0.9 and 1",
          target_recall);
  if (min_correlation) {
    require(*min_correlation >= -1 && *min_correlation <= 1, "min_correlation must lie between -1 and 1",
            *min_correlation);
  }
}

DuplicateReport find_duplicates(const Catalog& catalog, const DuplicateOptions& options,
                                const std::function<void(const DuplicateGroup&)>& on_group) {
  options.validate();
  check_column(catalog, options);
  const unsigned num_threads =
      options.num_threads != 0 ? options.num_threads : std::max(1u, std::thread::hardware_concurrency());
  SearchTable table(catalog);
  if (table.size() >= kMinRowsForLists && table.index().stats().calibrated.empty())
    table.optimize(num_threads);
  const std::vector<std::size_t> table_rows = table.rows();
  std::vector<ItemId> ids;
  for (const std::size_t row : table_rows) ids.push_back(table.id(row));
  const GroupMaker maker(catalog, table, options.prefer);
  inventory::PictureComparer pictures(catalog, options.min_correlation.value_or(1));
  inventory::DuplicateRows rows{table.index(), ids, catalog.identity().feature_dim,
                                [&](std::size_t place) { return table.feature(table_rows[place]); }};
  if (options.min_correlation) {
    rows.confirm = [&](std::size_t left, std::size_t right) {
      return pictures.same_picture(ids[left], ids[right]);
    };
  }
  const inventory::DuplicateLimits limits{
      static_cast<std::uint32_t>(
          std::floor(options.max_bit_share * static_cast<double>(catalog.identity().code_bits))),
      options.min_cosine, options.target_recall};
  const bool finished = inventory::group_duplicates(
      rows, limits, num_threads,
      [&](std::span<const std::size_t> places) {
        std::vector<std::size_t> rows_of_group;
        for (const std::size_t place : places) rows_of_group.push_back(table_rows[place]);
        on_group(maker.make(rows_of_group));
      },
      [&](std::size_t done) { return !options.on_progress || options.on_progress(done, ids.size()); });
  return {!finished, pictures.num_unseen()};
}

}  // namespace vitrine
