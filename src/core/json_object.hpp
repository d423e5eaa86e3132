#pragma once

#include "core/json.hpp"

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace headroom::json {

/// A member as it stands between braces; key and value are taken out of it.
struct MemberInit {
    MemberInit(std::string k, Value v) : key(std::move(k)), value(std::move(v)) {}  // NOLINT
    mutable std::string key;  // an initializer_list gives its elements as constants
    mutable Value value;
};

/// An object of members with different keys, each moved to its place: where `Object{…}` would copy every
/// value once more and look for every key. For what is written many times an event.
[[nodiscard]] inline Object object(std::initializer_list<MemberInit> list) {
    std::vector<Object::Member> members;
    members.reserve(list.size());
    for (const MemberInit& member : list) {
        members.emplace_back(std::move(member.key), std::move(member.value));
    }
    return Object::from_distinct(std::move(members));
}

}  // namespace headroom::json
