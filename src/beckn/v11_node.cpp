#include "beckn/v11_node.hpp"

#include "beckn/decimal.hpp"
#include "core/ids.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace headroom::beckn::v11 {

namespace {

constexpr std::size_t tag_groups_max = 32;
constexpr std::size_t tags_max = 64;
constexpr std::size_t foreign_id_max = 128;

bool is_plain(char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';
}

/// The shortest decimal text that reads back as `number`; nothing beyond what is exact in a double.
std::optional<std::string> decimal_text(double number) {
    constexpr double exact_max = 9e15;
    if (!std::isfinite(number) || std::abs(number) > exact_max) {
        return std::nullopt;
    }
    std::array<char, 512> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed);
    return end.ec == std::errc{} ? std::optional(std::string(buffer.data(), end.ptr)) : std::nullopt;
}

/// `descriptor.code`
const std::string* code_of(const Node& described) {
    const json::Value* descriptor = described.value()->get("descriptor");
    const json::Value* code = descriptor == nullptr ? nullptr : descriptor->get("code");
    return code == nullptr ? nullptr : code->as_string();
}

}  // namespace

void FaultList::add(std::string pointer, std::string detail) {
    ++count_;
    if (faults_.size() < max_) {
        faults_.push_back({std::move(pointer), std::move(detail)});
    }
}

const FaultList::Step* Node::kept_step() const {
    if (kept_ == nullptr) {
        kept_ = faults_->keep(step_);
    }
    return kept_;
}

std::string Node::pointer() const {
    std::vector<const FaultList::Step*> steps;
    for (const FaultList::Step* step = &step_; step != nullptr; step = step->parent) {
        steps.push_back(step);
    }
    std::string pointer(steps.back()->key);  // the root's is a pointer already
    for (auto step = steps.rbegin() + 1; step != steps.rend(); ++step) {
        pointer += '/';
        pointer += (*step)->key.data() == nullptr ? std::to_string((*step)->index)
                                                  : json::escape_pointer((*step)->key);
    }
    return pointer;
}

Node Node::absent(std::string_view key) const {
    return {nullptr, {kept_step(), faults_->keep(key), 0}, *faults_};
}

Node Node::member(std::string_view key) const {
    const json::Object* object = value_ == nullptr ? nullptr : value_->as_object();
    if (object != nullptr) {
        for (const auto& [name, value] : object->members()) {
            if (name == key) {
                return {&value, {kept_step(), name, 0}, *faults_};
            }
        }
    }
    return absent(key);
}

std::vector<Node> Node::items(std::size_t max) const {
    std::vector<Node> nodes;
    if (!is_there()) {
        return nodes;
    }
    const json::Array* array = value_->as_array();
    if (array == nullptr) {
        refuse("must be a list");
        return nodes;
    }
    if (array->size() > max) {
        refuse("has " + std::to_string(array->size()) + " entries, more than " + std::to_string(max) +
               "; the rest is left out");
    }
    const std::size_t count = std::min(array->size(), max);
    nodes.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        nodes.push_back(Node(&(*array)[i], {kept_step(), {}, i}, *faults_));
    }
    return nodes;
}

std::optional<std::string> Node::text(std::size_t max) const {
    if (!is_there()) {
        refuse("is missing");
        return std::nullopt;
    }
    const std::string* text = value_->as_string();
    if (text == nullptr) {
        refuse("must be a text");
        return std::nullopt;
    }
    if (text->empty() || text->size() > max) {
        refuse("must have 1 to " + std::to_string(max) + " bytes");
        return std::nullopt;
    }
    return *text;
}

std::optional<std::string> Node::text_or_empty(std::size_t max) const {
    if (!is_there() || (value_->as_string() != nullptr && value_->as_string()->empty())) {
        return std::string();
    }
    return text(max);
}

std::optional<std::string> Node::foreign_id() const {
    std::optional<std::string> id = text(foreign_id_max);
    if (id && !std::all_of(id->begin(), id->end(), is_plain)) {
        refuse("may hold visible ASCII characters only");
        return std::nullopt;
    }
    return id;
}

std::optional<std::string> Node::own_id() const {
    std::optional<std::string> id = text(foreign_id_max);
    if (id && !is_valid_id(*id)) {
        refuse("must match [A-Za-z0-9][A-Za-z0-9._-]{0,63}");
        return std::nullopt;
    }
    return id;
}

