// The chat's page in a real browser: several people at one room, each in a tab, each typing as people do.
//
//     browser_test CHROMIUM CHAT_SERVER FOLDER [--screenshot FILE] [PART OF A NAME]...
//
// Pictures of the page go to FOLDER, and the light one to FILE, too. A wait that is in vain ends after five minutes; else
// nothing here depends on time.
#include <algorithm>
#include <cstdio>

#include "browser/stage.h"
#include "common/arguments.h"

namespace {

bool passes(const Test& test) {
  const int failures_before = stage.failures;
  try {
    test.run();
  } catch (const std::exception& error) {
    check(false, error.what());
  }
  for (const std::string& complaint : stage.browser->take_complaints()) check(false, "no complaint: " + complaint);
  return stage.failures == failures_before;
}

int run(int argc, char** argv) {
  Arguments arguments("browser_test CHROMIUM CHAT_SERVER FOLDER [PART OF A NAME]...");
  arguments.option("screenshot", "FILE", "where a picture of the light page goes, too",
                   [](const std::string& file) { stage.screenshot = file; });
  const std::vector<std::string> rest = arguments.parse(argc, argv);
  if (rest.size() < 3) throw BadArgument("three arguments are needed");
  if (rest[0].empty()) skip_without("Chromium");
  stage.chat_server = rest[1];
  stage.folder = rest[2];
  stage.browser = std::make_unique<Browser>(rest[0], stage.folder + "/profile");
  std::vector<Test> all;
  for (const std::vector<Test>* some : {&kTalkTests, &kWritingTests, &kConnectionTests, &kPresenceTests, &kLookTests}) {
    all.insert(all.end(), some->begin(), some->end());
  }
  int failed = 0;
  for (const Test& test : all) {
    const auto names_it = [&](const std::string& part) {
      return std::string(test.name).find(part) != std::string::npos;
    };
    if (rest.size() > 3 && std::none_of(rest.begin() + 3, rest.end(), names_it)) continue;
    const bool passed = passes(test);
    std::printf("%s  %s\n", passed ? "passed" : "FAILED", test.name);
    std::fflush(stdout);
    failed += passed ? 0 : 1;
  }
  stage.browser.reset();
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  int status = 0;
  const int error = run_program("browser_test", [&] { status = run(argc, argv); });
  return error != 0 ? error : status;
}
