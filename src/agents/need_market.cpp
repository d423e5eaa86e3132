#include "agents/need_market.hpp"

#include "agents/need_market_impl.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace headroom::agents {

using beckn::NeedOutcome;
using beckn::NeedStep;

namespace {

/// Everybody who changes the board goes one after the other.
constexpr const char* the_board = "board";
/// Own readings of an order that are not whole are looked for so often, each time after twice the pause.
constexpr std::int64_t measures_max = 8;

}  // namespace

NeedMarket::NeedMarket(Parts parts, NeedMarketOptions options, std::vector<KnownAggregator> aggregators)
    : impl_(std::make_shared<Impl>(std::move(parts), std::move(options), std::move(aggregators))) {}
NeedMarket::~NeedMarket() = default;

Awaitable<Result<beckn::PublishedNeed>> NeedMarket::publish(beckn::PublishedNeed need, Caller caller) {
    std::string id = need.id;
    beckn::NeedEvent event = beckn::need_event::Publish{std::move(need)};
    return impl_->command(std::move(id), std::move(event), std::move(caller));
}
Awaitable<Result<beckn::PublishedNeed>> NeedMarket::withdraw(std::string need, Caller caller) {
    beckn::NeedEvent event = beckn::need_event::Withdraw{need, caller.reason};
    return impl_->command(std::move(need), std::move(event), std::move(caller));
}
Awaitable<Result<beckn::PublishedNeed>> NeedMarket::close_gate(std::string need, Caller caller) {
    beckn::NeedEvent event = beckn::need_event::CloseGate{need};
    return impl_->command(std::move(need), std::move(event), std::move(caller));
}
Awaitable<net::Response> NeedMarket::on_request(std::string action, net::Request request) {
    return impl_->on_request(std::move(action), std::move(request));
}
const beckn::NeedBoard& NeedMarket::board() const {
    return impl_->board;
}
void NeedMarket::on_change(std::function<void()> handler) {
    impl_->changed = std::move(handler);
}
void NeedMarket::accept(KnownAggregator aggregator) {
    impl_->aggregators.push_back(std::move(aggregator));
}
Awaitable<Result<void>> NeedMarket::recover() {
    return impl_->recover();
}
bool NeedMarket::idle() const {
    return impl_->idle();
}

NeedMarket::Impl::Impl(Parts parts, NeedMarketOptions options, std::vector<KnownAggregator> known)
    : aggregators(std::move(known)),
      parts_(std::move(parts)),
      options_(std::move(options)),
      signer_{options_.subscriber_id, options_.key_id, parts_.key} {
    board.house = {.subscriber_id = options_.subscriber_id,
                   .name = options_.name.empty() ? options_.subscriber_id : options_.name,
                   .url = options_.url,
                   .contact = options_.contact};
    options_.signature.skew = options_.skew;
}

UtcTime NeedMarket::Impl::end_of(const beckn::NeedOrder& order) {
    UtcTime end = UtcTime::min();
    for (std::size_t slot = 0; order.awarded_w && slot < order.awarded_w->values.size(); ++slot) {
        if (order.awarded_w->values[slot] > 0) {
            end = order.awarded_w->time_of(slot + 1);
        }
    }
    return end;
}

Awaitable<Result<beckn::PublishedNeed>> NeedMarket::Impl::command(std::string need, beckn::NeedEvent event,
                                                                  Caller caller) {
    auto self = shared_from_this();
    if (caller.reason.empty()) {
        co_return Error{Errc::invalid, "a reason is needed", "/reason"};
    }
    if (options_.subscriber_id.empty()) {
        co_return Error{
            Errc::conflict,
            "this server has no name in a network. Remedy: set beckn.subscriber_id and beckn.key_id", ""};
    }
    const Turns::Turn turn = co_await turns_.take(the_board);
    const std::shared_ptr<const NeedOutcome> outcome = step(event);
    if (outcome->fault) {
        co_return *outcome->fault;
    }
    audit::Actor actor = actor_of(caller);
    const Result<void> done = co_await carry_out(outcome, std::move(actor), caller.reason);
    co_return done ? Result<beckn::PublishedNeed>(*board.need(need)) : done.error();
}

std::shared_ptr<const NeedOutcome> NeedMarket::Impl::step(const beckn::NeedEvent& event) {
    ask_for_money(event);
    return std::make_shared<const NeedOutcome>(beckn::step(board, event, now()));
}

