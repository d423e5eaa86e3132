#include "beckn/envelope.hpp"

#include "core/result.hpp"

namespace headroom::beckn {

std::string_view to_string(OrderStatus status) {
    switch (status) {
        case OrderStatus::none:
            return "";
        case OrderStatus::active:
            return "ACTIVE";
        case OrderStatus::complete:
            return "COMPLETE";
        case OrderStatus::cancelled:
            return "CANCELLED";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::string_view to_string(FulfilmentState state) {
    switch (state) {
        case FulfilmentState::none:
            return "";
        case FulfilmentState::armed:
            return "armed";
        case FulfilmentState::active:
            return "active";
        case FulfilmentState::completed:
            return "completed";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::string_view to_string(PartyRole role) {
    switch (role) {
        case PartyRole::none:
            return "";
        case PartyRole::buyer:
            return "buyer";
        case PartyRole::seller:
            return "seller";
    }
    HEADROOM_ASSERT(false);
    return "";
}

std::optional<PartyRole> parse_party_role(std::string_view text) {
    for (const PartyRole role : {PartyRole::buyer, PartyRole::seller}) {
        if (text == to_string(role)) {
            return role;
        }
    }
    return std::nullopt;
}

std::span<const Catalog> catalogs_of(const Body& body) {
    if (const auto* one = std::get_if<Catalog>(&body)) {
        return {one, 1};
    }
    if (const auto* many = std::get_if<CatalogList>(&body)) {
        return many->catalogs;
    }
    if (const auto* published = std::get_if<PublishRequest>(&body)) {
        return published->catalogs;
    }
    return {};
}

}  // namespace headroom::beckn
