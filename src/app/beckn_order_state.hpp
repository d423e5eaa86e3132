#pragma once

#include "beckn/envelope.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace headroom::app {

/// What the shell's verbs remember between two calls: the conversation with one provider.
struct BecknOrderState {
    std::string provider_url;
    std::string subscriber_id;
    std::string key_id;
    std::string public_key;  ///< Base64
    std::string dialect;
    std::string transaction;
    std::int64_t messages = 0;        ///< sent in this transaction, part of message ids
    std::string on_search;            ///< bytes of the newest catalogue
    std::string on_order;             ///< bytes of the newest answer with an order
    std::string start;                ///< what was asked for: begin …
    std::vector<std::int64_t> watts;  ///< … and the power of each half-hour

    [[nodiscard]] std::optional<beckn::Order> order() const;
    [[nodiscard]] std::vector<beckn::Catalog> catalogs() const;
};

/// Errors: `not_found` when there is no such file, `corrupt` when it is not one of ours.
[[nodiscard]] Result<BecknOrderState> read_order_state(const std::filesystem::path& file);
/// Replaces the file whole. Errors: `unavailable`.
[[nodiscard]] Result<void> write_order_state(const std::filesystem::path& file, const BecknOrderState& state);

}  // namespace headroom::app
