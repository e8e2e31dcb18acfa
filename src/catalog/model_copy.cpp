// SPDX-License-Identifier: MIT
#include "catalog/model_copy.h"

#include "base/mapped_file.h"
#include "vitrine/error.h"

namespace vitrine::catalog {

void copy_model(base::Files& files, const std::filesystem::path& from, const std::filesystem::path& to,
                Facts& facts) {
  const base::MappedFile source(from);
  const auto copy = files.open(to, base::Files::Existence::kMayCreate);
  copy->truncate(0);
  copy->write_at(0, source.bytes());
  copy->sync();
  facts.has_model = true;
  facts.model_bytes = source.bytes().size();
  facts.model_hash = content_hash(source.bytes());
}

void verify_model(const std::filesystem::path& file, const Facts& facts,
                  std::vector<CatalogProblem>& problems) {
  if (!facts.has_model) return;
  try {
    const base::MappedFile model(file);
    if (model.bytes().size() != facts.model_bytes) {
      problems.push_back({file, model.bytes().size(),
                          "the model's copy has " + std::to_string(model.bytes().size()) +
                              " bytes, expected " + std::to_string(facts.model_bytes)});
    } else if (content_hash(model.bytes()) != facts.model_hash) {
      problems.push_back({file, 0, "the model's copy does not match the hash taken at creation"});
    }
  } catch (const Error& error) {
    problems.push_back({file, 0, error.what()});
  }
}

}  // namespace vitrine::catalog
