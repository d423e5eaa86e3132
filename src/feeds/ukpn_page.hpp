#pragma once

#include "feeds/read_rows.hpp"
#include "feeds/ukpn.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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
    Result<ReadRows<T>> read = read_rows<T>(body, "/results", read_row);
    if (!read) {
        return read.error();
    }
    FeedValues<T> out = std::move(read->values);
    const std::size_t reached = offset + read->rows;
    const bool has_total = read->answer.get("total_count") != nullptr;
    const auto total =
        static_cast<std::size_t>(std::max<std::int64_t>(0, read->answer.integer("/total_count")));
    const bool has_more = has_total ? reached < total : read->rows == page_records;
    if (read->rows > 0 && has_more && reached + page_records < records_max) {
        out.next = std::to_string(reached);
    }
    return out;
}

}  // namespace headroom::feeds::ukpn
