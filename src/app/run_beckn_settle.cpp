#include "app/run_beckn_settle.hpp"

#include "app/commands.hpp"
#include "audit/files.hpp"
#include "beckn/decimal.hpp"
#include "beckn/settle_file.hpp"

#include <iostream>

namespace headroom::app {
namespace {

constexpr std::uint64_t policy_file_bytes_max = 64ULL << 20U;

std::string signed_amount(std::int64_t micro) {
    std::string text = beckn::format_decimal(micro, beckn::gbp_decimals);
    return micro < 0 ? text : "+" + text;
}

void show_settlement(const beckn::PolicySettlement& settlement) {
    for (const beckn::SettledSlot& slot : settlement.slots) {
        std::cout << format_utc(slot.start) << "  delivered "
                  << beckn::format_decimal(slot.delivered_w, beckn::kw_decimals) << " of "
                  << beckn::format_decimal(slot.promised_w, beckn::kw_decimals) << " kW  paid "
                  << beckn::format_decimal(slot.paid_micro, beckn::gbp_decimals) << "  penalty "
                  << beckn::format_decimal(slot.penalty_micro, beckn::gbp_decimals) << "\n";
    }
    for (const flex::RevenueFlow& flow : settlement.flows) {
        std::cout << flow.role << "  " << signed_amount(flow.value_micro) << " " << flow.currency << "\n";
    }
    for (const std::string& remark : settlement.remarks) {
        std::cout << remark << "\n";
    }
}

int complain_of_settlement(const BecknSettleCommand& command, const Error& error) {
    std::cerr << "headroom beckn settle: " << command.file.string() << ": " << error.message;
    if (!error.pointer.empty() && error.message.find(error.pointer) == std::string::npos) {
        std::cerr << " (at " << error.pointer << ")";
    }
    std::cerr << "\n";
    return exit_code_of(error);
}

}  // namespace

int run_beckn_settle(const BecknSettleCommand& command) {
    const Result<std::string> text = audit::read_file(command.file, policy_file_bytes_max);
    if (!text) {
        return complain_of_settlement(command, text.error());
    }
    const Result<beckn::PolicySettlement> settlement = beckn::settle_text(*text);
    if (!settlement) {
        return complain_of_settlement(command, settlement.error());
    }
    if (command.is_json) {
        std::cout << json::write(beckn::to_json(*settlement)) << "\n";
    } else {
        show_settlement(*settlement);
    }
    return 0;
}

}  // namespace headroom::app
