// SPDX-License-Identifier: MIT
#include "vitrine/standby.h"

#include <chrono>
#include <optional>
#include <system_error>
#include <thread>

#include "base/files.h"
#include "base/system_error.h"
#include "catalog/store.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

namespace fs = std::filesystem;
using catalog::Store;

constexpr std::size_t kMaxExamples = 10;

std::string name_of(const ItemKey& key) {
  return "product '" + key.product + "' picture '" + key.picture + "'";
}

// Whatever a model makes of it.
bool is_same_item(const Item& left, const Item& right) {
  return left.hash == right.hash && left.category == right.category &&
         left.attributes_json == right.attributes_json && left.quality == right.quality;
}

class Comparison {
 public:
  Comparison(const Catalog& catalog, const Catalog& standby) : catalog_(catalog), standby_(standby) {}

  StandbyDifferences run() {
    catalog_.for_each_file([&](const FileState& file) { compare(*catalog_.item(file.id)); });
    standby_.for_each_file([&](const FileState& file) {
      const ItemKey key = standby_.item(file.id)->key;
      if (!catalog_.find(key)) note(differences_.num_surplus, key, "is no item of the catalogue any more");
    });
    catalog_.for_each_version([&](const ItemKey& key, std::int64_t version) {
      if (standby_.version(key) != version)
        note(differences_.num_older_versions, key, "has another version there");
    });
    return std::move(differences_);
  }

 private:
  void compare(const Item& item) {
    const std::optional<ItemId> id = standby_.find(item.key);
    const std::optional<Item> there = id ? standby_.item(*id) : std::nullopt;
    if (!there) {
      note(differences_.num_missing, item.key, "is missing");
    } else if (!is_same_item(item, *there)) {
      note(differences_.num_outdated, item.key, "has another picture or other metadata there");
    }
  }
  void note(std::uint64_t& count, const ItemKey& key, const char* finding) {
    ++count;
    if (differences_.examples.size() < kMaxExamples)
      differences_.examples.push_back(name_of(key) + " " + finding);
  }

  const Catalog& catalog_;
  const Catalog& standby_;
  StandbyDifferences differences_;
};

std::string what_is_lacking(const StandbyDifferences& differences) {
  std::string text = std::to_string(differences.num_missing) + " items are missing, " +
                     std::to_string(differences.num_outdated) + " are outdated, " +
                     std::to_string(differences.num_surplus) + " are too many, " +
                     std::to_string(differences.num_older_versions) + " versions are older; such as: ";
  return text + differences.examples.front() +
         "; bring it up to date with vitrine-admin reembed, or switch without these items by --anyway "
         "(SwitchRule::kAnyway)";
}

// A reader that has opened one database and not yet its log must not find the other one's there.
void empty_log(const Store& store) {
  constexpr std::chrono::seconds kPatience{3};
  const auto start = std::chrono::steady_clock::now();
  while (!store.empty_log()) {
    if (std::chrono::steady_clock::now() - start < kPatience) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      continue;
    }
    throw Error(ErrorCode::kResource,
                "cannot exchange '" + store.folder().string() +
                    "' with its standby: a reader keeps an earlier state; close it and try again");
  }
}

}  // namespace

fs::path standby_folder(const fs::path& folder) {
  std::error_code error;
  fs::path standby = fs::canonical(folder, error);
  if (error == std::errc::no_such_file_or_directory)
    throw Error(ErrorCode::kNotFound,
                "no catalogue at '" + folder.string() + "'; make one with vitrine-index");
  if (error) base::throw_errno("find", folder, error.value());
  standby += ".standby";
  return standby;
}

StandbyDifferences compare_with_standby(const Catalog& catalog, const Catalog& standby) {
  return Comparison(catalog, standby).run();
}

void copy_versions(const Catalog& catalog, Catalog& standby) {
  catalog.for_each_version([&](const ItemKey& key, std::int64_t version) {
    if (standby.version(key) != version) standby.set_version(key, version);
  });
}

void switch_to_standby(const fs::path& folder, SwitchRule rule) {
  const fs::path standby = standby_folder(folder);
  const fs::path serving = standby.parent_path() / standby.stem();
  std::error_code ignored;
  if (!fs::exists(standby, ignored)) {
    throw Error(ErrorCode::kNotFound, "cannot switch '" + folder.string() + "': there is no '" +
                                          standby.string() + "'; make it with vitrine-admin reembed");
  }
  // Their locks are held, and so nothing changes, until after the exchange.
  const Store first(serving, Catalog::Mode::kReadWrite);
  const Store second(standby, Catalog::Mode::kReadWrite);
  if (rule == SwitchRule::kComplete) {
    const StandbyDifferences differences =
        compare_with_standby(Catalog::open(serving), Catalog::open(standby));
    if (!differences.empty()) {
      throw Error(ErrorCode::kInvalidArgument,
                  "cannot switch '" + folder.string() + "' to its standby: " + what_is_lacking(differences));
    }
  }
  empty_log(first);
  empty_log(second);
  base::Files& files = base::system_files();
  files.exchange(serving, standby);
  files.sync_folder(standby.parent_path());
}

}  // namespace vitrine