std::optional<UtcTime> Node::time() const {
    const std::optional<std::string> written = text(64);
    if (!written) {
        return std::nullopt;
    }
    const Result<UtcTime> parsed = parse_utc(*written);
    if (!parsed) {
        refuse(parsed.error().message);
        return std::nullopt;
    }
    return *parsed;
}

std::optional<milliseconds> Node::duration() const {
    const std::optional<std::string> written = text(64);
    if (!written) {
        return std::nullopt;
    }
    const Result<milliseconds> parsed = parse_duration(*written);
    if (!parsed) {
        refuse(parsed.error().message);
        return std::nullopt;
    }
    return *parsed;
}

std::optional<std::string> Node::number_text() const {
    if (!is_there() || !value_->is_number()) {
        return text(64);
    }
    if (value_->is_int()) {
        return std::to_string(*value_->as_int());
    }
    std::optional<std::string> written = decimal_text(*value_->as_double());
    if (!written) {
        refuse("is beyond what is read exactly");
    }
    return written;
}

std::optional<std::int64_t> Node::decimal(int decimals, std::int64_t min, std::int64_t max) const {
    const std::optional<std::string> written = number_text();
    if (!written) {
        return std::nullopt;
    }
    const Result<std::int64_t> parsed = parse_decimal(*written, decimals);
    if (!parsed) {
        refuse(parsed.error().message);
        return std::nullopt;
    }
    if (*parsed < min || *parsed > max) {
        refuse("must lie between " + format_decimal(min, decimals) + " and " + format_decimal(max, decimals));
        return std::nullopt;
    }
    return *parsed;
}

json::Object unknown_members(const Node& object, std::span<const std::string_view> known) {
    constexpr std::size_t kept_max = 16;
    std::vector<json::Object::Member> kept;
    const json::Object* members = object.is_there() ? object.value()->as_object() : nullptr;
    if (members == nullptr) {
        return {};
    }
    for (const json::Object::Member& member : members->members()) {
        if (kept.size() < kept_max &&
            std::find(known.begin(), known.end(), std::string_view(member.key)) == known.end()) {
            kept.push_back(member);
        }
    }
    return json::Object::from_distinct(std::move(kept));
}

Tags Tags::of_map(const Node& map, std::string_view code) {
    Tags tags(map);
    tags.prefix_ = std::string(code) + ".";
    for (const auto& [key, value] : map.value()->as_object()->members()) {
        if (std::string_view(key).starts_with(tags.prefix_) && tags.tags_.size() < tags_max) {
            tags.tags_.emplace_back(std::string_view(key).substr(tags.prefix_.size()), map.member(key));
        }
    }
    tags.found_ = !tags.tags_.empty();
    return tags;
}

Tags Tags::of(const Node& object) {
    Tags tags(object);
    const json::Object* members = object.is_there() ? object.value()->as_object() : nullptr;
    if (members == nullptr) {
        return tags;
    }
    tags.found_ = true;
    for (const auto& [key, value] : members->members()) {
        if (tags.tags_.size() < tags_max) {
            tags.tags_.emplace_back(key, object.member(key));
        }
    }
    return tags;
}

Tags Tags::find(const Node& owner, std::string_view code) {
    const Node list = owner.member("tags");
    if (list.is_there() && list.value()->is_object()) {
        return of_map(list, code);
    }
    for (const Node& group : list.items(tag_groups_max)) {
        const std::string* name = code_of(group);
        if (name == nullptr || *name != code) {
            continue;
        }
        Tags tags(group);
        tags.found_ = true;
        const std::vector<Node> list_of_group = group.member("list").items(tags_max);
        tags.tags_.reserve(list_of_group.size());
        for (const Node& tag : list_of_group) {
            if (const std::string* key = code_of(tag)) {
                tags.tags_.emplace_back(*key, tag.member("value"));
            }
        }
        return tags;
    }
    return Tags(list);
}

Node Tags::value(std::string_view code) const {
    for (const auto& [key, node] : tags_) {
        if (key == code) {
            return node;
        }
    }
    return group_.absent(prefix_ + std::string(code));
}

}  // namespace headroom::beckn::v11
