#include "arguments.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>

void Arguments::flag(const std::string& name, const std::string& help, std::function<void()> set) {
  options_.push_back({"--" + name, "", help, [set = std::move(set)](const std::string&) { set(); }});
}

void Arguments::option(const std::string& name, const std::string& value, const std::string& help,
                       std::function<void(const std::string&)> set) {
  options_.push_back({"--" + name, value, help, std::move(set)});
}

std::vector<std::string> Arguments::parse(int argc, char** argv) const {
  std::vector<std::string> rest;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--help") print_help();
    if (!argument.starts_with("--")) {
      rest.push_back(argument);
      continue;
    }
    const Option* found = nullptr;
    for (const Option& option : options_) {
      if (option.name == argument) found = &option;
    }
    if (found == nullptr) throw BadArgument("there is no option " + argument + "; try --help");
    if (!found->value.empty() && ++i == argc) throw BadArgument(argument + " needs a value, " + found->value);
    try {
      found->set(found->value.empty() ? "" : argv[i]);
    } catch (const BadArgument& error) {
      throw BadArgument(argument + ": " + error.what());
    }
  }
  return rest;
}

void Arguments::print_help() const {
  std::printf("usage: %s\n\n", usage_.c_str());
  for (const Option& option : options_) {
    std::printf("  %-30s %s\n", (option.name + " " + option.value).c_str(), option.help.c_str());
  }
  std::exit(0);
}

std::size_t parse_number(const std::string& text, std::size_t lowest, std::size_t highest) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < lowest || number > highest) {
    throw BadArgument("not a number from " + std::to_string(lowest) + " to " + std::to_string(highest));
  }
  return number;
}

int run_program(const char* name, const std::function<void()>& body) {
  try {
    body();
    return 0;
  } catch (const BadArgument& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return 1;
  }
}
