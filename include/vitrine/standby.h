// SPDX-License-Identifier: MIT
#pragma once
/// A second catalogue beside the one that serves, of the same items by another model: made and tried in
/// peace, then put in the place of the first in one step, and back again.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "vitrine/catalog.h"

namespace vitrine {

/// Where the second catalogue of "shop.vitrine" lies: "shop.vitrine.standby", beside it, with symbolic links
/// of the folder itself followed. kNotFound if there is no such folder.
std::filesystem::path standby_folder(const std::filesystem::path& folder);

/// What the standby lacks to take the catalogue's place.
struct StandbyDifferences {
  std::uint64_t num_missing = 0;         ///< items that it does not have
  std::uint64_t num_outdated = 0;        ///< that have another picture or other metadata there
  std::uint64_t num_surplus = 0;         ///< that the catalogue does not have
  std::uint64_t num_older_versions = 0;  ///< of keys, see Catalog::set_version
  std::vector<std::string> examples;     ///< "product 'cup' picture 'cup.jpg' is missing", some ten
  bool empty() const {
    return num_missing == 0 && num_outdated == 0 && num_surplus == 0 && num_older_versions == 0;
  }
};

/// Compares all items. Errors: those of Catalog::open for either.
StandbyDifferences compare_with_standby(const Catalog& catalog, const Catalog& standby);

/// Takes over what has been remembered of keys by Catalog::set_version, without a commit.
void copy_versions(const Catalog& catalog, Catalog& standby);

enum class SwitchRule {
  kComplete,  ///< only with a standby that has all items as they are
  kAnyway     ///< whatever it has
};

/// Exchanges a catalogue and its standby, in one step of the file system that a power cut leaves undone or
/// done; the catalogue that served until then is the standby afterwards, so that a second call undoes the
/// first. Engines of other processes go on with the old one until they follow, within
/// EngineOptions::max_age; `Catalog` objects keep what they have. Needs both locks of writers.
/// Errors: kNotFound without a standby, kInvalidArgument if the rule forbids it, saying what the standby
/// lacks, kResource if one is being written to, or if readers of an earlier state do not go on within some
/// seconds, kUnsupported if the file system cannot exchange folders.
void switch_to_standby(const std::filesystem::path& folder, SwitchRule rule = SwitchRule::kComplete);

}  // namespace vitrine
