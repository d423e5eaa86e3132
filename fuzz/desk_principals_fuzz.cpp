// Reads any bytes as keys/identity.json and as keys/sessions.json. Holds: what is read can be written and is
// read again without change, differs from itself in nothing, and every fault is `corrupt` or `unsupported`.

#include "desk/identity/principals.hpp"
#include "desk/identity/sessions.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace headroom;
using namespace headroom::desk::identity;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Result<Principals> principals = parse_principals(text);
    if (principals) {
        const Result<Principals> again = parse_principals(write_principals(*principals));
        HEADROOM_ASSERT(again && *again == *principals);
        const Standings standings = standings_of(*principals);
        HEADROOM_ASSERT(standings.size() == principals->users.size() + principals->keys.size());
        HEADROOM_ASSERT(differences(standings, standings).empty());
        HEADROOM_ASSERT(in_force(*principals, standings) == *principals);
        HEADROOM_ASSERT(in_force(*principals, {}).empty());
    } else {
        const Error& error = principals.error();
        HEADROOM_ASSERT(error.code == Errc::corrupt || error.code == Errc::unsupported);
    }
    const Result<json::Value> value = json::parse(text, {.bytes = 65536, .depth = 4});
    if (value) {
        Sessions sessions;
        const UtcTime now = *parse_utc("2026-11-28T12:00:00Z");
        if (sessions.restore(*value, now)) {
            Sessions again;
            HEADROOM_ASSERT(again.restore(json::Value(sessions.to_json()), now));
            HEADROOM_ASSERT(again.size() == sessions.size());
        }
    }
    return 0;
}
