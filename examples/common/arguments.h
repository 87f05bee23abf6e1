// The arguments of a program: options that begin with --, and the rest.
#pragma once

#include <cstddef>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

// An argument that the program does not understand. what() is one sentence.
class BadArgument : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Arguments {
 public:
  // `usage`: what --help prints first, such as "echo_server [OPTION]...".
  explicit Arguments(std::string usage) : usage_(std::move(usage)) {}

  // Options in the order in which --help lists them. `value` names the option's value in the help, such as "SECONDS".
  void flag(const std::string& name, const std::string& help, std::function<void()> set);
  void option(const std::string& name, const std::string& value, const std::string& help,
              std::function<void(const std::string&)> set);

  // Calls the setters, and returns the arguments that are no options. Throws BadArgument. With --help: prints it, and
  // ends the program.
  std::vector<std::string> parse(int argc, char** argv) const;

 private:
  struct Option {
    std::string name;   // with its --
    std::string value;  // empty: a flag
    std::string help;
    std::function<void(const std::string&)> set;
  };
  void print_help() const;

  std::string usage_;
  std::vector<Option> options_;
};

// A whole number in that range; else BadArgument.
std::size_t parse_number(const std::string& text, std::size_t lowest, std::size_t highest);

// Runs a program's body. What leaves it as an exception becomes one sentence on standard error and an exit status: 2
// for BadArgument, 1 for anything else.
int run_program(const char* name, const std::function<void()>& body);
