#include "agents/each_record.hpp"
#include "agents/market_evidence.hpp"
#include "agents/need_market_impl.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

// What a former run left, read back after a restart.
namespace headroom::agents {

using beckn::OutboxState;

Awaitable<Result<void>> NeedMarket::Impl::recover_board() {
    auto self = shared_from_this();
    for (const char* kind : {need_kind, need_order_kind}) {
        std::string after;
        while (true) {
            const Result<std::vector<store::Record>> kept =
                co_await parts_.journal.records().list(kind, after, records_page);
            if (!kept) {
                co_return kept.error();
            }
            for (const store::Record& record : *kept) {
                after = record.id;
                const Result<json::Value> parsed = json::parse(record.json);
                if (!parsed) {
                    co_return Error{Errc::corrupt,
                                    record.kind + " " + record.id + ": " + parsed.error().message, ""};
                }
                Error fault;
                if (record.kind == need_kind) {
                    Result<beckn::PublishedNeed> need = beckn::published_need_from_json(*parsed);
                    if (need) {
                        board.needs.insert_or_assign(record.id, std::move(*need));
                        continue;
                    }
                    fault = need.error();
                } else {
                    Result<beckn::NeedOrder> order = beckn::need_order_from_json(*parsed);
                    if (order && order->step == beckn::NeedStep::cancelled && !order->awarded_w) {
                        continue;  // it came to nothing, and nobody will ask for it
                    }
                    if (order && board.need(order->need) != nullptr) {
                        if (order->step == beckn::NeedStep::contracted) {
                            measure_next_.try_emplace(record.id, end_of(*order) + options_.settle_after, 0);
                        }
                        board.orders.insert_or_assign(record.id, std::move(*order));
                        continue;
                    }
                    fault = order ? Error{Errc::corrupt, "its need is missing", ""} : order.error();
                }
                co_return Error{Errc::corrupt, record.kind + " " + record.id + ": " + fault.message, ""};
            }
            if (kept->size() < records_page) {
                break;
            }
        }
    }
    co_return Result<void>{};
}

Awaitable<Result<void>> NeedMarket::Impl::recover() {
    auto self = shared_from_this();
    const Result<void> read = co_await recover_board();
    if (!read) {
        co_return read;
    }
    for (const auto& [transaction, order] : board.orders) {
        if (!order.held_confirm.empty()) {
            const Result<store::Record> asked =
                co_await parts_.journal.records().get(evidence_kind, order.held_confirm + ".confirm.in");
            const Result<json::Value> evidence =
                asked ? json::parse(asked->json) : Result<json::Value>(asked.error());
            if (evidence) {
                owed_[order.held_confirm] = evidence->text("/authorization");
            }
        }
    }
    const Result<void> remembered = co_await recover_inbox();
    if (!remembered) {
        co_return remembered;
    }
    const Result<void> sent = co_await recover_callbacks();
    arm();
    co_return sent;
}

Awaitable<Result<void>> NeedMarket::Impl::recover_inbox() {
    auto self = shared_from_this();
    const UtcTime now = parts_.wall.now();
    const Result<std::vector<store::Record>> kept =
        co_await parts_.journal.records().list(need_inbox_kind, "", inbox_.entries_max());
    if (!kept) {
        co_return kept.error();
    }
    for (const store::Record& record : *kept) {
        const Result<json::Value> parsed = json::parse(record.json);
        const json::Value entry = parsed ? *parsed : json::Value();
        const std::optional<beckn::Action> action = beckn::parse_action(entry.text("/action"));
        const Result<std::string> digest = from_hex(entry.text("/sha256"));
        const Result<UtcTime> keep_until = parse_utc(entry.text("/keep_until"));
        if (!action || !digest || digest->size() != Sha256{}.size() || !keep_until) {
            co_return Error{Errc::corrupt, "inbox entry " + record.id + " cannot be read", ""};
        }
        const std::int64_t number = std::max<std::int64_t>(0, entry.integer("/number"));
        inbox_number_ = std::max(inbox_number_, static_cast<std::uint64_t>(number));
        if (*keep_until >= now) {
            Sha256 bytes{};
            std::copy(digest->begin(), digest->end(), bytes.begin());
            inbox_.remember(entry.text("/sender"), *action, entry.text("/message_id"),
                            {.digest = bytes,
                             .accepted = entry.integer("/accepted") != 0,
                             .answer = entry.text("/answer"),
                             .http_status = static_cast<int>(entry.integer("/http_status")),
                             .keep_until = *keep_until});
        }
    }
    co_return Result<void>{};
}

/// Callbacks that a former process had written down and that nobody is known to have taken: the same bytes.
Awaitable<Result<void>> NeedMarket::Impl::recover_callbacks() {
    auto self = shared_from_this();
    Callbacks left;
    for (const OutboxState state : {OutboxState::kept, OutboxState::sending}) {
        const Result<std::vector<store::Record>> kept = co_await parts_.journal.records().list_by_state(
            evidence_kind, std::string(beckn::to_string(state)));
        if (!kept) {
            co_return kept.error();
        }
        for (const store::Record& record : *kept) {
            const Result<json::Value> evidence = json::parse(record.json);
            const std::optional<beckn::Action> action =
                evidence ? beckn::parse_action(evidence->text("/action")) : std::nullopt;
            if (!action || !beckn::is_callback(*action)) {
                continue;  // a request of the other role
            }
            const std::string bytes = evidence->text("/raw");
            const beckn::Decoded decoded = beckn::decode(bytes);
            const std::optional<std::string> url =
                decoded.envelope ? callback_url(decoded.envelope->context, *action) : std::nullopt;
            if (!url) {
                log::warn("a callback of a former run is left: its address is not allowed",
                          {{"id", record.id}});
                continue;
            }
            auto out = std::make_shared<Outgoing>();
            out->entry.message_id = evidence->text("/message_id");
            out->entry.transaction_id = evidence->text("/transaction");
            out->entry.action = *action;
            out->entry.peer = evidence->text("/peer");
            out->entry.bytes = bytes;
            out->action = *action;
            out->url = *url;
            out->event = record.corr;
            out->request_signed = evidence->text("/request_signature");
            sign(*out);
            left.push_back(std::move(out));
        }
    }
    send_all(left);
    co_return Result<void>{};
}

}  // namespace headroom::agents
