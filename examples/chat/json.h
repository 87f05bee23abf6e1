// JSON: RFC 8259, read strictly and written compactly. A value is a tree; there is nothing else to it.
//
//     const Json message = parse_json(R"({"type":"say","text":"Hello"})");
//     message["text"].text()                                        "Hello"
//     to_string(Json(JsonObject{{"type", "error"}, {"seq", 7}}))    {"type":"error","seq":7}
#pragma once

#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What was read is no JSON, or not the JSON that was asked for. what() is one sentence, free of the input's
// own bytes.
class JsonError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Json;
using JsonArray = std::vector<Json>;
using JsonObject = std::vector<std::pair<std::string, Json>>;  // in the order in which it was written

class Json {
 public:
  Json() = default;  // null
  Json(std::same_as<bool> auto value) : value_(value) {}
  Json(double value) : value_(value) {}
  Json(std::integral auto value) requires(!std::same_as<decltype(value), bool>)
      : value_(static_cast<double>(value)) {}  // exact up to 2^53, as in a browser
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(JsonArray value) : value_(std::move(value)) {}
  Json(JsonObject value) : value_(std::move(value)) {}

  // Each throws JsonError if the value is of another type.
  bool boolean() const { return get<bool>("boolean"); }
  double number() const { return get<double>("number"); }
  const std::string& text() const { return get<std::string>("string"); }
  const JsonArray& array() const { return get<JsonArray>("array"); }
  const JsonObject& object() const { return get<JsonObject>("object"); }
  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }

  // The object's member of that name, null if it has none. Of several with the same name, the last: what a
  // browser takes, too.
  const Json& operator[](std::string_view name) const;

  bool operator==(const Json& other) const { return value_ == other.value_; }

 private:
  friend class JsonWriter;

  template <class T>
  const T& get(const char* wanted) const {
    const T* value = std::get_if<T>(&value_);
    if (value == nullptr) throw JsonError(std::string("there is no ") + wanted + " where one belongs");
    return *value;
  }

  std::variant<std::monostate, bool, double, std::string, JsonArray, JsonObject> value_;
};

// Throws JsonError unless `text` is exactly one JSON value, in UTF-8, with white space around it or not.
// Arrays and objects may be nested kMaxJsonDepth deep.
Json parse_json(std::string_view text);
inline constexpr int kMaxJsonDepth = 32;

// The value as JSON, without white space.
// REQUIRES: all strings are UTF-8, all numbers finite.
std::string to_string(const Json& value);
