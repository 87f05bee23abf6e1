#include "person.h"

Person::Person(Browser& browser, const std::string& url, const std::string& name) : tab_(browser) {
  tab_.go_to(url);
  if (name.empty()) return;
  enter(name);
  wait_until_inside();
}

void Person::enter(const std::string& name) {
  tab_.bring_to_front();
  tab_.wait_until("document.activeElement.id === 'name'");
  tab_.evaluate("document.getElementById('name').select()");  // what an earlier try has left
  tab_.type(name);
  tab_.press("Enter");
}

void Person::wait_until_inside() {
  tab_.wait_until("document.getElementById('state').dataset.state === 'open'");
  tab_.wait_until("document.activeElement.id === 'text'");
}

void Person::write(const std::string& text) {
  tab_.bring_to_front();
  tab_.wait_until("document.activeElement.id === 'text'");
  tab_.type(text);
}

void Person::say(const std::string& text) {
  write(text);
  tab_.press("Enter");  // the answer to this comes when the page has handled it
}

namespace {

std::string matching(const std::string& text, const std::string& kind) {
  return "[...document.querySelectorAll(" + literal("#log " + kind) +
         ")].filter(found => found.textContent === " + literal(text) + ")";
}

}  // namespace

void Person::wait_for(const std::string& text, const std::string& kind) {
  tab_.wait_until(matching(text, kind) + ".length > 0");
}

std::size_t Person::count(const std::string& text, const std::string& kind) {
  return static_cast<std::size_t>(tab_.evaluate(matching(text, kind) + ".length").number());
}

std::size_t Person::count_all(const std::string& selector) {
  return static_cast<std::size_t>(
      tab_.evaluate("document.querySelectorAll(" + literal(selector) + ").length").number());
}

void Person::watch_typing() {
  tab_.evaluate(R"(
    window.seen_typing = [];
    new MutationObserver(() => seen_typing.push($('typing').textContent)).observe($('typing'), {childList: true});
  )");
}

void Person::wait_for_typing(const std::string& text) {
  tab_.wait_until("seen_typing.includes(" + literal(text) + ")");
}

std::string Person::text_of(const std::string& selector) {
  return tab_.evaluate("document.querySelector(" + literal(selector) + ").textContent").text();
}

std::string Person::messages(const std::string& kind) {
  const std::string all = "[...document.querySelectorAll(" + literal(kind + " .text") + ")]";
  return to_string(tab_.evaluate(all + ".map(e => e.textContent)"));
}

std::string Person::members() {
  return to_string(tab_.evaluate("[...document.querySelectorAll('#members li')].map(e => e.dataset.name)"));
}
