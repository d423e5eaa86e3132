#pragma once

#include <string_view>

// The words of the 2.0 codec: docs/formats/beckn-2.0.md.
namespace headroom::beckn::lts {

inline constexpr std::string_view wire_version = "2.0.0";

/// Our own pack has a name and no document behind it: nothing is fetched to read it.
inline constexpr std::string_view flex_context = "urn:headroom:flex:1";
inline constexpr std::string_view flex_resource = "FlexResource";
inline constexpr std::string_view flex_offer = "FlexOffer";
inline constexpr std::string_view flex_line = "FlexLine";
inline constexpr std::string_view flex_quote = "FlexQuote";
inline constexpr std::string_view flex_party = "FlexParty";
inline constexpr std::string_view flex_contact = "FlexContact";
/// The first word of a `textSearch` that holds what is wanted, slot by slot.
inline constexpr std::string_view flex_request = "FLEX_REQUEST";

inline constexpr std::string_view need_context =
    "https://schema.nfh.global/DemandFlexNeed/v2.0/context.jsonld";
inline constexpr std::string_view buy_offer_context =
    "https://schema.nfh.global/DemandFlexBuyOffer/v2.0/context.jsonld";
inline constexpr std::string_view series_context =
    "https://schema.nfh.global/BecknTimeSeries/v1.0/context.jsonld";
inline constexpr std::string_view contract_context =
    "https://schema.nfh.global/DEGContract/v2.0/context.jsonld";
inline constexpr std::string_view performance_context =
    "https://schema.nfh.global/DemandFlexPerformance/v2.0/context.jsonld";
inline constexpr std::string_view flows_context = "https://schema.nfh.global/RevenueFlow/v2.0/context.jsonld";

inline constexpr std::string_view turn_up = "turn_up";
inline constexpr std::string_view turn_down = "turn_down";
inline constexpr std::string_view fulfilment_id = "fulfilment";
inline constexpr std::string_view quote_id = "quote";
/// A confirm says that it will be paid for; the order itself tells no more.
inline constexpr std::string_view settlement_id = "after-delivery";
inline constexpr std::string_view flows_id = "revenue-flows";
/// Stands where a commitment must, and there is none to tell of.
inline constexpr std::string_view no_commitment = "none";

}  // namespace headroom::beckn::lts