namespace {

/// Meters that a confirm or an update names anew.
std::vector<std::string> meters_in(const beckn::Body& message) {
    const auto* order = std::get_if<beckn::Order>(&message);
    if (const auto* update = std::get_if<beckn::UpdateRequest>(&message)) {
        order = &update->order;
    }
    return order == nullptr || order->needs.empty() ? std::vector<std::string>{}
                                                    : order->needs.front().meters;
}

}  // namespace

/// Of the needs that the step may contract for.
void NeedMarket::Impl::ask_for_money(const beckn::NeedEvent& event) {
    board.money.clear();
    if (!parts_.money) {
        return;
    }
    const auto* received = std::get_if<beckn::need_event::Received>(&event);
    const beckn::NeedOrder* order =
        received == nullptr ? nullptr : board.order_of(received->message.context.transaction_id);
    const auto* closed = std::get_if<beckn::need_event::CloseGate>(&event);
    const bool is_tick = std::holds_alternative<beckn::need_event::Tick>(event);
    for (const auto& [id, need] : board.needs) {
        const bool is_due = is_tick && need.state == beckn::NeedState::open && now().domain >= need.gate;
        const bool is_meant =
            (order != nullptr && order->need == id) || (closed != nullptr && closed->need == id);
        if (!is_due && !is_meant) {
            continue;
        }
        beckn::NeedSellers sellers;
        for (const auto& [transaction, other] : board.orders) {
            if (other.need == id) {
                const std::vector<std::string>& meters = other.line().meters;
                sellers[other.peer].insert(meters.begin(), meters.end());
            }
        }
        if (order != nullptr && order->need == id) {
            // It alone is judged, by its own meters.
            const std::vector<std::string>& own = order->line().meters;
            sellers[order->peer] = {own.begin(), own.end()};
            for (const std::string& meter : meters_in(received->message.message)) {
                sellers[order->peer].insert(meter);
            }
        }
        if (std::optional<beckn::NeedMoney> money = parts_.money(need, sellers)) {
            board.money.insert_or_assign(id, std::move(*money));
        }
    }
}

/// What nobody's request has led to: written down, then told.
Awaitable<Result<void>> NeedMarket::Impl::carry_out(std::shared_ptr<const NeedOutcome> outcome,
                                                    audit::Actor actor, std::string reason) {
    auto self = shared_from_this();
    const Callbacks callbacks = prepare(*outcome);
    auto kept = std::make_shared<std::vector<store::Record>>();
    for (const auto& out : callbacks) {
        kept->push_back(to_record(record_of(*out)));
    }
    const Result<void> settled = co_await settle(outcome, std::move(actor), std::move(reason), kept);
    if (settled) {
        send_all(callbacks);
    }
    co_return settled;
}

Awaitable<Result<void>> NeedMarket::Impl::settle(std::shared_ptr<const NeedOutcome> outcome,
                                                 audit::Actor actor, std::string reason,
                                                 std::shared_ptr<std::vector<store::Record>> more) {
    auto self = shared_from_this();
    settling = outcome;
    Result<void> done = co_await keep_outcome(outcome, std::move(actor), std::move(reason), std::move(more));
    settling.reset();
    co_return done;
}

Awaitable<Result<void>> NeedMarket::Impl::keep_outcome(std::shared_ptr<const NeedOutcome> outcome,
                                                       audit::Actor actor, std::string reason,
                                                       std::shared_ptr<std::vector<store::Record>> more) {
    auto self = shared_from_this();
    if (!outcome->news.empty()) {
        Result<std::vector<audit::Draft>> drafts =
            co_await drafts_of(outcome, std::move(actor), std::move(reason));
        if (!drafts) {
            co_return drafts.error();
        }
        const Result<audit::Committed> committed = co_await parts_.journal.commit(std::move(*drafts));
        if (!committed) {
            co_return committed.error();
        }
    }
    store::Batch batch;
    batch.puts = records_of(*outcome);
    std::move(more->begin(), more->end(), std::back_inserter(batch.puts));
    const Result<void> kept = co_await parts_.journal.records().keep(std::move(batch));
    if (!kept && outcome->news.empty()) {
        co_return kept;
    }
    if (!kept) {
        // It stands in the log and counts; the disk is in trouble, and the log will say so next.
        log::error("needs and orders cannot be kept", {{"error", kept.error().message}});
    }
    beckn::apply(board, *outcome);
    for (const beckn::NeedOrder& order : outcome->orders) {
        if (order.step == NeedStep::contracted) {
            measure_next_.try_emplace(order.transaction(), end_of(order) + options_.settle_after, 0);
        } else {
            measure_next_.erase(order.transaction());
        }
    }
    arm();
    if (changed) {
        changed();
    }
    co_return Result<void>{};
}

