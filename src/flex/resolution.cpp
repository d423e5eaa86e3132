#include "flex/resolution.hpp"

namespace headroom::flex {

std::int64_t coarsest_unit(std::int64_t common, std::int64_t most, std::int64_t steps) {
    if (common <= 1) {
        return 1;
    }
    // The digit divides what is left without the tens, so that it is the same of ten times as much.
    std::int64_t rest = common;
    while (rest % 10 == 0) {
        rest /= 10;
    }
    for (std::int64_t tens = 1; common % tens == 0; tens *= 10) {
        for (std::int64_t digit = 1; digit < 10; ++digit) {
            const bool divides = rest % digit == 0 && common / tens % digit == 0;
            if (divides && most / (common / tens / digit) >= steps) {
                return common / tens / digit;
            }
        }
    }
    return 1;
}

}  // namespace headroom::flex
