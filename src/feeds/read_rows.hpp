#pragma once

#include "feeds/feed_rows.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace headroom::feeds {

/// The records of an answer, and the answer itself, for what stands beside them.
template <class T>
struct ReadRows {
    FeedValues<T> values;
    json::Value answer;
    std::size_t rows = 0;  ///< with those that are left out
};

/// Reads every record of the list at `pointer`; those that `read_row` refuses are left out and told. Errors:
/// `invalid` when the answer is no JSON or has no such list.
template <class T>
Result<ReadRows<T>> read_rows(std::string_view body, std::string_view pointer,
                              const std::function<void(RowReader&, FaultBook&, T&)>& read_row) {
    Result<json::Value> answer = parse_answer(body);
    if (!answer) {
        return answer.error();
    }
    const Result<std::vector<const json::Value*>> rows = items_at(*answer, pointer);
    if (!rows) {
        return rows.error();
    }
    FaultBook faults;
    ReadRows<T> out;
    out.rows = rows->size();
    for (std::size_t i = 0; i < rows->size(); ++i) {
        RowReader read(*(*rows)[i], fmt::format("{}/{}", pointer, i), faults);
        T value;
        read_row(read, faults, value);
        if (read.ok()) {
            out.values.values.push_back(std::move(value));
        }
    }
    faults.give(out.values);
    out.answer = std::move(*answer);
    return out;
}

}  // namespace headroom::feeds
