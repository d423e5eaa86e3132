#pragma once

#include "app/beckn_exchange.hpp"
#include "app/beckn_order_state.hpp"

#include <string>

namespace headroom::app {

/// What came of an exchange: a table to read, or one JSON object {transaction, ack, answer, error, trust,
/// offers | windows | order}.
[[nodiscard]] std::string answer_text(const ExchangeResult& result, const BecknOrderState& state,
                                      bool is_json);

}  // namespace headroom::app
