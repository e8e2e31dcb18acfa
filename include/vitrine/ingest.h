// SPDX-License-Identifier: MIT
#pragma once
/// From a folder or a manifest of pictures to a catalogue, again and again: each run touches only what
/// changed.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/embedder.h"

namespace vitrine {

/// A picture to have in the catalogue.
struct IngestEntry {
  ItemKey key;
  std::string path;      ///< file to read, bytes of the file system
  std::string category;  ///< empty: none
  std::string attributes_json = "{}";
  std::map<std::string, double> quality;
};

/// An entry or file that did not make it, and why.
struct IngestFailure {
  std::string path;
  std::string reason;
};

/// What a source lists.
struct IngestSource {
  std::vector<IngestEntry> entries;
  std::vector<IngestFailure> failures;  ///< unreadable folders, bad manifest lines, two pictures with one key
  /// Values of manifest columns that were not taken as what they seem meant to be: one for each such column,
  /// at the place of its first. The entries are there without them.
  std::vector<IngestFailure> warnings;
  /// Whether what is neither among the entries nor below a folder among the failures is not wanted. Not if
  /// lines of a manifest could not be read: nobody knows which items they name.
  bool is_complete = true;
};

/// What counts as one product in a folder of pictures.
enum class ProductRule {
  kFile,  ///< every picture is a product of its own, named by its path below the folder without the extension
  kFolder  ///< the pictures of one folder are one product, named by that folder's path below the root
};

/// Lists the pictures under a folder, recursively, in path order. A picture's category is the first folder
/// level below `folder` (none for files directly in it); its picture name is its path below `folder`.
/// Symbolic links to files are followed, to folders not (loops). Hidden files and files without a picture
/// extension are passed over. Names that are not UTF-8 keep their bytes in `path`; in keys and categories
/// such bytes become %XX. kNotFound or kIo if `folder` itself cannot be read; unreadable folders below it
/// become failures.
IngestSource list_folder(const std::filesystem::path& folder, ProductRule product_rule = ProductRule::kFile);

/// What list_folder would list at and below one place, `below`: the path of a file or folder relative to
/// `folder`. Nothing if there is no such place, or it is passed over; a place that cannot be read becomes a
/// failure.
IngestSource list_below(const std::filesystem::path& folder, const std::string& below,
                        ProductRule product_rule = ProductRule::kFile);

/// Reads a manifest, CSV with a header line or JSONL by its extension. Fields: path (required, relative to
/// the manifest's folder), product, picture, category, attributes (JSON object). Every further column is a
/// quality column if at least nine of ten of its values are numbers: the others, and those that are not
/// finite (nan, inf, 1e400), then count as missing. Every other column is an attribute. Where they are
/// missing, picture is the path as written and product the same without its extension. Bad lines become
/// failures "manifest.csv:17", odd values warnings. kCorrupt if the header lacks `path` or a quote is never
/// closed, so that nobody knows where lines end.
IngestSource read_manifest(const std::filesystem::path& manifest);

/// Lists the pictures of a catalogue's items with all that was said of them: to make a catalogue of the same
/// items with another model. Regions that a host stored with its items (Item::box_px) are not taken over.
IngestSource list_catalog(const Catalog& catalog);

struct IngestProgress {
  std::uint64_t num_total = 0;  ///< pictures that need work
  std::uint64_t num_done = 0;   ///< of these, finished (failed ones included)
  std::uint64_t num_failed = 0;
  std::uint64_t num_unchanged = 0;
};

struct IngestOptions {
  /// Worker threads; 0: one per core.
  unsigned num_threads = 0;
  /// Items per durable transaction.
  std::size_t commit_every = 2000;
  /// Remove items whose picture is no longer listed. Items whose picture is listed but cannot be read, or
  /// lies below a folder that could not be read, stay; so do all if the run is interrupted or the source is
  /// not complete.
  bool remove_vanished = true;
  std::uint64_t max_pixels = 100'000'000;
  /// Called from one thread at a time, at most some ten times a second and at the end. May be empty.
  std::function<void(const IngestProgress&)> on_progress{};
  /// Polled between pictures; true ends the run after a clean commit.
  std::function<bool()> should_stop{};
};

struct IngestReport {
  std::uint64_t num_added = 0;
  std::uint64_t num_modified = 0;
  std::uint64_t num_removed = 0;
  std::uint64_t num_renamed = 0;  ///< a picture under a new path or key whose old one is gone: feature reused
  std::uint64_t num_unchanged = 0;
  std::uint64_t num_kept = 0;  ///< no longer listed, but the source is not complete: not removed
  bool interrupted = false;
  std::vector<IngestFailure> failures;
};

/// Brings `catalog` (open for writing) in line with `source`. Memory is bounded by the pipeline's depth,
/// apart from the list of entries itself. Errors of single files are collected; errors of the catalogue end
/// the run and leave its last commit, and so do exceptions of the host's own callbacks and embedder, which
/// pass through. Equal content is embedded once. Ids ascend in source order; the result does not depend on
/// the number of threads. kInvalidArgument if `embedder` is not the model that the catalogue was made with.
IngestReport ingest(Catalog& catalog, const Embedder& embedder, const IngestSource& source,
                    const IngestOptions& options = {});

}  // namespace vitrine
