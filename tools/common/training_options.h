// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "common/command_line.h"
#include "vitrine/training.h"
#include "vitrine/triplet_set.h"

namespace vitrine::tools {

/// What vitrine-train is told about learning, as it is spelled on the command line.
struct TrainingArguments {
  std::string detector = "none";
  std::string teacher = "scenes";
  std::string joint = "none";
  std::string device = "auto";
  std::string negatives = "shared";
  std::string mean = "query";
  TrainingOptions options;
  TripletSetOptions triplet_set;
};

/// Adds the groups Size, Detection, Triplets and Learning. `arguments` must outlive the command line.
void add_training_options(CommandLine& line, TrainingArguments& arguments);

/// Puts what is spelled as words into the options.
void read_choices(TrainingArguments& arguments);

}  // namespace vitrine::tools
