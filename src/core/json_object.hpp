#pragma once

#include "core/json.hpp"

#include <initializer_list>
#include <utility>
#include <vector>

namespace headroom::json {

/// An object of members with different keys: where `Object{…}` would look for every key among those before
/// it. For what is written many times an event.
[[nodiscard]] inline Object object(std::initializer_list<MemberInit> list) {
    std::vector<Object::Member> members;
    members.reserve(list.size());
    for (const MemberInit& member : list) {
        members.emplace_back(std::move(member.key), std::move(member.value));
    }
    return Object::from_distinct(std::move(members));
}

}  // namespace headroom::json
