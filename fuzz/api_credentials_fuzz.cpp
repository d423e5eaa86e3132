// Reads any bytes as Cookie, Authorization, Sec-WebSocket-Protocol, Host and Origin. Holds: what is found
// stood in the input, a token has only a token's characters, a host is part of its authority, and no origin
// is ours by two hosts.

#include "api/credentials.hpp"
#include "desk/identity/secret.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace headroom;

namespace {

void check_token(const std::optional<std::string>& token, std::string_view text) {
    if (token) {
        HEADROOM_ASSERT(!token->empty() && token->size() <= 256);
        HEADROOM_ASSERT(text.find(*token) != std::string_view::npos);
        HEADROOM_ASSERT(token->find_first_of(" ,;\r\n\t\"") == std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const std::optional<std::string> value = api::cookie_in(text, "headroom_session")) {
        HEADROOM_ASSERT(text.find(*value) != std::string_view::npos);
        HEADROOM_ASSERT(value->find(';') == std::string::npos);
    }
    check_token(api::bearer_in(text), text);
    check_token(api::bearer_in_protocols(net::Headers{{"Sec-WebSocket-Protocol", std::string(text)}}), text);
    const std::string_view host = api::host_in(text);
    HEADROOM_ASSERT(text.starts_with(host));
    if (!host.empty()) {
        HEADROOM_ASSERT(host.find_first_of("/@ ?#") == std::string_view::npos);
    }
    const bool is_ours = api::is_same_origin(text, "127.0.0.1:8000");
    HEADROOM_ASSERT(!is_ours || !api::is_same_origin(text, "127.0.0.2:8000"));
    HEADROOM_ASSERT(!is_ours || text.size() <= std::string_view("https://127.0.0.1:8000").size());
    if (const auto key = desk::identity::parse_bearer_key(text)) {
        HEADROOM_ASSERT(key->text() == text);
    }
    return 0;
}
