#include "core/time.hpp"

#include "core/london_clock.hpp"

#include <array>
#include <optional>

namespace headroom {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::sys_days;

constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::int64_t seconds_per_period = 1'800;

std::int64_t floor_to_seconds(UtcTime instant) {
    return std::chrono::floor<seconds>(instant).time_since_epoch().count();
}

std::int64_t local_seconds(UtcTime instant) {
    const std::int64_t unix_s = floor_to_seconds(instant);
    return unix_s + london_span(unix_s).offset_s;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

/// Unix seconds of the local midnight that begins a day, counted in days since 1970-01-01.
std::int64_t midnight(std::int64_t day) {
    const std::int64_t local = day * seconds_per_day;
    // The London clock is never turned at midnight, so one of the two offsets around it is right.
    const std::int64_t guess = local - london_span(local).offset_s;
    return local - london_span(guess).offset_s;
}

void append_padded(std::string& text, std::int64_t number, int width) {
    std::array<char, 20> digits{};
    for (int i = width - 1; i >= 0; --i) {
        digits[static_cast<std::size_t>(i)] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
    text.append(digits.data(), static_cast<std::size_t>(width));
}

/// Reads a time from front to back; every step says whether it found what it wanted.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool number(std::size_t width, int& value) {
        if (rest_.size() < width) {
            return false;
        }
        value = 0;
        for (const char c : rest_.substr(0, width)) {
            if (c < '0' || c > '9') {
                return false;
            }
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(width);
        return true;
    }
    bool one_of(std::string_view characters) {
        if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool next_is(std::string_view characters) const {
        return !rest_.empty() && characters.find(rest_.front()) != std::string_view::npos;
    }
    /// 1 to 9 decimals, cut to thousandths.
    bool decimals(int& thousandths) {
        thousandths = 0;
        int count = 0;
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++count) {
            if (count < 3) {
                thousandths = thousandths * 10 + (rest_.front() - '0');
            }
            rest_.remove_prefix(1);
        }
        for (int i = count; i < 3; ++i) {
            thousandths *= 10;
        }
        return count >= 1 && count <= 9;
    }
    [[nodiscard]] bool empty() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

/// The text in quotes, cut so that a hostile one does not fill the log.
std::string quoted(std::string_view text) {
    std::string shown = "\"";
    for (const char c : text.substr(0, 48)) {
        shown += (c >= ' ' && c <= '~' && c != '"') ? c : '?';
    }
    return shown + (text.size() > 48 ? "…\"" : "\"");
}

Error bad_time(std::string_view text, std::string_view why) {
    return Error{Errc::invalid, quoted(text) + " is no RFC 3339 time: " + std::string(why), ""};
}

bool read_date(Reader& reader, Date& date) {
    int year = 0;
    int month = 0;
    int day = 0;
    if (!reader.number(4, year) || !reader.one_of("-") || !reader.number(2, month) || !reader.one_of("-") ||
        !reader.number(2, day)) {
        return false;
    }
    date = Date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                std::chrono::day{static_cast<unsigned>(day)}};
    return true;
}

bool is_known_year(Date date) {
    return date.year() >= std::chrono::year{1970} && date.year() <= std::chrono::year{2200};
}

enum class ZoneRule { required, utc_assumed };

Result<UtcTime> parse(std::string_view text, ZoneRule zone) {
    Reader reader(text);
    Date date{};
    int hour = 0;
    int minute = 0;
    if (!read_date(reader, date) || !reader.one_of("Tt ") || !reader.number(2, hour) || !reader.one_of(":") ||
        !reader.number(2, minute)) {
        return bad_time(text, "expected YYYY-MM-DDThh:mm:ss");
    }
    int second = 0;
    int thousandths = 0;
    if (reader.one_of(":")) {
        if (!reader.number(2, second)) {
            return bad_time(text, "expected two digits of seconds");
        }
        if (reader.one_of(".") && !reader.decimals(thousandths)) {
            return bad_time(text, "expected 1 to 9 decimals");
        }
    } else if (zone == ZoneRule::required) {
        return bad_time(text, "it has no seconds");
    }
    if (!date.ok()) {
        return bad_time(text, "there is no such day");
    }
    if (second == 60) {
        return bad_time(text, "leap seconds are not taken");
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return bad_time(text, "there is no such time of day");
    }

    minutes offset{0};
    if (reader.next_is("+-")) {
        const bool east = reader.one_of("+");
        int offset_hours = 0;
        int offset_minutes = 0;
        if ((!east && !reader.one_of("-")) || !reader.number(2, offset_hours) || !reader.one_of(":") ||
            !reader.number(2, offset_minutes) || offset_hours > 23 || offset_minutes > 59) {
            return bad_time(text, "expected an offset such as +01:00");
        }
        offset = (hours{offset_hours} + minutes{offset_minutes}) * (east ? 1 : -1);
    } else if (!reader.one_of("Zz") && (zone == ZoneRule::required || !reader.empty())) {
        return bad_time(text, "it has no zone; end it in Z or an offset");
    }
    if (!reader.empty()) {
        return bad_time(text, "characters follow the zone");
    }

    const UtcTime instant = UtcTime{sys_days{date}} + hours{hour} + minutes{minute} + seconds{second} +
                            milliseconds{thousandths} - offset;
    if (!is_known_year(date) || !is_known_year(Date{std::chrono::floor<days>(instant)})) {
        return bad_time(text, "the year is not within 1970 to 2200");
    }
    return instant;
}

}  // namespace

std::string format_date(Date date) {
    std::string text;
    text.reserve(10);
    append_padded(text, static_cast<int>(date.year()), 4);
    text += '-';
    append_padded(text, static_cast<unsigned>(date.month()), 2);
    text += '-';
    append_padded(text, static_cast<unsigned>(date.day()), 2);
    return text;
}

std::string format_utc(UtcTime time) {
    const auto day = std::chrono::floor<days>(time);
    const std::int64_t ms = (time - day).count();
    std::string text = format_date(Date{day});
    text.reserve(24);
    text += 'T';
    append_padded(text, ms / 3'600'000, 2);
    text += ':';
    append_padded(text, ms / 60'000 % 60, 2);
    text += ':';
    append_padded(text, ms / 1'000 % 60, 2);
    text += '.';
    append_padded(text, ms % 1'000, 3);
    text += 'Z';
    return text;
}

Result<UtcTime> parse_utc(std::string_view text) {
    return parse(text, ZoneRule::required);
}

Result<UtcTime> parse_utc_assumed(std::string_view text) {
    return parse(text, ZoneRule::utc_assumed);
}

Result<Date> parse_date(std::string_view text) {
    Reader reader(text);
    Date date{};
    if (!read_date(reader, date) || !reader.empty()) {
        return Error{Errc::invalid, quoted(text) + " is no date: expected YYYY-MM-DD", ""};
    }
    if (!date.ok()) {
        return Error{Errc::invalid, quoted(text) + " is no date: there is no such day", ""};
    }
    return date;
}

SettlementPeriod settlement_period(UtcTime instant) {
    const std::int64_t day = floor_divide(local_seconds(instant), seconds_per_day);
    const std::int64_t elapsed = floor_to_seconds(instant) - midnight(day);
    return {Date{sys_days{days{day}}}, static_cast<int>(elapsed / seconds_per_period) + 1};
}

Result<UtcTime> start_of(const SettlementPeriod& period) {
    if (!period.date.ok()) {
        return Error{Errc::invalid, "settlement period of an impossible date", ""};
    }
    if (period.number < 1 || period.number > periods_in_day(period.date)) {
        return Error{Errc::invalid,
                     "settlement day " + format_date(period.date) + " has " +
                         std::to_string(periods_in_day(period.date)) + " periods, none is number " +
                         std::to_string(period.number),
                     ""};
    }
    return start_of_settlement_day(period.date) + period_length * (period.number - 1);
}

int periods_in_day(Date settlement_date) {
    HEADROOM_ASSERT(settlement_date.ok());
    const std::int64_t day = sys_days{settlement_date}.time_since_epoch().count();
    return static_cast<int>((midnight(day + 1) - midnight(day)) / seconds_per_period);
}

UtcTime start_of_settlement_day(Date settlement_date) {
    HEADROOM_ASSERT(settlement_date.ok());
    return UtcTime{seconds{midnight(sys_days{settlement_date}.time_since_epoch().count())}};
}

int local_minute_of_day(UtcTime instant) {
    const std::int64_t local = local_seconds(instant);
    return static_cast<int>((local - floor_divide(local, seconds_per_day) * seconds_per_day) / 60);
}

unsigned local_weekday(UtcTime instant) {
    // 1970-01-01 was a Thursday.
    const std::int64_t days_since_sunday = floor_divide(local_seconds(instant), seconds_per_day) + 4;
    return static_cast<unsigned>(days_since_sunday - floor_divide(days_since_sunday, 7) * 7);
}

}  // namespace headroom
