#pragma once

#include "core/json.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace headroom::store {

/// Something that happened at an instant, to be charted beside loads: an overload, an action, a trade.
struct Measurement {
    using Value = std::variant<double, std::int64_t, bool, std::string>;

    std::string name;                                       ///< "overloads"
    std::vector<std::pair<std::string, std::string>> tags;  ///< few different values each; sorted by `check`
    std::vector<std::pair<std::string, Value>> fields;      ///< at least one
    UtcTime at{};

    bool operator==(const Measurement&) const = default;
};

/// Sorts tags and fields by name and checks. Errors: `invalid` naming the measurement for a name of a tag or
/// field outside [a-z][a-z0-9_]{0,63}, a tag or field given twice, no field, an empty tag, more than 32 tags
/// or fields, a text above 4,096 bytes or with control characters, a number that is not finite, a time
/// outside 1970…2200.
[[nodiscard]] Result<void> check(Measurement& measurement);

/// Tags and fields as the objects that a table of rows holds, and back.
[[nodiscard]] json::Object tags_to_json(const Measurement& measurement);
[[nodiscard]] json::Object fields_to_json(const Measurement& measurement);
/// Errors: `corrupt` for other JSON.
[[nodiscard]] Result<Measurement> measurement_of(std::string name, UtcTime at, const json::Value& tags,
                                                 const json::Value& fields);

}  // namespace headroom::store
