#include "net/read_pace.hpp"

#include <utility>

namespace headroom::net {

bool ReadPace::note(std::size_t bytes, SteadyTime now) {
    bytes_ += bytes;
    const auto passed = now - from_;
    if (passed < look_every) {
        return false;
    }
    const double passed_ms = std::chrono::duration<double, std::milli>(passed).count();
    const bool was_flood = is_flood_;
    is_flood_ = static_cast<double>(bytes_) >= static_cast<double>(flood_bytes_per_ms) * passed_ms;
    from_ = now;
    bytes_ = 0;
    return is_flood_ != was_flood;
}

}  // namespace headroom::net
