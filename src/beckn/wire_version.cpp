#include "beckn/wire_version.hpp"

#include "core/result.hpp"

namespace headroom::beckn {

std::string_view to_string(WireVersion version) {
    switch (version) {
        case WireVersion::v09:
            return "0.9";
        case WireVersion::v11:
            return "1.1";
        case WireVersion::v2_rc1:
            return "2.0-rc1";
        case WireVersion::v2_lts:
            return "2.0";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::optional<WireVersion> parse_wire_version(std::string_view text) {
    for (const WireVersion version :
         {WireVersion::v09, WireVersion::v11, WireVersion::v2_rc1, WireVersion::v2_lts}) {
        if (text == to_string(version)) {
            return version;
        }
    }
    if (text.starts_with("0.9.")) {
        return WireVersion::v09;
    }
    if (text.starts_with("1.1.")) {
        return WireVersion::v11;
    }
    return std::nullopt;
}

}  // namespace headroom::beckn
