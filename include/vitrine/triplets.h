// SPDX-License-Identifier: MIT
#pragma once
/// Triplets mined from clicks, as a file of one JSON object a line (docs/mining.md):
///
///     {"query": "/photos/7.jpg", "positive": "mug/front.jpg", "positive_product": "mug",
///      "negatives": ["cup/1.jpg", "jug/2.jpg"], "weight": 1.25}
///
/// vitrine-mine writes such files, a trainer reads them together with the catalogue whose items they name.
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace vitrine {

/// A photo, an item that shows the same product, and items that do not.
struct Triplet {
  std::string query;                   ///< path of the photo; vitrine-mine writes absolute ones
  std::string positive;                ///< "<product>/<picture>", an item's key; both parts may hold slashes
  std::string positive_product;        ///< the first part of `positive`
  std::vector<std::string> negatives;  ///< "<product>/<picture>" each, none of the positive's product
  double weight = 1;                   ///< above 0: how much this click says compared with others
  friend bool operator==(const Triplet&, const Triplet&) = default;
};

/// Reads a triplet file line by line; memory does not grow with the file. Not thread-safe.
class TripletReader {
 public:
  /// Errors: kNotFound, kIo, and kInvalidArgument for a pipe or folder.
  explicit TripletReader(const std::filesystem::path& file);
  TripletReader(TripletReader&&) noexcept;
  TripletReader& operator=(TripletReader&&) noexcept;
  ~TripletReader();

  /// The next triplet. ErrorCode::kCorrupt, naming file, line, what was expected and found, for a line that
  /// is not a triplet: triplets are written by a program, so a bad line means a damaged or foreign file. The
  /// following call goes on after that line. Unknown fields are passed over.
  std::optional<Triplet> next();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Writes a triplet file. Nothing appears under the file's name before `close`.
class TripletWriter {
 public:
  /// ErrorCode::kIo or kResource if the file cannot be made.
  explicit TripletWriter(const std::filesystem::path& file);
  TripletWriter(TripletWriter&&) noexcept;
  TripletWriter& operator=(TripletWriter&&) noexcept;
  /// Without `close`, removes what was written.
  ~TripletWriter();

  /// ErrorCode::kInvalidArgument for a triplet that `TripletReader` would refuse, or text that is not UTF-8,
  /// which JSON cannot carry.
  void write(const Triplet& triplet);

  /// Syncs the file and gives it its name, replacing an older one. kIo or kResource if the disk is full.
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine
