// SPDX-License-Identifier: MIT
#include <utility>

#include "base/mapped_file.h"
#include "clicks/view_source.h"
#include "vitrine/click_log.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using clicks::LogForm;
using clicks::ViewSource;

}  // namespace

struct ClickLogReader::Impl {
  Impl(const std::filesystem::path& path, ProblemSink sink)
      : log(path), form(clicks::log_form(path)), mapped(path), on_problem(std::move(sink)) {
    const std::string_view text(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size());
    const auto report = [this](std::size_t line, const std::string& reason) {
      ++num_problems;
      if (on_problem) on_problem({log.string() + ":" + std::to_string(line), reason});
    };
    translated([&] {
      source = form == LogForm::kCsv ? clicks::csv_views(text, report) : clicks::json_views(text, report);
    });
  }

  /// Runs `step`, whose errors do not know the file's name.
  template <typename Step>
  void translated(const Step& step) const {
    try {
      step();
    } catch (const Error& error) {
      throw Error(error.code(), "cannot read the click log '" + log.string() + "': " + error.what());
    }
  }

  std::filesystem::path log;
  LogForm form;
  base::MappedFile mapped;
  ProblemSink on_problem;
  std::uint64_t num_problems = 0;
  std::unique_ptr<ViewSource> source;
};

ClickLogReader::ClickLogReader(const std::filesystem::path& log, ProblemSink on_problem)
    : impl_(std::make_unique<Impl>(log, std::move(on_problem))) {}
ClickLogReader::ClickLogReader(ClickLogReader&&) noexcept = default;
ClickLogReader& ClickLogReader::operator=(ClickLogReader&&) noexcept = default;
ClickLogReader::~ClickLogReader() = default;

std::optional<PageView> ClickLogReader::next() {
  std::optional<PageView> view;
  impl_->translated([&] { view = impl_->source->next(); });
  return view;
}

std::uint64_t ClickLogReader::size_bytes() const {
  return impl_->mapped.bytes().size();
}

std::uint64_t ClickLogReader::bytes_read() const {
  return size_bytes() - impl_->source->remaining_bytes();
}

std::uint64_t ClickLogReader::num_problems() const {
  return impl_->num_problems;
}

}  // namespace vitrine
