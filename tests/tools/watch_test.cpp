// SPDX-License-Identifier: MIT
// vitrine-index --watch: a catalogue that follows a folder.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "common/folder_watch.h"
#include "tools/text_file.h"
#include "tools/workspace.h"
#include "vitrine/catalog.h"
#include "vitrine/ingest.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

/// A watcher of shop/ that has taken over what was there.
class Watcher {
 public:
  explicit Watcher(const Workspace& work, std::vector<std::string> options = {}) : work_(work) {
    options.insert(options.begin(), {"shop", "--watch", "--json", "--threads", "1"});
    process_.emplace(tool_path("vitrine-index"), options, work.prepared({.output = work / "out"}));
    REQUIRE(eventually([&] { return !lines().empty() || !process_->running(); }));
  }

  /// Whole lines of JSON so far: the summary of the first run, then the commits.
  std::vector<nlohmann::json> lines() const {
    std::vector<nlohmann::json> objects;
    std::istringstream stream(read_file(work_ / "out"));
    for (std::string line; std::getline(stream, line);)
      if (stream.good()) objects.push_back(nlohmann::json::parse(line));
    return objects;
  }

  /// Waits until the catalogue is like the folder.
  bool settles() const {
    return eventually([&] { return catalog_content() == folder_content(); });
  }

  static bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 1200; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(milliseconds(50));
    }
    return false;
  }

  void send(int signal_number) const { process_->send_signal(signal_number); }
  ProcessResult stop(int signal_number = SIGINT) {
    process_->send_signal(signal_number);
    return process_->wait();
  }
  ProcessResult wait() { return process_->wait(); }

 private:
  using Content = std::map<std::string, std::pair<std::string, std::int64_t>>;  ///< path: category, size

  Content catalog_content() const {
    Content content;
    const Catalog catalog = Catalog::open(work_ / "shop.vitrine");
    catalog.for_each_file([&](const FileState& state) {
      content[state.path] = {catalog.item(state.id)->category, state.file_size_bytes};
    });
    return content;
  }
  Content folder_content() const {
    Content content;
    for (const IngestEntry& entry : list_folder(work_ / "shop").entries)
      content[entry.path] = {entry.category, static_cast<std::int64_t>(fs::file_size(entry.path))};
    return content;
  }

  const Workspace& work_;
  std::optional<Process> process_;
};

void write_half(const Workspace& work, const std::string& name, std::uint64_t seed) {
  const std::vector<std::byte> bytes = encode_jpeg(test_image(seed, 48), 95);
  write_file(work / name, std::span(bytes).first(bytes.size() / 2));
}

/// More events than the system keeps for one who does not read them; the watched ones behind are lost.
void overflow_queue(const fs::path& folder) {
  std::ifstream setting("/proc/sys/fs/inotify/max_queued_events");
  int limit = 0;
  REQUIRE(setting >> limit);
  // Of two files, as equal events in a row are one. Opened for writing and closed, they need no disk.
  for (int i = 0; i <= limit; ++i) std::ofstream(folder / (i % 2 == 0 ? ".even" : ".odd"), std::ios::app);
}

}  // namespace

TEST_CASE("a watched folder's pictures come, change, move and go in the catalogue too") {
  const Workspace work;
  work.add_shop();
  Watcher watcher(work);
  CHECK(watcher.lines()[0]["added"] == 6);

  work.add_picture("shop/new.jpg", 20);
  CHECK(watcher.settles());
  work.add_picture("shop/new.jpg", 21, 64);
  CHECK(watcher.settles());
  fs::rename(work / "shop/new.jpg", work / "shop/fruit/renamed.jpg");
  CHECK(watcher.settles());
  fs::remove(work / "shop/fruit/renamed.jpg");
  CHECK(watcher.settles());
  work.add_picture("outside.png", 22);
  fs::rename(work / "outside.png", work / "shop/inside.png");
  CHECK(watcher.settles());
  fs::rename(work / "shop/inside.png", work / "outside.png");
  CHECK(watcher.settles());

  const ProcessResult result = watcher.stop();
  CHECK(result.exit_code == 130);
  const auto lines = watcher.lines();
  REQUIRE(lines.size() >= 2);
  CHECK(lines[1]["schema"] == "vitrine.commit/1");
  CHECK(lines[1]["added"] == 1);
  CHECK_FALSE(lines[1].contains("line"));
  CHECK(Catalog::open(work / "shop.vitrine").verify().empty());
}

TEST_CASE("a watched folder's folders come, move and go with all that is in them") {
  const Workspace work;
  work.add_shop();
  Watcher watcher(work);
  work.add_picture("shop/deep/er/and/deeper/a.png", 30);
  CHECK(watcher.settles());
  work.add_picture("shop/deep/er/b.png", 31);
  CHECK(watcher.settles());
  fs::rename(work / "shop/deep/er", work / "shop/moved");
  CHECK(watcher.settles());
  work.add_picture("shop/moved/and/c.png", 32);  // still watched, under its new name
  CHECK(watcher.settles());
  fs::rename(work / "shop/moved", work / "away");
  CHECK(watcher.settles());
  work.add_picture("away/d.png", 33);  // no longer
  fs::remove_all(work / "shop/fruit");
  CHECK(watcher.settles());
  fs::rename(work / "away", work / "shop/back");
  CHECK(watcher.settles());
  CHECK(watcher.stop(SIGTERM).exit_code == 130);
}

