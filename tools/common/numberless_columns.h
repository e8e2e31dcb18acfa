// SPDX-License-Identifier: MIT
#pragma once
/// Columns that hits were ranked by though none of them has a number there: the order is then not what was
/// asked for, and nothing in it shows that.
#include <map>
#include <string>
#include <vector>

#include "common/query_answer.h"

namespace vitrine::tools {

class NumberlessColumns {
 public:
  void add(const QueryAnswer& answer);
  std::vector<std::string> names() const;

 private:
  void add(const SearchResult& result);

  std::map<std::string, bool> has_numbers_;
};

}  // namespace vitrine::tools
