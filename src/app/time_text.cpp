#include "app/time_text.hpp"

#include "core/time.hpp"

#include <chrono>

namespace headroom::app {

std::string time_text(std::int64_t unix_s) {
    std::string text = format_utc(UtcTime{std::chrono::seconds{unix_s}});
    return text.substr(0, text.find('.')) + "Z";
}

}  // namespace headroom::app
