// Who decides what. A client lists offers, and likes the first best. The server walks along them and says to each
// yes, with the parameters that hold from now on, or nothing at all. "No" is not said: an extension that the response
// does not name is not used, and the connection opens all the same. The client has the last word. What it did not
// offer, or cannot do, fails the handshake, since the server already speaks that way.
//
//     client   -- a; x=1, a, b -->   server     a; x=1 ?  no     a ?  yes     b ?  yes
//              <-- a, b -----------
//
// A reserved bit can mean one thing only. That is why a second extension that wants the same is declined.
#include "handshake/negotiation.h"

#include <algorithm>

namespace websock {
namespace {

// The one that has this name, or null.
const SupportedExtension* find_extension(const std::vector<SupportedExtension>& supported, const std::string& name) {
  const auto found =
      std::find_if(supported.begin(), supported.end(), [&](const auto& each) { return each.name == name; });
  return found == supported.end() ? nullptr : &*found;
}

}  // namespace

// An offer is declined by saying nothing, so nothing here is an error.
std::vector<AcceptedExtension> choose_extensions(const std::vector<Extension>& offered,
                                                 const std::vector<SupportedExtension>& supported) {
  std::vector<AcceptedExtension> chosen;
  std::uint8_t used = 0;  // reserved bits
  for (const Extension& offer : offered) {
    const auto is_offered = [&](const AcceptedExtension& each) { return each.answer.name == offer.name; };
    const SupportedExtension* known = find_extension(supported, offer.name);
    // A client may list one extension several times, with other parameters. The first that we can do is it.
    if (known == nullptr || std::any_of(chosen.begin(), chosen.end(), is_offered)) continue;
    std::optional<AcceptedExtension> accepted = known->accept(offer);
    // Two extensions with one bit could not be told apart, so the later one is declined. The connection works without
    // it.
    if (!accepted || (accepted->agreed.rsv & used) != 0) continue;
    used |= accepted->agreed.rsv;
    chosen.push_back(std::move(*accepted));
  }
  return chosen;
}

// What does not fit is an error here, and ends the handshake: the server has decided, and speaks that way from its
// first frame on.
std::optional<std::vector<AgreedExtension>> check_extensions(const std::vector<Extension>& answers,
                                                             const std::vector<SupportedExtension>& supported) {
  std::vector<AgreedExtension> agreed;
  std::vector<std::string> names;
  std::uint8_t used = 0;  // reserved bits
  for (const Extension& answer : answers) {
    const SupportedExtension* known = find_extension(supported, answer.name);
    // Not offered, or named twice: there is no way to speak like that.
    if (known == nullptr || std::find(names.begin(), names.end(), answer.name) != names.end()) return std::nullopt;
    std::optional<AgreedExtension> checked = known->check_answer(answer);
    // Two that we have offered may want the same bit. A server may take either of them, but not both.
    if (!checked || (checked->rsv & used) != 0) return std::nullopt;
    used |= checked->rsv;
    names.push_back(answer.name);
    agreed.push_back(std::move(*checked));
  }
  return agreed;
}

// The grammar of 9.1, written: what parse_extensions() reads.
std::string to_string(const Extension& extension) {
  std::string text = extension.name;
  for (const ExtensionParameter& parameter : extension.parameters) {
    text += "; " + parameter.name;
    if (parameter.value) text += '=' + *parameter.value;  // a token, so it needs no quotation marks
  }
  return text;
}

}  // namespace websock
