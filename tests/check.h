// The test framework: TEST, CHECK, CHECK_EQ, CHECK_THROWS, and a main().
//
//     TEST("5.2-16 a 7-bit length is the payload length itself") { CHECK_EQ(1 + 1, 2); }
//
// A test file is a program:    frame_test [--list] [--stop] [PART OF A NAME]...
//
//     --list    print the tests' names
//     --stop    raise SIGTRAP before each test that runs: under gdb, `finish` until check::run, then `step`, leads to its
//               first line
//
// In a debugger, `break check_failed` stops at every failed check. A test that checks nothing fails.
#pragma once

#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace check {

struct Test {
  std::string name;
  void (*run)();
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}
inline int checks = 0;
inline int failures = 0;           // of the test that runs
inline constexpr int kShown = 10;  // of those; a loop over thousands of inputs tends to have one fault

struct Registration {
  Registration(const char* name, void (*run)()) { tests().push_back({name, run}); }
};

// A value as a line of a failure report shows it.
template <class T>
std::string show(const T& value) {
  if constexpr (requires { std::string_view(value); }) {
    return '"' + std::string(std::string_view(value)) + '"';
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (requires { std::to_string(value); }) {
    return std::to_string(value);
  } else if constexpr (requires { to_string(value); }) {
    return to_string(value);
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(value));
  } else if constexpr (requires { value.has_value(); }) {
    return value ? show(*value) : "nothing";
  } else if constexpr (requires { value.begin(); }) {
    std::string text = "{";
    for (const auto& element : value) text += (text.size() > 1 ? ", " : "") + show(element);
    return text + "}";
  } else {
    return "(a value)";
  }
}

}  // namespace check

// Set a breakpoint here.
inline void check_failed(const char* file, int line, const std::string& what) {
  if (++check::failures > check::kShown) return;
  std::printf("%s:%d: %s\n", file, line, what.c_str());
}

namespace check {

inline void is_true(const char* file, int line, const char* expression, bool value) {
  ++checks;
  if (!value) check_failed(file, line, std::string("not true: ") + expression);
}

template <class Got, class Wanted>
void equal(const char* file, int line, const char* expression, const Got& got, const Wanted& wanted) {
  ++checks;
  if (got == wanted) return;
  check_failed(file, line, std::string(expression) + "\n    wanted " + show(wanted) + "\n    got    " + show(got));
}

inline void run(const Test& test, bool stop) {
  const int checks_before = checks;
  try {
#ifdef SIGTRAP  // Windows has none
    if (stop) std::raise(SIGTRAP);
#endif
    test.run();
  } catch (const std::exception& error) {
    check_failed(test.name.c_str(), 0, std::string("an exception left the test: ") + error.what());
  }
  if (checks == checks_before) check_failed(test.name.c_str(), 0, "the test checked nothing");
}

}  // namespace check

#define CHECK_JOIN_2(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_2(a, b)
#define TEST(name)                                                                                                 \
  static void CHECK_JOIN(test_at_line_, __LINE__)();                                                               \
  static const check::Registration CHECK_JOIN(registered_at_line_, __LINE__)(name,                                 \
                                                                             CHECK_JOIN(test_at_line_, __LINE__)); \
  static void CHECK_JOIN(test_at_line_, __LINE__)()
#define CHECK(condition) check::is_true(__FILE__, __LINE__, #condition, static_cast<bool>(condition))
#define CHECK_EQ(got, wanted) check::equal(__FILE__, __LINE__, #got, got, wanted)
#define CHECK_THROWS(expression, Exception)                                       \
  try {                                                                           \
    static_cast<void>(expression);                                                \
    check::is_true(__FILE__, __LINE__, #expression " throws " #Exception, false); \
  } catch (const Exception&) {                                                    \
    check::is_true(__FILE__, __LINE__, #expression " throws " #Exception, true);  \
  }

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  bool list = false;
  bool stop = false;
  std::vector<std::string_view> filters;
  for (const std::string_view argument : arguments) {
    if (argument == "--list")
      list = true;
    else if (argument == "--stop")
      stop = true;
    else if (argument.starts_with("-"))
      return std::puts("[--list] [--stop] [PART OF A NAME]...      runs those tests"),
             argument == "-h" || argument == "--help" ? 0 : 2;
    else
      filters.push_back(argument);
  }
  int ran = 0;
  int failed = 0;
  for (const check::Test& test : check::tests()) {
    bool selected = filters.empty();
    for (const std::string_view filter : filters) selected |= test.name.find(filter) != std::string::npos;
    if (!selected) continue;
    ++ran;
    if (list) {
      std::printf("%s\n", test.name.c_str());
      continue;
    }
    check::failures = 0;
    check::run(test, stop);
    if (check::failures == 0) continue;
    ++failed;
    if (check::failures > check::kShown) std::printf("and %d more\n", check::failures - check::kShown);
    std::printf("FAILED  %s\n", test.name.c_str());
  }
  if (list) return 0;
  std::printf("%d tests, %d checks, %d failed\n", ran, check::checks, failed);
  return failed == 0 && ran > 0 ? 0 : 1;
}
