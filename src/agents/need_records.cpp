#include "agents/entry_body.hpp"
#include "agents/need_market_impl.hpp"
#include "core/json_object.hpp"
#include "core/json_text.hpp"

#include <algorithm>
#include <utility>

// What is written down of needs and orders: records, and entries for the log.
namespace headroom::agents {

using beckn::NeedNews;

namespace {

constexpr std::size_t inbox_bytes = 1024;

const beckn::PublishedNeed* changed_need(const beckn::NeedOutcome& outcome, const std::string& id) {
    const auto found = std::find_if(outcome.needs.begin(), outcome.needs.end(),
                                    [&id](const beckn::PublishedNeed& one) { return one.id == id; });
    return found == outcome.needs.end() ? nullptr : &*found;
}

const beckn::NeedOrder* changed_order(const beckn::NeedOutcome& outcome, const std::string& transaction) {
    const auto found =
        std::find_if(outcome.orders.begin(), outcome.orders.end(),
                     [&](const beckn::NeedOrder& one) { return one.transaction() == transaction; });
    return found == outcome.orders.end() ? nullptr : &*found;
}

std::string_view type_of(NeedNews::Kind kind) {
    switch (kind) {
        case NeedNews::Kind::published:
            return "need.published";
        case NeedNews::Kind::withdrawn:
            return "need.withdrawn";
        case NeedNews::Kind::cleared:
            return "need.cleared";
        case NeedNews::Kind::closed:
            return "need.closed";
        case NeedNews::Kind::contracted:
        case NeedNews::Kind::changed:
            return "order.contracted";
        case NeedNews::Kind::ended:
            return "order.ended";
        case NeedNews::Kind::settled:
            return "need.settled";
    }
    HEADROOM_ASSERT(false);
    return "";
}

json::Array flows_of(const std::vector<flex::RevenueFlow>& flows) {
    json::Array out;
    for (const flex::RevenueFlow& flow : flows) {
        out.push_back(
            json::object({{"role", flow.role}, {"micro", flow.value_micro}, {"currency", flow.currency}}));
    }
    return out;
}

}  // namespace

MessageRecord NeedMarket::Impl::record_of(const Outgoing& out) const {
    return MessageRecord{.action = std::string(beckn::to_string(out.action)),
                         .is_in = false,
                         .peer = out.entry.peer,
                         .transaction = out.entry.transaction_id,
                         .message_id = out.entry.message_id,
                         .at = out.at,
                         .raw = out.entry.bytes,
                         .authorization = out.authorization,
                         .public_key = signer_.key.public_key(),
                         .is_good = true,
                         .outcome = std::string(beckn::to_string(out.entry.state)),
                         .fault = beckn::describe(out.entry.error),
                         .sends = out.entry.sends,
                         .answers = beckn::is_bound(out.authorization) ? out.request_signed : std::string(),
                         .answer_status = out.answer_status,
                         .answer = out.answer,
                         .answer_signature = out.answer_signature,
                         .event = out.event};
}

/// Entries lie in a ring of as many places as the inbox has: the oldest is written over.
store::Record NeedMarket::Impl::inbox_record(const Received& received, const beckn::InboxEntry& entry) {
    const std::uint64_t number = ++inbox_number_;
    json::ObjectText kept(inbox_bytes);
    kept.add("number", static_cast<std::int64_t>(number))
        .add("sender", received.record.peer)
        .add("action", received.record.action)
        .add("message_id", received.record.message_id)
        .add("sha256", to_hex(entry.digest))
        .add("accepted", std::int64_t{entry.accepted ? 1 : 0})
        .add("answer", entry.answer)
        .add("http_status", std::int64_t{entry.http_status})
        .add("keep_until", format_utc(entry.keep_until));
    return store::Record{.kind = need_inbox_kind,
                         .id = std::to_string(number % inbox_.entries_max()),
                         .corr = {},
                         .state = {},
                         .json = kept.take(),
                         .applied_seq = 0};
}

beckn::InboxEntry NeedMarket::Impl::entry_of(const Received& received, bool is_accepted) const {
    return {.digest = received.digest,
            .accepted = is_accepted,
            .answer = received.record.answer,
            .http_status = received.record.answer_status,
            .keep_until =
                std::max(received.record.at, received.signature_ends) + options_.skew + options_.inbox_keep};
}

std::vector<store::Record> NeedMarket::Impl::records_of(const beckn::NeedOutcome& outcome) const {
    std::vector<store::Record> records;
    for (const beckn::PublishedNeed& need : outcome.needs) {
        records.push_back({.kind = need_kind,
                           .id = need.id,
                           .corr = need.id,
                           .state = std::string(beckn::to_string(need.state)),
                           .json = json::write(beckn::to_json(need)),
                           .applied_seq = 0});
    }
    for (const beckn::NeedOrder& order : outcome.orders) {
        records.push_back({.kind = need_order_kind,
                           .id = order.transaction(),
                           .corr = order.need,
                           .state = std::string(beckn::to_string(order.step)),
                           .json = json::write(beckn::to_json(order)),
                           .applied_seq = 0});
    }
    return records;
}

audit::Draft NeedMarket::Impl::draft_of(const NeedNews& news, const beckn::NeedOutcome& outcome,
                                        const audit::Actor& actor, const std::string& reason) const {
    json::Object body{{"need_id", news.need}, {"reason", reason}};
    const beckn::PublishedNeed* need = changed_need(outcome, news.need);
    need = need != nullptr ? need : board.need(news.need);
    HEADROOM_ASSERT(need != nullptr);
    body.set("feeder", need->feeder);
    if (!news.why.empty()) {
        body.set("why", news.why);
    }
    if (news.kind == NeedNews::Kind::published) {
        body.set("need", beckn::to_json(*need));
    }
    if (news.kind == NeedNews::Kind::cleared) {
        const beckn::ClearedRound& round = need->clearings.back();
        body.set("round", round.round)
            .set("bids", round.bids)
            .set("cleared_w", flex::to_json(round.cleared_w))
            .set("price_per_mwh", flex::to_json(round.price_per_mwh));
    }
    std::string result = "ok";
    if (const beckn::NeedOrder* order = changed_order(outcome, news.transaction); order != nullptr) {
        body.set("transaction", news.transaction)
            .set("provider", order->peer)
            .set("order_id", order->order.id);
        body.set("failure", order->order.cancellation.substr(0, 1024));
        if (order->awarded_w) {
            body.set("contract_after", flex::to_json(beckn::contract_of(*need, *order)));
        }
        if (news.kind == NeedNews::Kind::settled) {
            body.set("flows", flows_of(order->order.flows));
        }
    }
    return audit::Draft{.type = std::string(type_of(news.kind)),
                        .actor = actor,
                        .body = std::move(body),
                        .corr = news.need,
                        .caus = {},
                        .outcome = std::move(result)};
}

/// What a clearing decided on is kept whole, so that anybody can clear again.
Awaitable<Result<std::vector<audit::Draft>>> NeedMarket::Impl::drafts_of(
    std::shared_ptr<const beckn::NeedOutcome> outcome, audit::Actor actor, std::string reason) {
    auto self = shared_from_this();
    std::vector<audit::Draft> drafts;
    for (const NeedNews& news : outcome->news) {
        if (news.kind == NeedNews::Kind::changed) {
            const beckn::NeedOrder* order = changed_order(*outcome, news.transaction);
            if (order == nullptr || !order->binds()) {
                continue;  // a bid that waits is no contract; the message itself is in the log
            }
        }
        audit::Draft draft = draft_of(news, *outcome, actor, reason);
        if (news.kind == NeedNews::Kind::cleared) {
            json::Array bids;
            for (const auto& [transaction, order] : board.orders) {
                if (order.need == news.need && order.step == beckn::NeedStep::bidding) {
                    bids.push_back(beckn::to_json(order));
                }
            }
            json::Object input =
                json::object({{"need", beckn::to_json(*board.need(news.need))}, {"bids", std::move(bids)}});
            if (const auto money = board.money.find(news.need); money != board.money.end()) {
                input.set("money", beckn::to_json(money->second));
            }
            Result<json::Value> blob = co_await parts_.journal.put_blob(json::write(std::move(input)));
            if (!blob) {
                co_return blob.error();
            }
            draft.body.set("input", std::move(*blob));
        }
        const beckn::NeedOrder* order = changed_order(*outcome, news.transaction);
        const auto verified = verified_.find(news.transaction);
        if (news.kind == NeedNews::Kind::settled && order != nullptr && verified != verified_.end() &&
            is_settled_by_us(*order)) {
            if (const Result<void> put =
                    co_await put_whole(parts_.journal, draft.body, "delivered", to_json(verified->second));
                !put) {
                co_return put.error();
            }
        }
        drafts.push_back(std::move(draft));
    }
    co_return drafts;
}

}  // namespace headroom::agents
