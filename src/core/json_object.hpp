#pragma once

#include "core/json.hpp"

#include <initializer_list>

namespace headroom::json {

/// An object of members with different keys: where `Object{…}` would look for every key among those before
/// it. For what is written many times an event.
[[nodiscard]] Object object(std::initializer_list<MemberInit> list);

}  // namespace headroom::json
