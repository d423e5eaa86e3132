#include "beckn/json_filter.hpp"
#include "beckn/json_filter_node.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace headroom::beckn {

namespace {

using Node = JsonFilter::Node;
using Comparison = Node::Order;
using Step = JsonFilterStep;

constexpr std::size_t found_max = 256;  // values that one path leads to

void go(const json::Value& from, const Step& step, std::vector<const json::Value*>& found) {
    const auto add = [&found](const json::Value* value) {
        if (value != nullptr && found.size() < found_max) {
            found.push_back(value);
        }
    };
    const json::Array* const array = from.as_array();
    switch (step.kind) {
        case Step::Kind::name: {
            const json::Value* const plain = from.get(step.name);
            add(plain != nullptr ? plain : from.get("beckn:" + step.name));
            return;
        }
        case Step::Kind::index:
            if (array != nullptr) {
                const auto size = static_cast<std::int64_t>(array->size());
                const std::int64_t at = step.index < 0 ? step.index + size : step.index;
                add(at >= 0 && at < size ? &(*array)[static_cast<std::size_t>(at)] : nullptr);
            }
            return;
        case Step::Kind::all:
            if (array != nullptr) {
                for (const json::Value& value : *array) {
                    add(&value);
                }
            } else if (const json::Object* object = from.as_object()) {
                for (const auto& [key, value] : object->members()) {
                    add(&value);
                }
            }
            return;
    }
}

std::vector<const json::Value*> values_of(const Node::Operand& operand, const json::Value& item) {
    if (const auto* value = std::get_if<json::Value>(&operand)) {
        return {value};
    }
    std::vector<const json::Value*> at{&item};
    for (const Step& step : std::get<JsonFilterPath>(operand)) {
        std::vector<const json::Value*> next;
        for (const json::Value* value : at) {
            go(*value, step, next);
        }
        at = std::move(next);
    }
    return at;
}

std::string small(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

/// Below, at or above zero; nothing for values that are in no order.
std::optional<int> compared(const json::Value& left, const json::Value& right) {
    if (left.is_number() && right.is_number()) {
        if (left.is_int() && right.is_int()) {
            return *left.as_int() < *right.as_int() ? -1 : *left.as_int() > *right.as_int() ? 1 : 0;
        }
        return *left.as_double() < *right.as_double() ? -1 : *left.as_double() > *right.as_double() ? 1 : 0;
    }
    if (left.is_string() && right.is_string()) {
        return left.as_string()->compare(*right.as_string());
    }
    return left == right ? std::optional(0) : std::nullopt;
}

bool holds(const json::Value& left, const json::Value& right) {
    if (const json::Array* list = left.as_array()) {
        return std::any_of(list->begin(), list->end(),
                           [&](const json::Value& one) { return holds(one, right); });
    }
    return left.is_string() && right.is_string() &&
           small(*left.as_string()).find(small(*right.as_string())) != std::string::npos;
}

bool is_so(const json::Value& left, Comparison order, const json::Value& right) {
    if (order == Comparison::holds) {
        return holds(left, right);
    }
    const std::optional<int> sign = compared(left, right);
    const bool is_ordered =
        (left.is_number() && right.is_number()) || (left.is_string() && right.is_string());
    switch (order) {
        case Comparison::equal:
            return sign == 0;
        case Comparison::unequal:
            return sign != 0;
        case Comparison::less:
            return is_ordered && *sign < 0;
        case Comparison::less_equal:
            return sign && (*sign == 0 || (is_ordered && *sign < 0));
        case Comparison::greater:
            return is_ordered && *sign > 0;
        case Comparison::greater_equal:
            return sign && (*sign == 0 || (is_ordered && *sign > 0));
        case Comparison::holds:
            break;
    }
    return false;
}

bool is_true(const Node& node, const json::Value& item) {
    const auto holds_here = [&item](const Node& part) { return is_true(part, item); };
    switch (node.kind) {
        case Node::Kind::any_of:
            return std::any_of(node.parts.begin(), node.parts.end(), holds_here);
        case Node::Kind::all_of:
            return std::all_of(node.parts.begin(), node.parts.end(), holds_here);
        case Node::Kind::negation:
            return !holds_here(node.parts.front());
        case Node::Kind::exists:
            return !values_of(node.left, item).empty();
        case Node::Kind::compare:
            break;
    }
    const std::vector<const json::Value*> left = values_of(node.left, item);
    const std::vector<const json::Value*> right = values_of(node.right, item);
    if (left.empty() || right.empty()) {  // nothing equals nothing, and is unequal to everything else
        const bool are_both_nothing = left.empty() && right.empty();
        return node.order == Comparison::unequal ? !are_both_nothing
                                                 : are_both_nothing && node.order == Comparison::equal;
    }
    return std::any_of(left.begin(), left.end(), [&](const json::Value* one) {
        return std::any_of(right.begin(), right.end(),
                           [&](const json::Value* other) { return is_so(*one, node.order, *other); });
    });
}

}  // namespace

bool JsonFilter::fits(const json::Value& item) const {
    return is_true(*root_, item);
}

}  // namespace headroom::beckn