/// One timer, for whatever time changes next.
void NeedMarket::Impl::arm() {
    parts_.clock.cancel(timer_);
    timer_ = 0;
    UtcTime next = board.next_moment();
    for (const auto& [transaction, when] : measure_next_) {
        next = std::min(next, when.first);
    }
    if (next == UtcTime::max()) {
        return;
    }
    const std::weak_ptr<Impl> weak = weak_from_this();
    timer_ = parts_.clock.at(next, [weak] {
        if (const std::shared_ptr<Impl> self = weak.lock()) {
            self->timer_ = 0;
            spawn(self->parts_.executor, self->keep_time());
        }
    });
}

Awaitable<void> NeedMarket::Impl::keep_time() {
    auto self = shared_from_this();
    const std::string token = "needs/time";
    parts_.in_flight.begin(token);
    ++busy_;
    {
        const Turns::Turn turn = co_await turns_.take(the_board);
        beckn::NeedEvent event = beckn::need_event::Tick{};
        const std::shared_ptr<const NeedOutcome> outcome = step(event);
        if (!outcome->needs.empty()) {
            const Result<void> done = co_await carry_out(outcome, system_actor(), "the gate closed");
            if (!done) {
                log::error("a need's gate is closed later, for nothing can be written down",
                           {{"error", done.error().message}});
            }
        }
    }
    std::vector<std::string> due;
    for (const auto& [transaction, when] : measure_next_) {
        if (when.first <= parts_.clock.now()) {
            due.push_back(transaction);
        }
    }
    for (std::string& transaction : due) {
        co_await measure(std::move(transaction));
    }
    // What could not be written down stays due: not at once again.
    if (board.next_moment() > parts_.clock.now()) {
        arm();
    } else {
        const std::weak_ptr<Impl> weak = weak_from_this();
        timer_ = parts_.clock.at(parts_.clock.now() + seconds{10}, [weak] {
            if (const std::shared_ptr<Impl> again = weak.lock()) {
                again->timer_ = 0;
                again->arm();
            }
        });
    }
    --busy_;
    parts_.in_flight.end(token);
}

/// After an order's last slot: what our own meters showed, then its settlement.
Awaitable<void> NeedMarket::Impl::measure(std::string transaction) {
    auto self = shared_from_this();
    const beckn::NeedOrder* order = board.order_of(transaction);
    const auto when = measure_next_.find(transaction);
    if (when == measure_next_.end()) {
        co_return;
    }
    if (order == nullptr || order->step != NeedStep::contracted || ++when->second.second > measures_max) {
        measure_next_.erase(when);
        co_return;
    }
    when->second.first =
        parts_.clock.now() + options_.settle_after * (std::int64_t{1} << when->second.second);
    beckn::need_event::Measured measured{transaction, {}};
    if (parts_.measure) {
        beckn::PublishedNeed need = *board.need(order->need);
        beckn::NeedOrder copy = *order;
        measured.ours = co_await parts_.measure(std::move(need), copy);
        if (measured.ours && parts_.verify) {
            VerifiedDelivery verified = co_await parts_.verify(std::move(copy), *measured.ours);
            if (!verified.wh.empty()) {
                verified_.insert_or_assign(transaction, std::move(verified));
            }
        }
    }
    const Turns::Turn turn = co_await turns_.take(the_board);
    beckn::NeedEvent event = std::move(measured);
    const std::shared_ptr<const NeedOutcome> outcome = step(event);
    if (outcome->orders.empty()) {
        co_return;
    }
    const Result<void> done = co_await carry_out(outcome, system_actor(), "the order's time is over");
    if (!done) {
        log::error("an order is settled later, for nothing can be written down",
                   {{"transaction", transaction}, {"error", done.error().message}});
        co_return;
    }
    auto verified = verified_.extract(transaction);
    if (!verified.empty() && parts_.delivered && is_settled_by_us(outcome->orders.front())) {
        parts_.delivered(std::move(verified.mapped()));
    }
}

}  // namespace headroom::agents
