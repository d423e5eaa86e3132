#pragma once

#include "core/object_reader.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace headroom::json {

/// The items of the list under `key`, each read by `read_item` (a Value in, a Result out). The first that
/// does not fit is kept as the reader's fault, with the pointer of the item, and nothing is answered; so is a
/// list of more than `count_max`.
template <class T, class Read>
[[nodiscard]] std::vector<T> read_items(ObjectReader& read, std::string_view key, std::size_t count_max,
                                        Read read_item) {
    std::vector<T> list;
    for (const Value& item : read.array(key, count_max)) {
        Result<T> made = read_item(item);
        if (!made) {
            read.keep(Error{made.error().code, made.error().message,
                            read.path(key, list.size()) + made.error().pointer});
            return {};
        }
        list.push_back(std::move(made).value());
    }
    return list;
}

}  // namespace headroom::json
