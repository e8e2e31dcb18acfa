// SPDX-License-Identifier: MIT
#pragma once
/// Changes to single items, in the order in which a shop's own system makes them: for catalogues that follow
/// a feed instead of being compared with a whole list (ingest.h).
///
/// A change may carry a version: a number that the feed counts upwards for each key. A change whose version
/// is not greater than that of the last one to its key is ignored, so that delivery again, or in another
/// order, does no harm. The catalogue also remembers the versions of removed items. Changes without a version
/// are always applied and leave the remembered one alone.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/embedder.h"

namespace vitrine {

struct ItemChange {
  enum class Kind {
    kUpsert,  ///< the item is to be as given; everything it had is replaced
    kUpdate,  ///< what is given changes, the rest stays; the picture does too
    kRemove
  };
  Kind kind = Kind::kUpsert;
  ItemKey key;
  std::optional<std::int64_t> version{};
  /// kUpsert: the picture's file, bytes of the file system; empty keeps the one that the item has.
  std::string path{};
  std::optional<std::string> category{};  ///< unset: none for kUpsert, as it is for kUpdate
  /// A JSON object; for kUpdate a merge patch (RFC 7396): null removes, objects are merged.
  std::string attributes_json = "{}";
  /// Numeric columns; without a value: to be removed.
  std::map<std::string, std::optional<double>> quality{};
};

/// Reads a change from a JSON object: `op` (upsert, which is the default, update or delete), `version`
/// (an integer), `product`, `picture`, `path` (relative to `folder`), `category`, `attributes` (an object).
/// Every further field with a number is a quality column, with anything else an attribute, with null absent;
/// for an update, a number also removes the attribute of its name, anything else the number, and null both.
/// Where `path` is given, `picture` may be missing and is then the path as written, and `product` the same
/// without its extension, as in a manifest; otherwise both are required. Only an upsert reads the file.
/// ErrorCode::kCorrupt, with the reason alone as message, for everything else, and for numbers that are not
/// finite (NaN, Infinity, 1e400).
ItemChange parse_change(std::string_view json, const std::filesystem::path& folder);

struct ChangeOptions {
  /// Threads that read and embed pictures; 0: one per core.
  unsigned num_threads = 0;
  std::uint64_t max_pixels = 100'000'000;
  /// Polled between pictures; true ends the call after a commit of what was done.
  std::function<bool()> should_stop{};
};

/// A change that could not be made, and why. The catalogue is as if it had not been given.
struct ChangeFailure {
  std::size_t change_index = 0;  ///< into the changes given
  std::string reason;
};

struct ChangeReport {
  /// Changes that are done with, whatever became of them: all of those before this index. Fewer than given
  /// only if interrupted.
  std::size_t num_done = 0;
  std::uint64_t num_added = 0;
  std::uint64_t num_modified = 0;
  std::uint64_t num_removed = 0;
  std::uint64_t num_unchanged = 0;  ///< the item was like that already, or gone already
  std::uint64_t num_stale = 0;      ///< ignored for their version
  std::uint64_t num_embedded = 0;   ///< pictures that went through the network; all others were known
  bool interrupted = false;
  std::vector<ChangeFailure> failures;
  /// Changes that were made, but name an attribute as the catalogue names numbers: a search that ranks by
  /// these sees none in the item.
  std::vector<ChangeFailure> warnings;
};

/// Applies the changes to `catalog` (open for writing) in their order and commits them together. Pictures are
/// read and embedded in several threads; known content shares its code and feature. Removing an item that is
/// not there is a failure, unless the change has a version: then that is remembered. Cost, memory: those of
/// the given changes, whatever the catalogue holds. Errors of the catalogue end the call and leave its last
/// commit, and so do exceptions of `embedder` and `should_stop`. kInvalidArgument if `embedder` is not the
/// model that the catalogue was made with.
ChangeReport apply_changes(Catalog& catalog, const Embedder& embedder, std::span<const ItemChange> changes,
                           const ChangeOptions& options = {});

}  // namespace vitrine
