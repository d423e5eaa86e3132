#include "beckn/decimal.hpp"
#include "beckn/rc1_parts.hpp"

#include <charconv>

namespace headroom::beckn::rc1 {

using json::Value;

json::Value number(std::int64_t units, int decimals) {
    const std::string text = format_decimal(units, decimals);
    if (text.find('.') == std::string::npos) {
        std::int64_t whole = 0;
        std::from_chars(text.data(), text.data() + text.size(), whole);
        return Value(whole);
    }
    double value = 0.0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return Value(value);
}

json::Value typed(std::string_view context, std::string_view type, Members members) {
    Members all;
    all.reserve(members.size() + 2);
    all.push_back({"@context", Value(context)});
    all.push_back({"@type", Value("beckn:" + std::string(type))});
    for (auto& member : members) {
        all.push_back(std::move(member));
    }
    return v11::object(std::move(all));
}

json::Value described(std::string_view name) {
    Members members{{"@type", Value("beckn:Descriptor")}};
    if (!name.empty()) {
        members.push_back({"schema:name", Value(name)});
    }
    return v11::object(std::move(members));
}

json::Value period(std::optional<UtcTime> start, UtcTime end) {
    Members members{{"@type", Value("beckn:TimePeriod")}};
    if (start) {
        members.push_back({"schema:startDate", Value(format_utc(*start))});
    }
    members.push_back({"schema:endDate", Value(format_utc(end))});
    return v11::object(std::move(members));
}

json::Value values(NamedValues list) {
    Members members;
    members.reserve(list.size());
    for (auto& [name, value] : list) {
        members.emplace_back(std::move(name), Value(std::move(value)));
    }
    return v11::object(std::move(members));
}

void add_text(Members& members, std::string_view key, const std::string& text) {
    if (!text.empty()) {
        members.emplace_back(key, Value(text));
    }
}

}  // namespace headroom::beckn::rc1
