// SPDX-License-Identifier: MIT
#include "common/answer_queries.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <future>
#include <iostream>
#include <iterator>
#include <thread>
#include <utility>
#include <vector>

#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Image read_photo(const std::string& path, int min_side_px) {
  const DecodeOptions options{.min_side_px = min_side_px};
  if (path != "-") {
    return Image::read(path, options);
  }
  const std::string bytes(std::istreambuf_iterator<char>(std::cin), {});
  return Image::decode(std::as_bytes(std::span(bytes)), options, "standard input");
}

SearchResult search_as_told(const QueryOptions& options,
                            const std::function<SearchResult(const SearchOptions&)>& search) {
  return options.search_through ? options.search_through(options.search, search) : search(options.search);
}

QueryAnswer answer_photo(const Engine& engine, const PhotoQuery& query, const QueryOptions& options) {
  QueryAnswer answer;
  answer.query = query.path;
  const Clock::time_point start = Clock::now();
  // What is cut out of the photo must keep all its pixels.
  const bool cuts = options.search.box_px || options.objects;
  const int min_side_px = cuts ? 0 : engine.embedder().info().min_decode_px();
  try {
    answer.photo = read_photo(query.path, min_side_px);
  } catch (const Error& error) {
    answer.failure = error.what();
    return answer;
  }
  answer.decode_ms = milliseconds_since(start);
  if (options.objects) {
    ObjectResults results = engine.search_objects(answer.photo, *options.objects, options.search);
    answer.result = std::move(results.whole);
    answer.objects = std::move(results.objects);
  } else {
    answer.result = search_as_told(
        options, [&](const SearchOptions& search) { return engine.search(answer.photo, search); });
  }
  answer.total_ms = milliseconds_since(start);
  return answer;
}

QueryAnswer answer_item(const Engine& engine, const ItemKey& key, const QueryOptions& options) {
  QueryAnswer answer;
  answer.query = key.product + "/" + key.picture;
  const Clock::time_point start = Clock::now();
  answer.result =
      search_as_told(options, [&](const SearchOptions& search) { return engine.search_item(key, search); });
  answer.total_ms = milliseconds_since(start);
  const std::shared_ptr<const Catalog> catalog = engine.catalog();
  if (const auto id = catalog->find(key)) answer.item_path = catalog->item(*id)->path;
  return answer;
}

QueryAnswer answer_query(const Engine& engine, const Query& query, const QueryOptions& options) {
  if (const auto* photo = std::get_if<PhotoQuery>(&query)) {
    return answer_photo(engine, *photo, options);
  }
  return answer_item(engine, std::get<ItemKey>(query), options);
}

}  // namespace

void answer_queries(const Engine& engine, std::span<const Query> queries, const QueryOptions& options,
                    const std::function<void(const QueryAnswer&)>& on_answer) {
  const std::size_t num_threads = std::max(1U, std::thread::hardware_concurrency());
  // A single query is answered here: a thread would only cost.
  const auto policy = queries.size() > 1 ? std::launch::async : std::launch::deferred;
  std::deque<std::future<QueryAnswer>> running;
  const auto hand_over_oldest = [&] {
    const QueryAnswer answer = running.front().get();
    running.pop_front();
    on_answer(answer);
  };
  for (const Query& query : queries) {
    if (running.size() >= num_threads) {
      hand_over_oldest();
    }
    running.push_back(
        std::async(policy, [&engine, &query, &options] { return answer_query(engine, query, options); }));
  }
  while (!running.empty()) {
    hand_over_oldest();
  }
}

}  // namespace vitrine::tools
