#pragma once

#include "beckn/codec.hpp"
#include "core/json.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Inside of the readers: values that know where they stand, so that every fault has its pointer.
namespace headroom::beckn::v11 {

class FaultList {
  public:
    FaultList(std::vector<Fault>& faults, std::size_t max) : faults_(faults), max_(max) {}
    FaultList(const FaultList&) = delete;
    FaultList& operator=(const FaultList&) = delete;
    void add(std::string pointer, std::string detail);
    /// Faults found so far, also those beyond the bound of what is kept.
    [[nodiscard]] std::size_t count() const { return count_; }

    /// A step of a pointer. Steps live as long as the list: few values of a message have a fault, and a
    /// pointer is made of its steps only for those.
    struct Step {
        const Step* parent = nullptr;
        std::string_view key;  ///< of an object; of a list when it is empty and has no data
        std::size_t index = 0;
    };
    [[nodiscard]] const Step* keep(Step step) { return &steps_.emplace_back(step); }
    [[nodiscard]] std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }

  private:
    std::vector<Fault>& faults_;
    std::size_t max_;
    std::size_t count_ = 0;
    std::deque<Step> steps_;
    std::deque<std::string> texts_;
};

/// A value that may be absent, with its place and the list to which its faults go.
class Node {
  public:
    /// A root: `pointer` leads to it in the message.
    Node(const json::Value* value, std::string_view pointer, FaultList& faults)
        : value_(value),
          step_{nullptr, pointer.empty() ? pointer : faults.keep(pointer), 0},
          faults_(&faults) {}

    [[nodiscard]] Node member(std::string_view key) const;
    /// The items of a list, at most `max`; a fault when it is no list or longer. None when absent.
    [[nodiscard]] std::vector<Node> items(std::size_t max) const;
    [[nodiscard]] bool is_there() const { return value_ != nullptr && !value_->is_null(); }
    [[nodiscard]] const json::Value* value() const { return value_; }
    [[nodiscard]] std::string pointer() const;
    void refuse(std::string detail) const { faults_->add(pointer(), std::move(detail)); }
    [[nodiscard]] FaultList& faults() const { return *faults_; }

    /// A text of 1 to `max` bytes; nothing and a fault otherwise.
    [[nodiscard]] std::optional<std::string> text(std::size_t max) const;
    /// The same where it may be missing; "" then.
    [[nodiscard]] std::optional<std::string> text_or_empty(std::size_t max) const;
    /// Visible ASCII without quotes and backslashes, 1 to 128: ids of others.
    [[nodiscard]] std::optional<std::string> foreign_id() const;
    /// An id of our own form.
    [[nodiscard]] std::optional<std::string> own_id() const;
    [[nodiscard]] std::optional<UtcTime> time() const;
    [[nodiscard]] std::optional<milliseconds> duration() const;
    /// A number as it is written: a text, or a JSON number in its shortest decimal form.
    [[nodiscard]] std::optional<std::string> number_text() const;
    /// A decimal number in [min, max] units: a string, or a JSON number by its shortest decimal form.
    [[nodiscard]] std::optional<std::int64_t> decimal(int decimals, std::int64_t min, std::int64_t max) const;

    /// A member that is not there.
    [[nodiscard]] Node absent(std::string_view key) const;

  private:
    Node(const json::Value* value, FaultList::Step step, FaultList& faults)
        : value_(value), step_(step), faults_(&faults) {}
    [[nodiscard]] const FaultList::Step* kept_step() const;

    const json::Value* value_;
    FaultList::Step step_;
    mutable const FaultList::Step* kept_ = nullptr;  ///< the same, once something stands below
    FaultList* faults_;
};

/// The members of an object that are not among `known`, in their order; at most 16. For what is echoed.
[[nodiscard]] json::Object unknown_members(const Node& object, std::span<const std::string_view> known);

/// A word that `parse` knows; nothing and a fault otherwise.
template <class Parse>
auto word(const Node& node, Parse parse) -> decltype(parse(std::string_view{})) {
    const std::optional<std::string> text = node.text(64);
    if (!text) {
        return std::nullopt;
    }
    auto parsed = parse(std::string_view(*text));
    if (!parsed) {
        node.refuse("'" + *text + "' is not one of the words known here");
    }
    return parsed;
}

/// Named values: one group of a `tags` list (1.1), the keys "GROUP.tag" of a `tags` map (0.9), or the members
/// of an object (2.0).
class Tags {
  public:
    /// The group `code` among the `tags` of `owner`, a list or a map; an empty one when there is none.
    static Tags find(const Node& owner, std::string_view code);
    /// The members of an object.
    static Tags of(const Node& object);
    [[nodiscard]] bool is_there() const { return found_; }
    /// The value of a tag; an absent node, whose pointer is the group's, when there is none.
    [[nodiscard]] Node value(std::string_view code) const;
    [[nodiscard]] FaultList& faults() const { return group_.faults(); }

  private:
    explicit Tags(Node group) : group_(std::move(group)) {}
    static Tags of_map(const Node& map, std::string_view code);
    Node group_;
    std::string prefix_;  ///< of the keys in a map
    bool found_ = false;
    std::vector<std::pair<std::string_view, Node>> tags_;
};

}  // namespace headroom::beckn::v11
