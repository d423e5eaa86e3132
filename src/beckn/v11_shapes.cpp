#include "beckn/v11_shapes.hpp"

namespace headroom::beckn::v11 {

namespace {

using json::Array;
using json::Object;
using json::Value;

Value at(UtcTime time) {
    return object({{"timestamp", Value(format_utc(time))}});
}

Value stop(std::string_view type, UtcTime time) {
    return object({{"type", Value(type)}, {"time", at(time)}});
}

}  // namespace

Value measure_kw(const Dialect& dialect, std::int64_t watts) {
    Value value = dialect.is_flat() ? Value(to_kilowatts(Watts{watts}).value)
                                    : Value(format_decimal(watts, kw_decimals));
    return object({{"measure", object({{"unit", Value("kW")}, {"value", std::move(value)}})}});
}

Value tags(const Dialect& dialect, std::string_view group, NamedValues values) {
    if (dialect.is_flat()) {
        std::vector<Object::Member> members;
        members.reserve(values.size());
        for (auto& [code, value] : values) {
            std::string key(group);
            key += '.';
            key += code;
            members.emplace_back(std::move(key), std::move(value));
        }
        return object(std::move(members));
    }
    Array list;
    list.reserve(values.size());
    for (auto& [code, value] : values) {
        list.push_back(object({{"descriptor", descriptor(code)}, {"value", Value(std::move(value))}}));
    }
    return Array{object({{"descriptor", descriptor(group)}, {"list", std::move(list)}})};
}

void add_stops(const Dialect& dialect, std::vector<Object::Member>& members, UtcTime start, UtcTime end) {
    if (dialect.is_flat()) {
        members.push_back({"start", object({{"time", at(start)}})});
        members.push_back({"end", object({{"time", at(end)}})});
        return;
    }
    Array stops;
    stops.push_back(stop("START", start));
    stops.push_back(stop("END", end));
    members.push_back({"stops", std::move(stops)});
}

}  // namespace headroom::beckn::v11
