#include "core/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace headroom {

std::string_view to_string(Errc code) {
    switch (code) {
        case Errc::invalid:
            return "invalid";
        case Errc::not_found:
            return "not_found";
        case Errc::conflict:
            return "conflict";
        case Errc::denied:
            return "denied";
        case Errc::unavailable:
            return "unavailable";
        case Errc::timeout:
            return "timeout";
        case Errc::corrupt:
            return "corrupt";
        case Errc::unsupported:
            return "unsupported";
    }
    HEADROOM_ASSERT(false && "an Errc outside its enumeration");
    return "invalid";
}

void assertion_failed(const char* expression, const char* file, int line) {
    // The log may be what broke, so this goes straight to stderr.
    std::fprintf(stderr, "headroom: assertion failed: %s (%s:%d)\n", expression, file, line);
    std::fflush(stderr);
    std::abort();
}

}  // namespace headroom
