#include "core/calendar.hpp"

#include "core/json.hpp"
#include "core/public_holidays.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace headroom {
namespace {

constexpr std::size_t holidays_max = 10'000;

/// Years whose list on gov.uk the rules have been held against.
constexpr int first_known_year = 2025;
constexpr int last_known_year = 2027;

Error bad_holiday(const std::string& where, const std::string& why) {
    return Error{Errc::invalid, "bank holidays, " + where + ": " + why, ""};
}

Result<std::vector<Date>> read_json_days(std::string_view text) {
    const Result<json::Value> document = json::parse(text);
    if (!document) {
        return document.error();
    }
    std::string pointer;
    const json::Array* list = document->as_array();
    if (list == nullptr) {
        pointer = "/england-and-wales/events";
        const json::Value* events = document->at(pointer);
        list = events != nullptr ? events->as_array() : nullptr;
    }
    if (list == nullptr) {
        return bad_holiday("\"\"", "neither a list of dates nor an object with " + pointer);
    }
    std::vector<Date> days;
    for (const json::Value& entry : *list) {
        const std::string where = "\"" + pointer + "/" + std::to_string(days.size()) + "\"";
        const std::string* word =
            entry.is_object() ? (entry.get("date") != nullptr ? entry.get("date")->as_string() : nullptr)
                              : entry.as_string();
        if (word == nullptr) {
            return bad_holiday(where, "no date");
        }
        const Result<Date> day = parse_date(*word);
        if (!day) {
            return bad_holiday(where, day.error().message);
        }
        days.push_back(*day);
    }
    return days;
}

Result<std::vector<Date>> read_lines(std::string_view text) {
    std::vector<Date> days;
    for (std::size_t line = 1; !text.empty(); ++line) {
        std::string_view row = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(row.size() + 1, text.size()));
        row = row.substr(0, row.find_first_of(",;\r"));
        if (row.empty() || row.front() == '#') {
            continue;
        }
        const Result<Date> day = parse_date(row);
        if (day) {
            days.push_back(*day);
        } else if (line != 1 ||
                   (row.front() >= '0' && row.front() <= '9')) {  // the first line may be a heading
            return bad_holiday("line " + std::to_string(line), day.error().message);
        }
    }
    return days;
}

}  // namespace

Calendar Calendar::england_and_wales() {
    Calendar calendar;
    for (int year = first_known_year; year <= last_known_year; ++year) {
        std::set<Date>& holidays = calendar.holidays_[year];
        const std::chrono::sys_days end{std::chrono::year{year + 1} / 1 / 1};
        for (std::chrono::sys_days day{std::chrono::year{year} / 1 / 1}; day < end;
             day += std::chrono::days{1}) {
            if (is_public_holiday(Region::england_and_wales, Date{day})) {
                holidays.insert(Date{day});
            }
        }
    }
    return calendar;
}

Result<void> Calendar::load(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
        return Error{Errc::invalid, "bank holidays: the text is empty", ""};
    }
    const bool is_json = text[first] == '{' || text[first] == '[';
    const Result<std::vector<Date>> days = is_json ? read_json_days(text) : read_lines(text);
    if (!days) {
        return days.error();
    }
    if (days->empty() || days->size() > holidays_max) {
        return Error{Errc::invalid, "bank holidays: " + std::to_string(days->size()) + " dates", ""};
    }
    std::map<int, std::set<Date>> loaded;
    for (const Date& day : *days) {
        loaded[static_cast<int>(day.year())].insert(day);
    }
    loaded.merge(holidays_);  // keeps what was just loaded where both hold a year
    holidays_ = std::move(loaded);
    return {};
}

Result<bool> Calendar::is_bank_holiday(Date date) const {
    HEADROOM_ASSERT(date.ok());
    const auto year = holidays_.find(static_cast<int>(date.year()));
    if (year == holidays_.end()) {
        return Error{Errc::not_found, "no bank holidays are loaded for the year of " + format_date(date), ""};
    }
    return year->second.contains(date);
}

Result<bool> Calendar::is_working_day(Date date) const {
    const Result<bool> holiday = is_bank_holiday(date);
    if (!holiday) {
        return holiday;
    }
    const std::chrono::weekday weekday{std::chrono::sys_days{date}};
    return !*holiday && weekday != std::chrono::Saturday && weekday != std::chrono::Sunday;
}

std::vector<int> Calendar::years() const {
    std::vector<int> years;
    for (const auto& [year, days] : holidays_) {
        years.push_back(year);
    }
    return years;
}

}  // namespace headroom
