// SPDX-License-Identifier: MIT
#include "common/command_line.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <optional>
#include <utility>

#include "common/help_text.h"

namespace vitrine::tools {
namespace po = boost::program_options;
namespace {

// A name that cannot be typed as an option, under which Program_options collects the arguments that are none.
constexpr const char* kPositional = "positional arguments";

std::uint64_t parse_number(const std::string& option, const std::string& text, NumberRange range) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < range.minimum || value > range.maximum) {
    std::string expected = "a whole number of at least " + std::to_string(range.minimum);
    if (range.maximum < std::numeric_limits<std::uint32_t>::max()) {
      expected =
          "a whole number from " + std::to_string(range.minimum) + " to " + std::to_string(range.maximum);
    }
    throw UsageError("--" + option + " needs " + expected + ", not '" + text + "'");
  }
  return value;
}

// The shortest text that reads back as the same number.
std::string short_text(double value) {
  char buffer[32];
  return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), value).ptr};
}

std::string environment_name(const std::string& long_name) {
  std::string name = "VITRINE_";
  for (const char c : long_name) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : std::string(separator)) + word;
  }
  return text;
}

}  // namespace

CommandLine::CommandLine(ToolDescription description) : description_(std::move(description)) {}

void CommandLine::group(std::string title) {
  current_group_ = std::move(title);
}

CommandLine::Option& CommandLine::add(std::string_view names, std::string value_name, std::string help) {
  Option option;
  const std::size_t comma = names.find(',');
  option.group = current_group_;
  option.long_name = names.substr(0, comma);
  option.short_name = comma == std::string_view::npos ? "" : names.substr(comma + 1);
  option.value_name = std::move(value_name);
  option.help = std::move(help);
  return options_.emplace_back(std::move(option));
}

void CommandLine::flag(std::string_view names, bool& target, std::string help) {
  add(names, "", std::move(help)).apply = [&target](const std::vector<std::string>&) { target = true; };
}

void CommandLine::text(std::string_view names, std::string value_name, std::string& target,
                       std::string help) {
  if (!target.empty()) {
    help += " [" + target + "]";
  }
  add(names, std::move(value_name), std::move(help)).apply =
      [&target](const std::vector<std::string>& values) { target = values.back(); };
}

void CommandLine::texts(std::string_view names, std::string value_name, std::vector<std::string>& target,
                        std::string help) {
  Option& option = add(names, std::move(value_name), std::move(help));
  option.repeatable = true;
  option.apply = [&target](const std::vector<std::string>& values) { target = values; };
}

void CommandLine::choice(std::string_view names, std::vector<std::string> choices, std::string& target,
                         std::string help) {
  Option& option = add(names, joined(choices, "|"), std::move(help) + " [" + target + "]");
  option.apply = [&target, choices = std::move(choices),
                  name = option.long_name](const std::vector<std::string>& values) {
    if (std::find(choices.begin(), choices.end(), values.back()) == choices.end()) {
      throw UsageError("--" + name + " is one of " + joined(choices, ", ") + ", not '" + values.back() + "'");
    }
    target = values.back();
  };
}

void CommandLine::add_number(std::string_view names, std::string value_name, NumberRange range,
                             std::uint64_t default_value, std::function<void(std::uint64_t)> store,
                             std::string help) {
  // A default of 0 stands for a choice the help explains in words.
  if (default_value != 0) {
    help += " [" + std::to_string(default_value) + "]";
  }
  Option& option = add(names, std::move(value_name), std::move(help));
  option.apply = [store = std::move(store), range,
                  name = option.long_name](const std::vector<std::string>& values) {
    store(parse_number(name, values.back(), range));
  };
}

void CommandLine::real(std::string_view names, std::string value_name, double& target, double minimum,
                       double maximum, std::string help) {
  add_real(
      names, std::move(value_name), minimum, maximum, [&target](double value) { target = value; },
      std::move(help) + " [" + short_text(target) + "]");
}

