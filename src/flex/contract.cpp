#include "flex/contract.hpp"

#include "core/json_object.hpp"
#include "core/object_reader.hpp"

#include <array>
#include <utility>

namespace headroom::flex {

namespace {

constexpr std::array<std::pair<ContractKind, std::string_view>, 3> kind_names{
    {{ContractKind::framework, "framework"},
     {ContractKind::availability, "availability"},
     {ContractKind::spot, "spot"}}};

constexpr std::array<std::pair<ContractState, std::string_view>, 9> state_names{
    {{ContractState::requested, "requested"},
     {ContractState::quoted, "quoted"},
     {ContractState::confirming, "confirming"},
     {ContractState::active, "active"},
     {ContractState::activated, "activated"},
     {ContractState::completed, "completed"},
     {ContractState::cancelled, "cancelled"},
     {ContractState::failed, "failed"},
     {ContractState::unknown, "unknown"}}};

constexpr std::size_t lines_max = 10'000;

template <class Table, class E>
std::string_view name_in(const Table& table, E wanted) {
    for (const auto& [value, name] : table) {
        if (value == wanted) {
            return name;
        }
    }
    HEADROOM_ASSERT(false);
    return "";
}

template <class Table>
auto value_in(const Table& table, std::string_view text)
    -> std::optional<typename Table::value_type::first_type> {
    for (const auto& [value, name] : table) {
        if (name == text) {
            return value;
        }
    }
    return std::nullopt;
}

}  // namespace

std::string_view to_string(ContractKind kind) {
    return name_in(kind_names, kind);
}
std::string_view to_string(ContractState state) {
    return name_in(state_names, state);
}
std::optional<ContractKind> parse_contract_kind(std::string_view text) {
    return value_in(kind_names, text);
}
std::optional<ContractState> parse_contract_state(std::string_view text) {
    return value_in(state_names, text);
}

json::Value to_json(const Contract& contract) {
    json::Array lines;
    lines.reserve(contract.lines.size());
    for (const PlanLine& line : contract.lines) {
        lines.push_back(to_json(line));
    }
    return json::object({{"transaction", contract.transaction.value},
                         {"order_id", contract.order_id},
                         {"event", contract.event.value},
                         {"provider", contract.provider},
                         {"kind", to_string(contract.kind)},
                         {"state", to_string(contract.state)},
                         {"lines", std::move(lines)},
                         {"quoted_micro_pounds", contract.quoted.value},
                         {"failure", contract.failure}});
}

Result<Contract> contract_from_json(const json::Value& value) {
    json::ObjectReader read(value);
    Contract contract;
    contract.transaction = TransactionId{read.text("transaction", 128)};
    contract.order_id = read.text("order_id", 256);
    contract.event = EventId{read.text("event", 64)};
    contract.provider = read.text("provider");
    contract.kind = read.word("kind", parse_contract_kind);
    contract.state = read.word("state", parse_contract_state);
    for (const json::Value& item : read.array("lines", lines_max)) {
        Result<PlanLine> line = plan_line_from_json(item);
        if (!line) {
            read.keep(Error{line.error().code, line.error().message,
                            read.path("lines", contract.lines.size()) + line.error().pointer});
            break;
        }
        contract.lines.push_back(std::move(line).value());
    }
    contract.quoted = MicroPounds{read.integer("quoted_micro_pounds", -amount_max, amount_max)};
    contract.failure = read.text("failure", 4096);
    read.refuse_unknown();
    if (!read.ok()) {
        return read.error();
    }
    return contract;
}

}  // namespace headroom::flex
