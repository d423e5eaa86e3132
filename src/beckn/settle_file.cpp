#include "beckn/settle_file.hpp"

#include "beckn/codec_lts.hpp"
#include "beckn/evidence_pages.hpp"
#include "beckn/lts_parts.hpp"

#include <algorithm>

namespace headroom::beckn {

namespace {

constexpr std::size_t text_bytes_max = 64UL << 20U;
constexpr std::size_t lines_max = 1'000'000;

CodecLimits file_limits() {
    CodecLimits limits;
    limits.bytes = text_bytes_max;
    limits.meters = 200'000;
    return limits;
}

Error first_fault(const std::vector<Fault>& faults, const std::string& where) {
    if (faults.empty()) {
        return Error{Errc::invalid, where + "holds no contract of Beckn 2.0", ""};
    }
    return Error{Errc::invalid, where + faults.front().pointer + ": " + faults.front().detail,
                 faults.front().pointer};
}

const Order* order_in(const Envelope& envelope) {
    const auto* update = std::get_if<UpdateRequest>(&envelope.message);
    return update != nullptr ? &update->order : std::get_if<Order>(&envelope.message);
}

/// A message, or a contract alone.
Result<std::pair<std::string, Order>> read_one(const json::Value& value, const std::string& where) {
    std::vector<Fault> faults;
    const CodecLimits limits = file_limits();
    if (value.get("context") != nullptr) {
        const std::optional<Envelope> envelope = lts::read(value, limits, faults);
        const Order* order = envelope ? order_in(*envelope) : nullptr;
        if (order == nullptr) {
            return first_fault(faults, where);
        }
        return std::pair(envelope->context.transaction_id, *order);
    }
    const json::Value* contract = value.get("contract") != nullptr ? value.get("contract") : &value;
    v11::FaultList list(faults, limits.faults);
    std::optional<Order> order = lts::read_contract(v11::Node(contract, "/message/contract", list), limits);
    if (!order) {
        return first_fault(faults, where);
    }
    return std::pair(std::string(), std::move(*order));
}

/// The body of a line of a capture; nothing when it is a message of another kind.
Result<std::optional<json::Value>> line_body(const json::Value& line) {
    const json::Value* body = line.get("body");
    const json::Value* raw = line.get("raw");
    if (body == nullptr && raw == nullptr && line.get("context") != nullptr) {
        return std::optional(line);
    }
    const json::Value* held = raw != nullptr && raw->is_string() ? raw : body;
    if (held == nullptr) {
        return std::optional<json::Value>();
    }
    if (const std::string* text = held->as_string()) {
        Result<json::Value> parsed = json::parse(*text, {.bytes = text_bytes_max, .depth = 32});
        return parsed ? Result<std::optional<json::Value>>(std::optional(std::move(*parsed)))
                      : parsed.error();
    }
    return std::optional(*held);
}

/// Puts the pages of a message's evidence into what came before; whether all of it is whole.
Result<bool> complete(EvidencePages& pages, const std::string& transaction, Order& order) {
    bool is_whole = true;
    for (flex::Performance& performance : order.performance) {
        Result<std::optional<flex::Performance>> whole = pages.add(transaction, performance);
        if (!whole) {
            return whole.error();
        }
        is_whole = is_whole && whole->has_value();
        if (*whole) {
            performance = std::move(**whole);
        }
    }
    return is_whole;
}

Result<PolicySettlement> settle_lines(std::string_view text) {
    EvidencePages pages;
    std::optional<Result<PolicySettlement>> last;
    std::size_t number = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (++number > lines_max) {
            return Error{Errc::invalid, "the capture has more than " + std::to_string(lines_max) + " lines",
                         ""};
        }
        const std::string where = "line " + std::to_string(number) + ": ";
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) {
            continue;
        }
        const Result<json::Value> parsed = json::parse(line, {.bytes = text_bytes_max, .depth = 40});
        if (!parsed) {
            return Error{Errc::invalid, where + parsed.error().message, parsed.error().pointer};
        }
        const Result<std::optional<json::Value>> body = line_body(*parsed);
        const bool has_contract = body && *body && (*body)->at("/message/contract/performance") != nullptr;
        if (!has_contract) {
            continue;
        }
        Result<std::pair<std::string, Order>> read = read_one(**body, where);
        if (!read) {
            return read.error();
        }
        const Result<bool> whole = complete(pages, read->first, read->second);
        if (!whole) {
            return Error{whole.error().code, where + whole.error().message, whole.error().pointer};
        }
        if (*whole) {
            Result<PolicySettlement> settled = settle_by_policy(read->second);
            // Baselines come before usage: what could be settled stands until something newer can.
            if (settled || !last || !last->has_value()) {
                last = std::move(settled);
            }
        }
    }
    return last ? std::move(*last)
                : Result<PolicySettlement>(
                      Error{Errc::invalid, "the capture holds no evidence that is whole", ""});
}

}  // namespace

Result<PolicySettlement> settle_text(std::string_view text) {
    if (text.size() > text_bytes_max) {
        return Error{Errc::invalid, "is longer than " + std::to_string(text_bytes_max) + " bytes", ""};
    }
    const Result<json::Value> whole = json::parse(text, {.bytes = text_bytes_max, .depth = 40});
    if (!whole) {
        const std::size_t end = text.find('\n');
        const bool is_lines =
            end != std::string_view::npos &&
            json::parse(text.substr(0, end), {.bytes = text_bytes_max, .depth = 40}).has_value();
        return is_lines ? settle_lines(text) : Result<PolicySettlement>(whole.error());
    }
    if (whole->get("body") != nullptr || whole->get("raw") != nullptr) {
        return settle_lines(text);
    }
    Result<std::pair<std::string, Order>> read = read_one(*whole, "");
    return read ? settle_by_policy(read->second) : read.error();
}

}  // namespace headroom::beckn
