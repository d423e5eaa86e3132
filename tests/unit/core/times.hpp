#pragma once

#include "core/time.hpp"

#include <gtest/gtest.h>

namespace headroom {

/// The instant at which the clocks of these tests begin.
inline const UtcTime noon{std::chrono::sys_days{std::chrono::year{2026} / 1 / 15} + hours{12}};

/// The day that is written `text`.
inline Date day(std::string_view text) {
    const Result<Date> date = parse_date(text);
    EXPECT_TRUE(date.has_value()) << text;
    return date.value_or(Date{});
}

}  // namespace headroom
