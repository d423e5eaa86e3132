#include "beckn_round_trip.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    headroom::fuzz::check_round_trip({reinterpret_cast<const char*>(data), size},
                                     headroom::beckn::WireVersion::v09);
    return 0;
}
