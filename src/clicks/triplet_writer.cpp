// SPDX-License-Identifier: MIT
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/temporary_file.h"
#include "engine/line_reader.h"
#include "vitrine/error.h"
#include "vitrine/triplets.h"

namespace vitrine {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;

void check(bool holds, const Triplet& triplet, const char* expectation) {
  if (!holds)
    throw Error(ErrorCode::kInvalidArgument,
                "cannot write the triplet of query '" + triplet.query + "': expected " + expectation);
}

}  // namespace

struct TripletWriter::Impl {
  explicit Impl(const std::filesystem::path& target) : file(target) {}

  void flush() {
    file.write(buffer);
    buffer.clear();
  }

  base::TemporaryFile file;
  std::string buffer;
};

TripletWriter::TripletWriter(const std::filesystem::path& file) : impl_(std::make_unique<Impl>(file)) {}
TripletWriter::TripletWriter(TripletWriter&&) noexcept = default;
TripletWriter& TripletWriter::operator=(TripletWriter&&) noexcept = default;
TripletWriter::~TripletWriter() = default;

void TripletWriter::write(const Triplet& triplet) {
  const auto is_text = [](const std::string& text) { return !text.empty(); };
  check(is_text(triplet.query) && is_text(triplet.positive) && is_text(triplet.positive_product), triplet,
        "a query, a positive and its product");
  check(!triplet.negatives.empty(), triplet, "at least one negative");
  for (const std::string& negative : triplet.negatives)
    check(is_text(negative), triplet, "negatives that are not empty");
  check(triplet.weight > 0 && std::isfinite(triplet.weight), triplet, "a weight above 0");
  const nlohmann::ordered_json object = {{"query", triplet.query},
                                         {"positive", triplet.positive},
                                         {"positive_product", triplet.positive_product},
                                         {"negatives", triplet.negatives},
                                         {"weight", triplet.weight}};
  std::string line;
  try {
    line = object.dump();
  } catch (const nlohmann::json::exception&) {
    check(false, triplet, "UTF-8, which JSON is made of");
  }
  check(line.size() <= engine::LineReader::kMaxLineBytes, triplet, "at most 1 MiB of JSON");
  impl_->buffer += line;
  impl_->buffer += '\n';
  if (impl_->buffer.size() >= kBufferBytes) impl_->flush();
}

void TripletWriter::close() {
  impl_->flush();
  impl_->file.commit();
}

}  // namespace vitrine
