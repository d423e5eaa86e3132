#pragma once

#include "feeds/feed_rows.hpp"
#include "feeds/ukpn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::feeds::ukpn {

/// A point is {"lon":…, "lat":…}; another form is told as a fault.
inline void read_place(RowReader& read, std::string_view name, std::optional<double>& lat,
                       std::optional<double>& lon, FaultBook& faults) {
    const json::Value* place = read.member(name);
    if (place == nullptr || place->is_null()) {
        return;
    }
    RowReader point(*place, read.path(name), faults);
    lat = point.maybe("lat", -90.0, 90.0);
    lon = point.maybe("lon", -180.0, 180.0);
}

/// One page of records. A grouped answer has no `total_count`: its pages end with one that is not full.
template <class T>
Result<FeedValues<T>> decode_page(std::string_view body, std::size_t offset,
                                  const std::function<void(RowReader&, FaultBook&, T&)>& read_row) {
    const Result<json::Value> answer = parse_answer(body);
    const Result<std::vector<const json::Value*>> rows =
        answer ? items_at(*answer, "/results") : Result<std::vector<const json::Value*>>(answer.error());
    if (!rows) {
        return rows.error();
    }
    FaultBook faults;
    FeedValues<T> out;
    for (std::size_t i = 0; i < rows->size(); ++i) {
        RowReader read(*(*rows)[i], fmt::format("/results/{}", i), faults);
        T value;
        read_row(read, faults, value);
        if (read.ok()) {
            out.values.push_back(std::move(value));
        }
    }
    const std::size_t reached = offset + rows->size();
    const bool has_total = answer->get("total_count") != nullptr;
    const auto total = static_cast<std::size_t>(std::max<std::int64_t>(0, answer->integer("/total_count")));
    const bool has_more = has_total ? reached < total : rows->size() == page_records;
    if (!rows->empty() && has_more && reached + page_records < records_max) {
        out.next = std::to_string(reached);
    }
    faults.give(out);
    return out;
}

}  // namespace headroom::feeds::ukpn
