// SPDX-License-Identifier: MIT
// list_folder: walks with readdir and its file types, so that a folder of ordinary files costs no call per
// file.
#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/system_error.h"
#include "engine/printable_name.h"
#include "vitrine/ingest.h"

namespace vitrine {
namespace {

bool has_picture_extension(std::string_view name) {
  constexpr std::array<std::string_view, 9> kExtensions = {"jpg",  "jpeg", "jpe",  "jfif", "png",
                                                           "webp", "tif",  "tiff", "bmp"};
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view extension = name.substr(dot + 1);
  return std::any_of(kExtensions.begin(), kExtensions.end(), [&](std::string_view known) {
    return std::equal(known.begin(), known.end(), extension.begin(), extension.end(), [](char k, char c) {
      return k == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    });
  });
}

std::string joined(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty() && path.back() != '/') path += '/';
  path += name;
  return path;
}

/// Collects the paths, relative to the root, of all pictures.
class FolderWalk {
 public:
  FolderWalk(std::string root, IngestSource& source) : root_(std::move(root)), source_(source) {}

  /// All of them; fails if the root cannot be read.
  std::vector<std::string> pictures() { return pictures_in({""}, {}); }

  /// Those at a place below the root, or deeper.
  std::vector<std::string> pictures_at(const std::string& place) {
    std::vector<std::string> folders;
    std::vector<std::string> pictures;
    struct stat status {};
    const std::string path = joined(root_, place);
    if (::lstat(path.c_str(), &status) == 0)
      add(place, status_type(status), folders, pictures);
    else if (errno != ENOENT && errno != ENOTDIR)
      fail(place, path, "inspect", errno);
    return pictures_in(std::move(folders), std::move(pictures));
  }

 private:
  std::vector<std::string> pictures_in(std::vector<std::string> folders, std::vector<std::string> pictures) {
    // A list instead of recursion: depth costs no stack, and one directory is open at a time.
    while (!folders.empty()) {
      const std::string folder = std::move(folders.back());
      folders.pop_back();
      list(folder, folders, pictures);
    }
    std::sort(pictures.begin(), pictures.end());
    return pictures;
  }

  void list(const std::string& folder, std::vector<std::string>& folders,
            std::vector<std::string>& pictures) {
    const std::string path = folder.empty() ? root_ : joined(root_, folder);
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(path.c_str()), &::closedir);
    if (!stream) return fail(folder, path, "list", errno);
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) break;
      if (entry->d_name[0] == '.') continue;  // hidden, and the folder itself and its parent
      std::string relative = joined(folder, entry->d_name);
      const unsigned char type =
          entry->d_type == DT_UNKNOWN ? type_of(relative, /*follow=*/false) : entry->d_type;
      add(std::move(relative), type, folders, pictures);
    }
    if (errno != 0) fail(folder, path, "list", errno);
  }

  void add(std::string relative, unsigned char type, std::vector<std::string>& folders,
           std::vector<std::string>& pictures) {
    if (type == DT_DIR) {
      folders.push_back(std::move(relative));
      return;
    }
    if (!has_picture_extension(relative)) return;
    if (type == DT_LNK) type = type_of(relative, /*follow=*/true);
    if (type == DT_REG) pictures.push_back(std::move(relative));
  }

  /// DT_DIR, DT_REG, DT_LNK (only if not followed) or DT_UNKNOWN for everything else; failures are noted.
  unsigned char type_of(const std::string& relative, bool follow) {
    const std::string path = joined(root_, relative);
    struct stat status {};
    if ((follow ? ::stat(path.c_str(), &status) : ::lstat(path.c_str(), &status)) != 0) {
      fail(relative, path, follow ? "follow the link" : "inspect", errno);
      return DT_UNKNOWN;
    }
    return status_type(status);
  }

  static unsigned char status_type(const struct stat& status) {
    if (S_ISDIR(status.st_mode)) return DT_DIR;
    if (S_ISREG(status.st_mode)) return DT_REG;
    return S_ISLNK(status.st_mode) ? DT_LNK : DT_UNKNOWN;
  }

  void fail(const std::string& relative, const std::string& path, std::string_view attempt,
            int error_number) {
    if (relative.empty()) base::throw_errno(attempt, path, error_number);
    source_.failures.push_back(
        {path, "cannot " + std::string(attempt) + ": " + std::generic_category().message(error_number)});
  }

  std::string root_;
  IngestSource& source_;
};

std::string product_of(std::string_view relative, ProductRule rule) {
  const std::size_t slash = relative.rfind('/');
  if (rule == ProductRule::kFile) return engine::printable_name(relative.substr(0, relative.rfind('.')));
  return slash == std::string_view::npos ? "." : engine::printable_name(relative.substr(0, slash));
}

bool is_hidden(std::string_view relative) {
  return relative.starts_with('.') || relative.find("/.") != std::string_view::npos;
}

void add_entries(IngestSource& source, const std::string& root, const std::vector<std::string>& pictures,
                 ProductRule product_rule) {
  source.entries.reserve(pictures.size());
  std::unordered_set<std::string> names;
  names.reserve(pictures.size());
  for (const std::string& relative : pictures) {
    IngestEntry entry;
    entry.path = joined(root, relative);
    entry.key.picture = engine::printable_name(relative);
    // Only names that are not UTF-8 can collide: the byte E9 with the three characters "%E9".
    if (!names.insert(entry.key.picture).second) {
      source.failures.push_back(
          {entry.path, "another file is already listed as '" + entry.key.picture + "'; rename one of them"});
      continue;
    }
    entry.key.product = product_of(relative, product_rule);
    if (const std::size_t slash = relative.find('/'); slash != std::string::npos)
      entry.category = engine::printable_name(std::string_view(relative).substr(0, slash));
    source.entries.push_back(std::move(entry));
  }
  std::sort(source.failures.begin(), source.failures.end(),
            [](const IngestFailure& a, const IngestFailure& b) { return a.path < b.path; });
}

}  // namespace

IngestSource list_folder(const std::filesystem::path& folder, ProductRule product_rule) {
  IngestSource source;
  add_entries(source, folder.string(), FolderWalk(folder.string(), source).pictures(), product_rule);
  return source;
}

IngestSource list_below(const std::filesystem::path& folder, const std::string& below,
                        ProductRule product_rule) {
  IngestSource source;
  if (is_hidden(below)) return source;
  add_entries(source, folder.string(), FolderWalk(folder.string(), source).pictures_at(below), product_rule);
  return source;
}

}  // namespace vitrine
