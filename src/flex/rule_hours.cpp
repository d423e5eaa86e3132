#include "flex/rule_hours.hpp"

namespace headroom::flex {

std::optional<int> minute_of_day(std::string_view text) {
    const auto digit = [text](std::size_t at) {
        return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -100;
    };
    if (text.size() != 5 || text[2] != ':') {
        return std::nullopt;
    }
    const int hours_part = digit(0) * 10 + digit(1);
    const int minutes_part = digit(3) * 10 + digit(4);
    const int at = hours_part * 60 + minutes_part;
    const bool is_sound = hours_part >= 0 && minutes_part >= 0 && digit(1) >= 0 && digit(4) >= 0 &&
                          minutes_part < 60 && at <= day_minutes;
    return is_sound ? std::optional(at) : std::nullopt;
}

bool lies_between(int minute, int from, int until) {
    return from <= until ? from <= minute && minute < until : minute >= from || minute < until;
}

UtcTime start_of_span(std::string_view span, UtcTime at) {
    const Date day = settlement_period(at).date;
    if (span == "day") {
        return start_of_settlement_day(day);
    }
    if (span == "week") {
        const unsigned since_monday = (local_weekday(at) + 6U) % 7U;
        return start_of_settlement_day(Date{std::chrono::sys_days{day} - std::chrono::days{since_monday}});
    }
    if (span == "month") {
        return start_of_settlement_day(Date{day.year(), day.month(), std::chrono::day{1}});
    }
    if (span == "year") {
        return start_of_settlement_day(Date{day.year(), std::chrono::January, std::chrono::day{1}});
    }
    return UtcTime{};
}

}  // namespace headroom::flex