void CommandLine::real(std::string_view names, std::string value_name, std::optional<double>& target,
                       double minimum, double maximum, std::string help) {
  add_real(
      names, std::move(value_name), minimum, maximum, [&target](double value) { target = value; },
      std::move(help));
}

void CommandLine::add_real(std::string_view names, std::string value_name, double minimum, double maximum,
                           std::function<void(double)> store, std::string help) {
  Option& option = add(names, std::move(value_name), std::move(help));
  option.apply = [store = std::move(store), minimum, maximum,
                  name = option.long_name](const std::vector<std::string>& values) {
    const std::string& text = values.back();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || !(value >= minimum && value <= maximum)) {
      throw UsageError("--" + name + " needs a number from " + short_text(minimum) + " to " +
                       short_text(maximum) + ", not '" + text + "'");
    }
    store(value);
  };
}

void CommandLine::read_sources(int argc, const char* const* argv) {
  po::options_description configurable;
  for (const Option& option : options_) {
    const std::string names = option.long_name + (option.short_name.empty() ? "" : "," + option.short_name);
    if (option.value_name.empty()) {
      configurable.add_options()(names.c_str(), po::bool_switch());
    } else {
      configurable.add_options()(names.c_str(), po::value<std::vector<std::string>>());
    }
  }
  po::options_description all;
  all.add(configurable)
      .add_options()("help,h", po::bool_switch(&help_wanted_))("version", po::bool_switch(&version_wanted_))(
          "config", po::value(&config_path_))(kPositional, po::value(&positional_));
  po::positional_options_description rest;
  rest.add(kPositional, -1);  // -1 is how Program_options says "any number"

  po::variables_map values;
  const auto style = po::command_line_style::unix_style ^ po::command_line_style::allow_guessing;
  po::store(po::command_line_parser(argc, argv).options(all).positional(rest).style(style).run(), values);
  po::store(po::parse_environment(configurable,
                                  [this](const std::string& variable) -> std::string {
                                    const char* value = std::getenv(variable.c_str());
                                    for (const Option& option : options_) {
                                      if (environment_name(option.long_name) == variable && *value != '\0') {
                                        return option.long_name;
                                      }
                                    }
                                    return "";
                                  }),
            values);
  po::notify(values);
  if (help_wanted_ || version_wanted_) {
    return;
  }
  if (!config_path_.empty()) {
    std::ifstream config(config_path_);
    if (!config) {
      throw Error(ErrorCode::kNotFound, "cannot read the configuration file '" + config_path_ + "'");
    }
    po::store(po::parse_config_file(config, configurable), values);
  }
  for (const Option& option : options_) {
    const po::variable_value& value = values[option.long_name];
    if (option.value_name.empty()) {
      if (value.as<bool>()) {
        option.apply({});
      }
    } else if (!value.empty()) {
      option.apply(value.as<std::vector<std::string>>());
    }
  }
}

bool CommandLine::parse(int argc, const char* const* argv) {
  try {
    read_sources(argc, argv);
  } catch (const po::error& error) {
    throw UsageError(error.what());
  }
  if (help_wanted_) {
    std::cout << help();
  } else if (version_wanted_) {
    std::cout << description_.name << " " << VITRINE_VERSION << '\n';
  }
  return !help_wanted_ && !version_wanted_;
}

std::string CommandLine::help() const {
  std::string text = description_.name + " - " + description_.summary + "\n\nUsage: " + description_.name +
                     " " + description_.usage + "\n";
  std::string group;
  for (const Option& option : options_) {
    if (option.group != group) {
      group = option.group;
      text += "\n" + group + ":\n";
    }
    text += help_entry(option.short_name, option.long_name, option.value_name,
                       option.help + (option.repeatable ? " (repeatable)" : ""));
  }
  text += "\nAlways:\n";
  text += help_entry("", "config", "FILE", "read options from FILE, one 'name = value' a line");
  text += help_entry("h", "help", "", "print this text");
  text += help_entry("", "version", "", "print the version");
  text += "\n" + description_.examples;
  return text;
}

}  // namespace vitrine::tools
