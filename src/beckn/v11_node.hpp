#pragma once

#include "beckn/codec.hpp"
#include "core/json.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Inside of the 1.1 reader: values that know where they stand, so that every fault has its pointer.
namespace headroom::beckn::v11 {

class FaultList {
  public:
    FaultList(std::vector<Fault>& faults, std::size_t max) : faults_(faults), max_(max) {}
    void add(std::string pointer, std::string detail);
    /// Faults found so far, also those beyond the bound of what is kept.
    [[nodiscard]] std::size_t count() const { return count_; }

  private:
    std::vector<Fault>& faults_;
    std::size_t max_;
    std::size_t count_ = 0;
};

/// A value that may be absent, with its place and the list to which its faults go.
class Node {
  public:
    Node(const json::Value* value, std::string pointer, FaultList& faults)
        : value_(value), pointer_(std::move(pointer)), faults_(&faults) {}

    [[nodiscard]] Node member(std::string_view key) const;
    /// The items of a list, at most `max`; a fault when it is no list or longer. None when absent.
    [[nodiscard]] std::vector<Node> items(std::size_t max) const;
    [[nodiscard]] bool is_there() const { return value_ != nullptr && !value_->is_null(); }
    [[nodiscard]] const json::Value* value() const { return value_; }
    [[nodiscard]] const std::string& pointer() const { return pointer_; }
    void refuse(std::string detail) const { faults_->add(pointer_, std::move(detail)); }
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
    /// A decimal number (string, or whole JSON number) in [min, max] units.
    [[nodiscard]] std::optional<std::int64_t> decimal(int decimals, std::int64_t min, std::int64_t max) const;

  private:
    const json::Value* value_;
    std::string pointer_;
    FaultList* faults_;
};

/// The tags of one group of a `tags` list, by code.
class Tags {
  public:
    /// The group `code` among the `tags` of `owner`; an empty one when there is none.
    static Tags find(const Node& owner, std::string_view code);
    [[nodiscard]] bool is_there() const { return found_; }
    /// The value of a tag; an absent node, whose pointer is the group's, when there is none.
    [[nodiscard]] Node value(std::string_view code) const;

  private:
    explicit Tags(Node group) : group_(std::move(group)) {}
    Node group_;
    bool found_ = false;
    std::vector<std::pair<std::string, Node>> tags_;
};

}  // namespace headroom::beckn::v11
