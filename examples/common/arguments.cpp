// Why not getopt(3): it keeps its place in global variables, its long options are GNU's and not POSIX's, and a --help
// that fits the options has to be written by hand beside it. Here an option is one call, which has its name, its help
// and what it does together, so none of the three can be forgotten.
//
//     echo_server --port 8467 --deflate          "--port", the value "8467"; "--deflate", a flag
//                 --port=8467                    one word: cut at the first =, so a value may contain another
//                 -- --port                      behind the --, nothing is an option
//
// What is wrong is thrown where it is noticed and printed in one place, run_program().
#include "arguments.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "printable.h"

// A flag is an option whose value has no name: that is how parse() knows it. "" is allowed, as that is what it gets.
void Arguments::flag(const std::string& name, const std::string& help, std::function<void()> set) {
  options_.push_back({"--" + name, "", help, [set = std::move(set)](const std::string&) { set(); }, true});
}

// `set` may throw BadArgument with half a sentence, such as "not HOST:PORT": parse() puts the option's name in front.
void Arguments::option(const std::string& name, const std::string& value, const std::string& help,
                       std::function<void(const std::string&)> set) {
  options_.push_back({"--" + name, value, help, std::move(set), false});
}

// For the few options where "" says something: a host of no name is every address of this machine.
void Arguments::option_or_empty(const std::string& name, const std::string& value, const std::string& help,
                                std::function<void(const std::string&)> set) {
  options_.push_back({"--" + name, value, help, std::move(set), true});
}

// Not from 1 on: 0 is a port that the system chooses. Tests start every program like this, and read in its first line
// where it listens. The cast cannot cut anything off: the range was checked.
void Arguments::port_option(const std::string& help, std::uint16_t& port) {
  option("port", "PORT", help,
         [&port](const std::string& text) { port = static_cast<std::uint16_t>(parse_number(text, 0, 65535)); });
}

// From left to right. A setter is called as soon as its value is there, so of an option that is given twice the last
// counts.
std::vector<std::string> Arguments::parse(int argc, char** argv) const {
  std::vector<std::string> rest;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    // By POSIX's custom (Utility Conventions, guideline 10). It is how one says a text that begins with a -.
    if (word == "--") {
      rest.insert(rest.end(), argv + i + 1, argv + argc);
      break;
    }
    // A lone - is no option: by custom it stands for standard input.
    if (!word.starts_with("-") || word == "-") {
      rest.push_back(word);
      continue;
    }
    // For --help and --version this does not return, whatever may be wrong further to the right.
    answer(word);
    // npos without one: then substr() takes the whole word.
    const std::size_t equals = word.find('=');
    const Option& option = find(word.substr(0, equals));
    const bool is_flag = option.value.empty();
    std::string value;
    bool is_missing = !is_flag;
    if (equals != word.npos) {
      // Not ignored: whoever writes --no-timeouts=false would get the opposite of it.
      if (is_flag) throw BadArgument(option.name + " takes no value");
      value = word.substr(equals + 1);
      is_missing = false;
    } else if (!is_flag && ++i < argc) {
      // The next word, whatever it is: it may begin with a - as well, and is not looked at again.
      value = argv[i];
      is_missing = false;
    }
    // An empty value is mostly a shell variable that was never set: better to say so than to listen nowhere.
    if (is_missing || (value.empty() && !option.may_be_empty))
      throw BadArgument(option.name + " needs a value, " + option.value);
    try {
      option.set(value);
    } catch (const BadArgument& error) {
      // The setter knows what is wrong with the value, but not whose value it is.
      throw BadArgument(option.name + ": " + error.what());
    }
  }
  return rest;
}

// An argument too many is mostly an option without its --. To ignore it would start a server on another port than its
// user believes.
void Arguments::parse_options(int argc, char** argv) const {
  const std::vector<std::string> rest = parse(argc, argv);
  if (!rest.empty()) throw BadArgument("what is " + rest[0] + "? There are options only; try --help");
}

// In full: no abbreviations, which a later option could make ambiguous.
const Arguments::Option& Arguments::find(const std::string& name) const {
  for (const Option& option : options_) {
    if (option.name == name) return option;
  }
  throw BadArgument("there is no option " + name + "; try --help");
}

// What every program answers before it looks at anything else. Status 0: it has done what it was asked for, and a
// script may rely on it.
void Arguments::answer(const std::string& word) const {
  // The first word of `usage` is the program's name. argv[0] would be whatever path it was started by.
  if (word == "--version") {
    std::printf("%s of websock %s\n", usage_.substr(0, usage_.find(' ')).c_str(), WEBSOCK_PROGRAMS_VERSION);
    std::exit(0);
  }
  if (word == "-h" || word == "--help") print_help();
}

// On standard output, and not on standard error: help that was asked for can be piped into a pager.
void Arguments::print_help() const {
  std::printf("usage: %s\n\n", usage_.c_str());
  const auto print = [](const std::string& option, const std::string& help) {
    // 30 columns: the longest of our options, --handshake-timeout SECONDS, has 27. A longer one would push its help to
    // the right, and cut nothing.
    std::printf("  %-30s %s\n", option.c_str(), help.c_str());
  };
  for (const Option& option : options_) print(option.name + " " + option.value, option.help);
  print("-h, --help", "this");
  print("--version", "of websock");
  if (!more_.empty()) std::printf("\n%s", more_.c_str());
  std::exit(0);
}

// from_chars takes no sign and no space, and notices what is too large; the test for the end is for "80x". Its
// relatives are worse: atoi() makes 0 of "eighty", and stoul() a huge number of "-1".
std::size_t parse_number(const std::string& text, std::size_t lowest, std::size_t highest) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || number < lowest || number > highest) {
    throw BadArgument("not a number from " + std::to_string(lowest) + " to " + std::to_string(highest));
  }
  return number;
}

// The milestones of the early chapters have one option each, and should not spend five lines on it.
std::uint16_t port_argument(int argc, char** argv, const std::string& usage, const std::string& more) {
  std::uint16_t port = 8467;
  Arguments arguments(usage, more);
  arguments.port_option("where to listen; 0: a free one (8467)", port);
  arguments.parse_options(argc, argv);
  return port;
}

// Without it an exception that nobody catches would end in abort(): a core dump for a port that is in use. 2 is what a
// shell's own commands say of arguments that they do not understand, so a script can tell the two apart.
int run_program(const char* name, const std::function<void()>& body) {
  const auto fail = [name](const std::exception& error, int status) {
    // printable(): the sentence may repeat what a peer, or a file, has said.
    std::fprintf(stderr, "%s: %s\n", name, printable(error.what()).c_str());
    return status;
  };
  try {
    body();
    return 0;
  } catch (const BadArgument& error) {
    // Before the other: a BadArgument is a std::exception, too, and the first that fits is taken.
    return fail(error, 2);
  } catch (const std::exception& error) {
    return fail(error, 1);
  }
}
