// Reads any bytes as a time. Holds: what was read is written in the one form and read again without change;
// it lies in exactly one settlement period, which begins at or before it and ends after it.

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace headroom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Result<UtcTime> assumed = parse_utc_assumed(text);
    const Result<UtcTime> time = parse_utc(text);
    if (time) {
        HEADROOM_ASSERT(assumed && *assumed == *time);
    }
    if (assumed) {
        HEADROOM_ASSERT(parse_utc(format_utc(*assumed)).value_or(UtcTime{}) == *assumed);
        const SettlementPeriod period = settlement_period(*assumed);
        const Result<UtcTime> start = start_of(period);
        HEADROOM_ASSERT(start && *start <= *assumed && *assumed < *start + period_length);
        const int minute = local_minute_of_day(*assumed);
        HEADROOM_ASSERT(minute >= 0 && minute < 1440 && local_weekday(*assumed) < 7);
    }
    const Result<Date> date = parse_date(text);
    if (date) {
        HEADROOM_ASSERT(date->ok() && format_date(*date) == text);
    }
    return 0;
}
