// SPDX-License-Identifier: MIT
#pragma once
/// Options of a tool, gathered from the command line, then the environment (VITRINE_<NAME>), then a file
/// named by
/// --config; the first of these that sets an option wins. `--help` and `--version` come with every tool.
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/error.h"

namespace vitrine::tools {

/// A mistake on the command line; reported with a pointer to --help.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(ErrorCode::kInvalidArgument, message) {}
};

struct ToolDescription {
  std::string name;
  std::string summary;   ///< one line, no full stop
  std::string usage;     ///< what follows the name, for example "SHOP PHOTO... [options]"
  std::string examples;  ///< printed below the options as it is
};

/// Both ends are allowed.
struct NumberRange {
  std::uint64_t minimum = 0;
  std::uint64_t maximum = std::numeric_limits<std::uint64_t>::max();
};

class CommandLine {
 public:
  explicit CommandLine(ToolDescription description);

  // Options appear in the help in the order of these calls, under the title of the last group. `names` is
  // "long" or "long,l". The target holds the default and must outlive parse().

  void group(std::string title);
  void flag(std::string_view names, bool& target, std::string help);
  void text(std::string_view names, std::string value_name, std::string& target, std::string help);
  /// May be given several times.
  void texts(std::string_view names, std::string value_name, std::vector<std::string>& target,
             std::string help);
  /// One of `choices`.
  void choice(std::string_view names, std::vector<std::string> choices, std::string& target,
              std::string help);
  template <std::integral T>
  void number(std::string_view names, std::string value_name, T& target, NumberRange range,
              std::string help) {
    range.maximum = std::min<std::uint64_t>(range.maximum, std::numeric_limits<T>::max());
    add_number(
        names, std::move(value_name), range, static_cast<std::uint64_t>(target),
        [&target](std::uint64_t value) { target = static_cast<T>(value); }, std::move(help));
  }

  /// A real number from `minimum` to `maximum`, both allowed.
  void real(std::string_view names, std::string value_name, double& target, double minimum, double maximum,
            std::string help);
  /// As above, without a default.
  void real(std::string_view names, std::string value_name, std::optional<double>& target, double minimum,
            double maximum, std::string help);

  /// Reads the arguments. False if help or version was asked for and has been printed. Throws UsageError.
  [[nodiscard]] bool parse(int argc, const char* const* argv);

  /// The arguments that are no options, in order.
  const std::vector<std::string>& positional() const { return positional_; }

  std::string help() const;
  const std::string& program() const { return description_.name; }

 private:
  struct Option {
    std::string group;
    std::string long_name;
    std::string short_name;
    std::string value_name;  ///< empty: a flag
    std::string help;
    bool repeatable = false;
    std::function<void(const std::vector<std::string>&)> apply;
  };

  Option& add(std::string_view names, std::string value_name, std::string help);
  void add_number(std::string_view names, std::string value_name, NumberRange range,
                  std::uint64_t default_value, std::function<void(std::uint64_t)> store, std::string help);
  void add_real(std::string_view names, std::string value_name, double minimum, double maximum,
                std::function<void(double)> store, std::string help);
  void read_sources(int argc, const char* const* argv);

  ToolDescription description_;
  std::string current_group_ = "Options";
  std::vector<Option> options_;
  std::vector<std::string> positional_;
  std::string config_path_;
  bool help_wanted_ = false;
  bool version_wanted_ = false;
};

}  // namespace vitrine::tools
