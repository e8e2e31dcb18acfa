// SPDX-License-Identifier: MIT
#include "common/query_list.h"

#include <cerrno>
#include <charconv>
#include <fstream>
#include <iostream>
#include <limits>

#include "common/command_line.h"

namespace vitrine::tools {

std::vector<std::string> read_name_list(const std::string& list, bool nul_separated) {
  std::ifstream file;
  if (list != "-") {
    file.open(list, std::ios::binary);
  }
  std::istream& stream = list == "-" ? std::cin : file;
  std::vector<std::string> names;
  for (std::string name; std::getline(stream, name, nul_separated ? '\0' : '\n');) {
    if (!name.empty()) {
      names.push_back(std::move(name));
    }
  }
  if (!stream.eof()) {
    throw Error(ErrorCode::kIo, "cannot read the list of photos '" + list + "'");
  }
  return names;
}

std::optional<ItemKey> find_item_key(const Catalog& catalog, const std::string& name) {
  for (std::size_t cut = name.find('/'); cut != std::string::npos; cut = name.find('/', cut + 1)) {
    ItemKey key = {name.substr(0, cut), name.substr(cut + 1)};
    if (catalog.find(key)) {
      return key;
    }
  }
  return std::nullopt;
}

BoxPx parse_box(const std::string& text) {
  if (text == "whole") return kWholePicture;
  int numbers[4] = {};
  const char* position = text.data();
  const char* const end = text.data() + text.size();
  bool good = true;
  for (int& number : numbers) {
    const bool comma = &number == numbers || (position != end && *position++ == ',');
    const auto [next, error] = std::from_chars(position, end, number);
    good = good && comma && error == std::errc();
    position = next;
  }
  const auto [x, y, width, height] = numbers;
  constexpr int kMax = std::numeric_limits<int>::max();
  if (!good || position != end || x < 0 || y < 0 || width < 1 || height < 1 || x > kMax - width ||
      y > kMax - height) {
    throw UsageError("--box needs x,y,width,height in pixels, for example 40,10,200,300, or 'whole', not '" +
                     text + "'");
  }
  return {x, y, x + width, y + height};
}

}  // namespace vitrine::tools
