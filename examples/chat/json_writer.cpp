// Writing JSON: the tree, walked once. As deep as it is nested: a tree that was read has its limit (kMaxJsonDepth), and
// those that we make are flat.
#include <cstdio>
#include <cstdlib>

#include "json.h"

// One overload for each type that a value may have.
class JsonWriter {
 public:
  static void write(std::string& out, const Json& value) {
    std::visit([&](const auto& held) { write(out, held); }, value.value_);
  }

 private:
  static void write(std::string& out, std::monostate) { out += "null"; }
  static void write(std::string& out, bool value) { out += value ? "true" : "false"; }

  static void write(std::string& out, double value) {
    char text[32];  // enough: a sign, 17 digits, a point, e-308
    // 15 digits are enough for what a person would write, 17 tell any double from any other.
    for (int digits = 15; digits <= 17; ++digits) {
      std::snprintf(text, sizeof text, "%.*g", digits, value);
      if (std::strtod(text, nullptr) == value) break;
    }
    out += text;
  }

  // Everything may stand for itself but these (section 7).
  static void write(std::string& out, const std::string& value) {
    out += '"';
    for (const char c : value) {
      if (c == '"' || c == '\\') {
        out += {'\\', c};
      } else if (c == '\n') {
        out += "\\n";
      } else if (static_cast<unsigned char>(c) < 0x20) {
        char escape[8];  // \u001f and the NUL
        std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(c));
        out += escape;
      } else {
        out += c;
      }
    }
    out += '"';
  }

  // The first element has the bracket before it, each other one a comma. Without any, both brackets come at the end.
  static void write(std::string& out, const JsonArray& value) {
    for (const Json& element : value) {
      out += &element == value.data() ? '[' : ',';
      write(out, element);
    }
    out += value.empty() ? "[]" : "]";
  }

  static void write(std::string& out, const JsonObject& value) {
    for (const auto& member : value) {
      out += &member == value.data() ? '{' : ',';
      write(out, member.first);
      out += ':';
      write(out, member.second);
    }
    out += value.empty() ? "{}" : "}";
  }
};

std::string to_string(const Json& value) {
  std::string out;
  JsonWriter::write(out, value);
  return out;
}
