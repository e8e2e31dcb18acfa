// SPDX-License-Identifier: MIT
#include "common/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/system_error.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

namespace fs = std::filesystem;

// A file is looked at when it is whole (written and closed, or moved here). Links are whole when they are
// made, and rights may make a file readable.
constexpr std::uint32_t kFileEvents =
    IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ATTRIB;
constexpr std::uint32_t kFolderEvents = IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW;

std::string joined(const std::string& folder, std::string_view name) {
  return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

}  // namespace

FolderWatch::FolderWatch(const fs::path& root) : root_(fs::canonical(root).string()) {
  queue_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (queue_ < 0) base::throw_errno("watch", root_, errno);
  try {
    watch_below("");
    if (folders_.empty()) base::throw_errno("watch", root_, ENOENT);
  } catch (...) {
    ::close(queue_);
    throw;
  }
}

FolderWatch::~FolderWatch() {
  ::close(queue_);
}

// Watches first and lists then, so that no folder made meanwhile is missed.
void FolderWatch::watch_below(const std::string& relative) {
  std::vector<std::string> waiting = {relative};
  while (!waiting.empty()) {
    const std::string folder = std::move(waiting.back());
    waiting.pop_back();
    watch(folder);
    std::error_code error;
    for (fs::directory_iterator it(fs::path(root_) / folder, error), end; !error && it != end;
         it.increment(error)) {
      const std::string name = it->path().filename().string();
      std::error_code ignored;
      if (!name.starts_with('.') && it->symlink_status(ignored).type() == fs::file_type::directory)
        waiting.push_back(joined(folder, name));
    }
  }
}

void FolderWatch::watch(const std::string& relative) {
  const fs::path path = fs::path(root_) / relative;
  const int number = ::inotify_add_watch(queue_, path.c_str(), kFileEvents | kFolderEvents);
  if (number < 0 && errno == ENOSPC) {
    throw Error(ErrorCode::kResource, "cannot watch '" + path.string() +
                                          "': the system allows no more watches; raise "
                                          "fs.inotify.max_user_watches with sysctl, or use --rescan");
  }
  if (number < 0) return;  // gone again, or unreadable, which listing it reports
  folders_[number] = relative;
  watches_[relative] = number;
}

// What moved away may come back under another name, and is watched anew then.
void FolderWatch::forget_below(const std::string& relative) {
  for (auto it = watches_.lower_bound(relative); it != watches_.end() && it->first.starts_with(relative);) {
    if (it->first.size() > relative.size() && it->first[relative.size()] != '/') {
      ++it;
      continue;
    }
    ::inotify_rm_watch(queue_, it->second);
    folders_.erase(it->second);
    it = watches_.erase(it);
  }
}

bool FolderWatch::wait(std::chrono::milliseconds timeout, FolderEvents& events) {
  pollfd waiting{queue_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(timeout.count())) <= 0) return false;
  alignas(inotify_event) std::array<char, 1 << 16> buffer{};
  bool any = false;
  while (true) {
    const ssize_t size = ::read(queue_, buffer.data(), buffer.size());
    if (size < 0 && errno != EAGAIN && errno != EINTR) base::throw_errno("watch", root_, errno);
    if (size <= 0) return any;
    any = true;
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      take(event->wd, event->mask, event->len > 0 ? event->name : "", events);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

void FolderWatch::take(int watch, std::uint32_t mask, std::string_view name, FolderEvents& events) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    events.lost = true;
    return;
  }
  const auto found = folders_.find(watch);
  if (found == folders_.end()) return;  // of a folder that moved away
  const std::string folder = found->second;
  if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0) {
    events.root_is_gone = events.root_is_gone || folder.empty();
    return;
  }
  if ((mask & IN_IGNORED) != 0) {
    watches_.erase(folder);
    folders_.erase(found);
    return;
  }
  if (name.empty() || name.starts_with('.')) return;
  const std::string relative = joined(folder, name);
  if ((mask & IN_ISDIR) != 0) {
    if ((mask & (IN_MOVED_FROM | IN_DELETE)) != 0) forget_below(relative);
    if ((mask & (IN_MOVED_TO | IN_CREATE | IN_ATTRIB)) != 0) watch_below(relative);
  }
  events.paths.insert(relative);
}

bool is_remote(const fs::path& folder) {
  // NFS, SMB (three numbers), FUSE, 9P, AFS, CODA, Ceph, Lustre: see statfs(2).
  constexpr std::array<unsigned long, 10> kRemote = {0x6969,     0x517B,     0xFF534D42, 0xFE534D42,
                                                     0x65735546, 0x01021997, 0x5346414F, 0x73757245,
                                                     0x00C36400, 0x0BD00BD0};
  struct statfs status {};
  if (::statfs(folder.c_str(), &status) != 0) return false;
  const auto type = static_cast<unsigned long>(status.f_type) & 0xFFFFFFFFUL;
  return std::find(kRemote.begin(), kRemote.end(), type) != kRemote.end();
}

}  // namespace vitrine::tools
