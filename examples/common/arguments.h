// The arguments of a program: options, which begin with -, and the rest.
//
//     echo_server --port 8467 --no-timeouts        an option with a value, and one without: a flag
//     echo_server --port=8467                      the same
//     echo_client ws://127.0.0.1:8467/ -- --port   behind a lone -- there are no options: this sends "--port"
//
// Every program knows -h, --help and --version.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

// An argument that the program does not understand. what() is one sentence.
class BadArgument : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Arguments {
 public:
  // `usage`: what --help prints first, such as "echo_server [OPTION]...      sends every message back". It begins with
  // the program's name. `more`: what it prints last.
  explicit Arguments(std::string usage, std::string more = "") : usage_(std::move(usage)), more_(std::move(more)) {}

  // Options in the order in which --help lists them. `value` names the option's value in the help, such as "SECONDS".
  void flag(const std::string& name, const std::string& help, std::function<void()> set);
  void option(const std::string& name, const std::string& value, const std::string& help,
              std::function<void(const std::string&)> set);
  // One whose value may be "", as in --host "".
  void option_or_empty(const std::string& name, const std::string& value, const std::string& help,
                       std::function<void(const std::string&)> set);
  // --port: a number from 0 to 65535.
  void port_option(const std::string& help, std::uint16_t& port);

  // Calls the setters, and returns the arguments that are no options. A value is empty only where it may be. Throws
  // BadArgument. Asked for --help or --version, it prints that, and ends the program.
  std::vector<std::string> parse(int argc, char** argv) const;

  // The same for a program that takes options only: anything else is a BadArgument, too.
  void parse_options(int argc, char** argv) const;

 private:
  struct Option {
    std::string name;   // with its --
    std::string value;  // empty: a flag
    std::string help;
    std::function<void(const std::string&)> set;
    bool may_be_empty = false;
  };
  const Option& find(const std::string& name) const;
  void answer(const std::string& word) const;
  void print_help() const;

  std::string usage_;
  std::string more_;
  std::vector<Option> options_;
};

// A whole number in that range; else BadArgument.
std::size_t parse_number(const std::string& text, std::size_t lowest, std::size_t highest);

// What `--port` says, for a program that has no other option; without it 8467.
std::uint16_t port_argument(int argc, char** argv, const std::string& usage, const std::string& more = "");

// Runs a program's body. What leaves it as an exception becomes one sentence on standard error and an exit status: 2
// for BadArgument, 1 for anything else.
int run_program(const char* name, const std::function<void()>& body);
