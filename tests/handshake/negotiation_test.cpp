// Chapter 21: which extensions are used. RFC 6455 section 9.1, with extensions that do nothing.
#include "handshake/negotiation.h"

#include "check.h"
#include "handshake/handshake.h"

using namespace websock;

namespace {

// Accepts any offer without parameters, and any answer; uses this bit.
SupportedExtension plain(const std::string& name, std::uint8_t rsv) {
  SupportedExtension extension;
  extension.name = name;
  extension.accept = [name, rsv](const Extension& offer) -> std::optional<AcceptedExtension> {
    if (!offer.parameters.empty()) return std::nullopt;
    AgreedExtension agreed;
    agreed.rsv = rsv;
    return AcceptedExtension{{name, {}}, agreed};
  };
  extension.offers = {{name, {}}};
  extension.check_answer = [rsv](const Extension& answer) -> std::optional<AgreedExtension> {
    if (!answer.parameters.empty()) return std::nullopt;
    AgreedExtension agreed;
    agreed.rsv = rsv;
    return agreed;
  };
  return extension;
}

const std::vector<SupportedExtension> kAll = {plain("a", 0b0100'0000), plain("b", 0b0010'0000),
                                              plain("c", 0b0100'0000)};

std::vector<Extension> list(const std::string& text) { return parse_extensions({{"Sec-WebSocket-Extensions", text}}); }

// What a server answers to this list, as its header says it.
std::string chosen(const std::string& offers) {
  std::string answer;
  for (const AcceptedExtension& extension : choose_extensions(list(offers), kAll)) {
    answer += (answer.empty() ? "" : ", ") + to_string(extension.answer);
  }
  return answer;
}

}  // namespace

TEST("9.1-11 the client's order is its preference; what nobody knows is not answered") {
  CHECK_EQ(chosen("a"), "a");
  CHECK_EQ(chosen("b, a"), "b, a");
  CHECK_EQ(chosen("x, b"), "b");
  CHECK_EQ(chosen("x"), "");
}

TEST("7692-5-02 a bad first offer does not hide a good second one") { CHECK_EQ(chosen("a; q=1, a"), "a"); }

TEST("own-negotiation-01 an extension is agreed to once") { CHECK_EQ(chosen("a, a"), "a"); }

TEST("7692-5-10 of two extensions that want the same bit, the first offered gets it") {
  CHECK_EQ(chosen("a, c"), "a");
  CHECK_EQ(chosen("c, b, a"), "c, b");
}

TEST("7692-5-11 an answer with two extensions for one bit, or one twice, is not acceptable") {
  CHECK(check_extensions(list("a, b"), kAll).has_value());
  CHECK(!check_extensions(list("a, c"), kAll));
  CHECK(!check_extensions(list("a, a"), kAll));
  CHECK(!check_extensions(list("a; q=1"), kAll));
}

TEST("7692-5-16 an answer that names what was not offered is not acceptable") {
  CHECK(!check_extensions(list("x"), kAll));
  CHECK(!check_extensions(list("a, x"), kAll));
  CHECK(!check_extensions(list("a"), {}));
  CHECK(check_extensions({}, {}).has_value());
}

TEST("own-negotiation-02 the request lists the offers, and the response what was chosen") {
  const ClientOffer offer{.extensions = kAll};
  const Request request = make_request("h", "/", make_key({}), offer);
  CHECK_EQ(*find_field(request.fields, "Sec-WebSocket-Extensions"), "a, b, c");
  const ClientHandshake client = check_request(request);
  const std::vector<AcceptedExtension> chosen = choose_extensions(client.extensions, kAll);
  const Response response = make_response(client, std::nullopt, chosen);
  CHECK_EQ(*find_field(response.fields, "Sec-WebSocket-Extensions"), "a, b");
  CHECK_EQ(check_response(response, client.key, offer).extensions.size(), 2u);
  CHECK_THROWS(check_response(response, client.key, {}), HandshakeError);
}

TEST("own-negotiation-03 an extension is printed as it is parsed") {
  const std::vector<Extension> extensions =
      list("permessage-deflate; client_max_window_bits; server_max_window_bits=\"10\"");
  CHECK_EQ(to_string(extensions[0]), "permessage-deflate; client_max_window_bits; server_max_window_bits=10");
}