TEST_CASE("a storm of changes ends with a catalogue like the folder") {
  const Workspace work;
  work.add_shop();
  Watcher watcher(work);
  for (int i = 0; i < 300; ++i)
    work.add_picture("shop/storm/" + std::to_string(i % 7) + "/" + std::to_string(i) + ".png",
                     static_cast<std::uint64_t>(i % 40), 8);
  for (int i = 0; i < 300; i += 3)
    fs::remove(work / ("shop/storm/" + std::to_string(i % 7) + "/" + std::to_string(i) + ".png"));
  fs::rename(work / "shop/storm/2", work / "shop/storm/two");
  CHECK(watcher.settles());
  CHECK(watcher.stop().exit_code == 130);
  CHECK(Catalog::open(work / "shop.vitrine").verify().empty());
}

TEST_CASE("a watch whose queue overflows says that events were lost, and goes on") {
  const Workspace work;
  tools::FolderWatch watch(work.folder());
  overflow_queue(work.folder());
  tools::FolderEvents events;
  CHECK(watch.wait(milliseconds(1000), events));
  CHECK(events.lost);
  events = {};
  write_file(work / "later.txt", "");
  CHECK(watch.wait(milliseconds(1000), events));
  CHECK_FALSE(events.lost);
  CHECK(events.paths == std::set<std::string>{"later.txt"});
}

TEST_CASE("what happened while the system's queue of events was full is found by comparing the folder") {
  const Workspace work;
  work.add_shop();
  Watcher watcher(work);
  watcher.send(SIGSTOP);
  overflow_queue(work / "shop");
  // Nobody is told of these.
  fs::remove(work / "shop/loose.png");
  work.add_picture("shop/late.png", 70);
  fs::create_directories(work / "shop/late folder/below");
  work.add_picture("shop/late folder/below/first.png", 71);
  watcher.send(SIGCONT);
  CHECK(watcher.settles());
  // Nor is the new folder's watch.
  work.add_picture("shop/late folder/below/second.png", 72);
  CHECK(watcher.settles());
  CHECK(watcher.stop().exit_code == 130);
  CHECK(Catalog::open(work / "shop.vitrine").verify().empty());
}

TEST_CASE("a picture that is still being written is taken when it is whole, and a broken one is told once") {
  const Workspace work;
  work.add_shop();
  Watcher watcher(work);
  write_half(work, "shop/late.jpg", 40);
  write_half(work, "shop/broken.jpg", 41);
  std::this_thread::sleep_for(milliseconds(500));
  work.add_picture("shop/late.jpg", 40);
  const auto has = [&](const std::string& picture) {
    const Catalog catalog = Catalog::open(work / "shop.vitrine");
    return catalog.find({fs::path(picture).stem().string(), picture}).has_value();
  };
  CHECK(Watcher::eventually([&] { return has("late.jpg"); }));
  const auto failures = [&] {
    std::vector<std::string> paths;
    for (const auto& line : watcher.lines())
      for (const auto& failure : line["failures"]) paths.push_back(failure["path"]);
    return paths;
  };
  CHECK(Watcher::eventually([&] { return !failures().empty(); }));
  CHECK(failures() == std::vector<std::string>{(work / "shop/broken.jpg").string()});
  CHECK(watcher.stop().exit_code == 130);
}

TEST_CASE("an empty folder can be watched, and a watched folder that goes away is an error") {
  const Workspace work;
  fs::create_directory(work / "shop");
  Watcher watcher(work);
  work.add_picture("shop/first.png", 50);
  CHECK(watcher.settles());
  fs::rename(work / "shop", work / "elsewhere");
  const ProcessResult result = watcher.wait();
  CHECK(result.exit_code == 3);
  CHECK(result.err.find("it was removed, moved or unmounted") != std::string::npos);
  CHECK(Catalog::open(work / "shop.vitrine").stats().num_items == 1);
}

TEST_CASE("--rescan finds what nobody tells of, and --keep-vanished keeps what is gone") {
  const Workspace work;
  work.add_shop();
  Watcher watcher(work, {"--rescan", "1", "--keep-vanished"});
  fs::remove(work / "shop/loose.png");
  work.add_picture("shop/new.png", 60);
  CHECK(Watcher::eventually([&] { return Catalog::open(work / "shop.vitrine").stats().num_items == 7; }));
  std::this_thread::sleep_for(milliseconds(1500));
  CHECK(Catalog::open(work / "shop.vitrine").stats().num_items == 7);
  CHECK(watcher.stop().exit_code == 130);
}

TEST_CASE("only folders are watched, and only with --watch is there anything to compare again") {
  const Workspace work;
  write_file(work / "list.csv", "path\n");
  fs::create_directory(work / "shop");
  CHECK(work.run("vitrine-index", {"list.csv", "--watch"}).exit_code == 2);
  CHECK(work.run("vitrine-index", {"shop", "--rescan", "5"}).exit_code == 2);
  CHECK(work.run("vitrine-index", {"--apply", "-", "-o", "x", "--watch"}).exit_code == 2);
}

}  // namespace vitrine::test
