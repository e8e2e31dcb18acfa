// SPDX-License-Identifier: MIT
#pragma once
/// A file layer whose k-th operation fails, and which can forget what was not synced, as a power cut does.
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/files.h"
#include "vitrine/error.h"

namespace vitrine::test {

class FaultyFiles final : public base::Files {
 public:
  /// Operation number `k` from now, from 0, fails; a write is torn in the middle. Later ones work if `once`.
  void fail_at(int k, bool once = true) {
    remaining_ = k;
    once_ = once;
    num_failed_ = 0;
  }
  void never_fail() { remaining_ = -1; }
  bool failed() const { return num_failed_ > 0; }
  /// Counts an operation; true if it has to fail.
  bool fails_now() {
    if (remaining_ < 0) return false;
    if (remaining_-- > 0) return false;
    ++num_failed_;
    if (!once_) remaining_ = 0;
    return true;
  }

  /// Cuts every file back to what was synced. (A file whose folder was not synced disappears.)
  void cut_power() {
    for (const auto& [path, synced] : files_) {
      std::error_code ignored;
      if (!synced.in_folder) {
        std::filesystem::remove(path, ignored);
      } else if (std::filesystem::exists(path) && std::filesystem::file_size(path) > synced.length_bytes) {
        std::filesystem::resize_file(path, synced.length_bytes);
      }
    }
    files_.clear();
  }

  std::unique_ptr<base::OutputFile> open(const std::filesystem::path& path, Existence existence) override {
    step();
    if (!files_.contains(path)) {
      const bool exists = std::filesystem::exists(path);
      files_[path] = {exists ? std::filesystem::file_size(path) : 0, exists};
    }
    return std::make_unique<File>(*this, path, base::system_files().open(path, existence));
  }
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    step();
    base::system_files().rename(from, to);
    files_.erase(from);
    // A folder takes its files along.
    const std::string inside = from.string() + '/';
    std::map<std::filesystem::path, Synced> moved;
    for (const auto& [path, synced] : files_) {
      const bool moves = path.string().starts_with(inside);
      moved[moves ? to / path.string().substr(inside.size()) : path] = synced;
    }
    files_ = std::move(moved);
  }
  void exchange(const std::filesystem::path& one, const std::filesystem::path& other) override {
    step();
    base::system_files().exchange(one, other);
  }
  void remove(const std::filesystem::path& path) override {
    step();
    base::system_files().remove(path);
    files_.erase(path);
  }
  void make_folder(const std::filesystem::path& path) override {
    step();
    base::system_files().make_folder(path);
  }
  void sync_folder(const std::filesystem::path& folder) override {
    step();
    for (auto& [path, synced] : files_) {
      if (path.parent_path() == folder) synced.in_folder = true;
    }
  }

 private:
  struct Synced {
    std::uintmax_t length_bytes = 0;
    bool in_folder = false;
  };

  class File final : public base::OutputFile {
   public:
    File(FaultyFiles& owner, std::filesystem::path path, std::unique_ptr<base::OutputFile> file)
        : owner_(owner), path_(std::move(path)), file_(std::move(file)) {}
    void write_at(std::uint64_t offset_bytes, std::span<const std::byte> bytes) override {
      if (owner_.fails_now()) {
        file_->write_at(offset_bytes, bytes.first(bytes.size() / 2));
        throw_full();
      }
      file_->write_at(offset_bytes, bytes);
    }
    void truncate(std::uint64_t length_bytes) override {
      owner_.step();
      file_->truncate(length_bytes);
    }
    void sync() override {
      // Only noted: the system's cache outlives the test, and a real sync would make it slow.
      owner_.step();
      owner_.files_[path_].length_bytes = std::filesystem::file_size(path_);
    }

   private:
    FaultyFiles& owner_;
    std::filesystem::path path_;
    std::unique_ptr<base::OutputFile> file_;
  };

  [[noreturn]] static void throw_full() { throw Error(ErrorCode::kResource, "no space left (injected)"); }
  void step() {
    if (fails_now()) throw_full();
  }

  int remaining_ = -1;
  bool once_ = true;
  int num_failed_ = 0;
  std::map<std::filesystem::path, Synced> files_;
};

}  // namespace vitrine::test
