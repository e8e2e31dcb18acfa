// SPDX-License-Identifier: MIT
#pragma once
/// What happens in a folder and the folders below it, as the system tells (inotify). Hidden ones are passed
/// over.
#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace vitrine::tools {

/// Since the last look; paths are relative to the folder.
struct FolderEvents {
  std::set<std::string> paths;  ///< of files and folders that came, changed or went
  bool lost = false;            ///< more happened than the system could keep: anything may have changed
  bool root_is_gone = false;    ///< the folder was removed, moved or unmounted
};

class FolderWatch {
 public:
  /// Watches from now on. Errors: kNotFound, kIo; kResource if the system allows no more watches.
  explicit FolderWatch(const std::filesystem::path& root);
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  ~FolderWatch();

  /// Waits until something happens, at most for `timeout`, and adds it to `events`. False if nothing did.
  /// ErrorCode::kResource if new folders need more watches than the system allows.
  bool wait(std::chrono::milliseconds timeout, FolderEvents& events);

  /// Watches folders whose coming was lost, too.
  void renew() { watch_below(""); }

 private:
  void watch_below(const std::string& relative);
  void watch(const std::string& relative);
  void forget_below(const std::string& relative);
  void take(int watch, std::uint32_t mask, std::string_view name, FolderEvents& events);

  std::string root_;
  int queue_ = -1;
  std::map<int, std::string> folders_;  ///< by watch
  std::map<std::string, int> watches_;  ///< by folder
};

/// Whether changes made by other machines go unnoticed there: network and user-space file systems.
bool is_remote(const std::filesystem::path& folder);

}  // namespace vitrine::tools
