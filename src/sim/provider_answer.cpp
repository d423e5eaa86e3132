#include "core/log.hpp"
#include "sim/provider_impl.hpp"

#include <algorithm>
#include <utility>

// From an acknowledged request to its callback.
namespace headroom::sim {

using beckn::Action;

namespace {

constexpr std::size_t answers_max = 5000;
constexpr milliseconds long_ago = minutes{10};

/// In 2.0 a callback has a message even where it tells an error: what was asked for.
beckn::Body beside_error(const beckn::Envelope& request) {
    if (const auto* order = std::get_if<beckn::Order>(&request.message)) {
        return *order;
    }
    if (const auto* update = std::get_if<beckn::UpdateRequest>(&request.message)) {
        return update->order;
    }
    return beckn::NoMessage{};
}

}  // namespace

std::string ProviderSim::Impl::own_url(const ProviderSpec& spec) const {
    return (options_.public_url.empty() ? options_.base_url : options_.public_url) + "/" + spec.id;
}

Result<std::string> ProviderSim::Impl::callback_bytes(const Counter& counter, beckn::Envelope envelope,
                                                      const DrawnFaults& drawn) const {
    const ProviderSpec& spec = counter.desk.spec();
    beckn::Context& context = envelope.context;
    if (drawn.has(FaultKind::wrong_message_id)) {
        context.message_id = make_uuid("not the request's\n" + context.message_id);
    }
    context.action = beckn::callback_of(context.action);
    context.bpp_id = spec.subscriber_id;
    context.bpp_uri = own_url(spec);
    context.timestamp = parts_.wall.now();
    if (drawn.has(FaultKind::skewed_clock)) {
        context.timestamp += spec.faults.sizes.skew;
    }
    context.ttl = options_.ttl;
    return beckn::encode(envelope);
}

std::vector<std::string> ProviderSim::Impl::bytes_of(const Received& received,
                                                     ProviderDesk::Reply reply) const {
    std::vector<beckn::Body> bodies;
    bodies.push_back(std::move(reply.message));
    std::move(reply.more.begin(), reply.more.end(), std::back_inserter(bodies));
    if (reply.error && beckn::is_v2(received.envelope->version)) {
        bodies.front() = beside_error(*received.envelope);
    }
    std::vector<std::string> callbacks;
    for (beckn::Body& body : bodies) {
        if (auto* catalog = std::get_if<beckn::Catalog>(&body);
            catalog != nullptr && beckn::is_v2(received.envelope->version)) {
            name_catalog(received.counter->desk.spec(), *catalog);
        }
        if (auto* tracking = std::get_if<beckn::Tracking>(&body)) {
            tracking->url = own_url(received.counter->desk.spec()) + "/" + tracking->url;
        }
        beckn::Envelope envelope{.version = received.envelope->version,
                                 .context = received.context(),
                                 .message = std::move(body),
                                 .error = reply.error};
        Result<std::string> bytes = callback_bytes(*received.counter, std::move(envelope), received.drawn);
        if (!bytes) {
            log::error("a simulated provider cannot say its answer", {{"error", bytes.error().message}});
            return {};
        }
        callbacks.push_back(std::move(*bytes));
    }
    return callbacks;
}

/// Makes up the callbacks and writes the order book.
Awaitable<std::vector<std::string>> ProviderSim::Impl::make_answer(std::shared_ptr<const Received> received) {
    Counter& counter = *received->counter;
    const beckn::Context& context = received->context();
    if (received->is_repeat) {
        if (const auto given = counter.answers.find(received->key()); given != counter.answers.end()) {
            co_return given->second;
        }
    }
    const BookedOrder* before = counter.desk.find(context.transaction_id);
    const bool is_known = context.action == Action::confirm && before != nullptr &&
                          before->confirm_message_id == context.message_id && !before->confirm_answer.empty();
    if (is_known) {
        co_return std::vector<std::string>{before->confirm_answer};  // kept by an earlier process
    }
    ProviderDesk::Reply reply =
        counter.desk.reply_to(*received->envelope, catalogue_, parts_.clock.now(), received->drawn);
    const bool is_booked = reply.booked;
    std::vector<std::string> callbacks = bytes_of(*received, std::move(reply));
    if (is_booked) {
        if (context.action == Action::confirm && !callbacks.empty()) {
            counter.desk.find(context.transaction_id)->confirm_answer = callbacks.front();
        }
        const Result<void> written = co_await write(received->counter, context.transaction_id);
        if (!written) {
            log::error("a simulated provider cannot keep its orders", {{"error", written.error().message}});
            co_return std::vector<std::string>{};
        }
        if (received->drawn.has(FaultKind::crash)) {
            crash(counter);
            co_return std::vector<std::string>{};
        }
    }
    if (counter.answers.size() >= answers_max) {
        counter.answers.clear();
    }
    counter.answers[received->key()] = callbacks;
    co_return callbacks;
}

/// The order is written down and nobody has been told.
void ProviderSim::Impl::crash(Counter& counter) {
    log::warn("a simulated provider crashes between confirm and on_confirm",
              {{"provider", counter.desk.spec().id}});
    if (options_.crash) {
        options_.crash();
    }
    counter.answers.clear();
    counter.sends.clear();
    counter.desk.forget();
    inbox_ = beckn::Inbox();
}

milliseconds ProviderSim::Impl::delay_of(const Received& received) const {
    const ProviderFaults& faults = received.counter->desk.spec().faults;
    const milliseconds ttl = received.context().ttl.value_or(options_.ttl);
    milliseconds delay = faults.answer_delay;
    if (received.drawn.has(FaultKind::delay)) {
        delay += milliseconds{
            received.drawn.between(FaultKind::delay, 1, std::min(faults.sizes.delay_max, ttl / 2).count())};
    }
    if (received.drawn.has(FaultKind::reorder)) {
        delay += faults.sizes.reorder_by;
    }
    if (received.drawn.has(FaultKind::late)) {
        delay += ttl + faults.sizes.late_by;
    }
    return delay;
}

Awaitable<void> ProviderSim::Impl::answer(Received taken) {
    const auto self = shared_from_this();
    const auto received = std::make_shared<const Received>(std::move(taken));
    const beckn::Context& context = received->context();
    const ProviderFaults& faults = received->counter->desk.spec().faults;
    const DrawnFaults& drawn = received->drawn;
    Delivery model{.url = callback_url(context, received->envelope->version),
                   .bytes = {},
                   .token = beckn::flight_token(context.message_id, context.action),
                   .twice = faults.answers_twice || drawn.has(FaultKind::duplicate),
                   .by_stranger = faults.wrong_key || drawn.has(FaultKind::bad_signature),
                   .clock_off = milliseconds{0},
                   .version = received->envelope->version,
                   .request_authorization = received->authorization};
    if (drawn.has(FaultKind::skewed_clock)) {
        model.clock_off = faults.sizes.skew;
    }
    if (drawn.has(FaultKind::expired_signature)) {
        model.clock_off = -(options_.ttl + long_ago);
    }
    ++sending_;
    std::vector<std::string> callbacks = co_await make_answer(received);
    if (faults.never_answers || received->is_silent || drawn.has(FaultKind::drop)) {
        callbacks.clear();
    }
    if (callbacks.empty()) {
        parts_.in_flight.end(model.token);
    }
    const milliseconds delay = delay_of(*received);
    if (!callbacks.empty() && delay > milliseconds{0}) {
        parts_.in_flight.end(model.token);
        model.token.clear();
        --sending_;  // waiting for the clock is no reason for the clock to wait
        const UtcTime due = parts_.clock.now() + delay;
        co_await wait_until(parts_.clock, due);
        ++sending_;
    }
    for (std::string& bytes : callbacks) {
        auto delivery = std::make_shared<Delivery>(model);
        delivery->bytes = faults.garbage ? "{\"context\": this is no JSON" : std::move(bytes);
        co_await deliver(received->counter, std::move(delivery));
    }
    --sending_;
    const bool is_fresh_order = context.action == Action::confirm && !received->is_repeat;
    if (is_fresh_order &&
        (drawn.has(FaultKind::unsolicited_cancel) || drawn.has(FaultKind::unsolicited_update))) {
        spawn(parts_.executor, think_again(received));
    }
}

/// A while after its confirmation the provider takes power back, or all of it.
Awaitable<void> ProviderSim::Impl::think_again(std::shared_ptr<const Received> received) {
    const auto self = shared_from_this();
    const ProviderSpec spec = received->counter->desk.spec();
    const std::string& transaction = received->context().transaction_id;
    const UtcTime due = parts_.clock.now() + spec.faults.sizes.unsolicited_after;
    co_await wait_until(parts_.clock, due);
    Result<void> told;
    if (received->drawn.has(FaultKind::unsolicited_update)) {
        const std::int64_t share =
            received->drawn.between(FaultKind::unsolicited_update, spec.faults.sizes.commit_ppm_min,
                                    spec.faults.sizes.commit_ppm_max);
        told = co_await reduce_on_its_own(spec.id, transaction, share);
    }
    if (received->drawn.has(FaultKind::unsolicited_cancel)) {
        told = co_await cancel_on_its_own(spec.id, transaction, "a simulated change of mind");
    }
    if (!told && told.error().code != Errc::not_found) {
        log::error("a simulated provider cannot keep its orders", {{"error", told.error().message}});
    }
}

Awaitable<Result<void>> ProviderSim::Impl::cancel_on_its_own(std::string provider, std::string transaction,
                                                             std::string reason) {
    const auto self = shared_from_this();
    Counter* counter = find(provider);
    std::optional<beckn::Order> order;
    if (counter != nullptr) {
        order = counter->desk.cancel(transaction, reason);
    }
    if (!order) {
        co_return Error{Errc::not_found, "provider " + provider + " holds no live order of " + transaction,
                        ""};
    }
    co_return co_await tell_unasked(counter, std::move(transaction), Action::cancel, std::move(*order));
}

Awaitable<Result<void>> ProviderSim::Impl::reduce_on_its_own(std::string provider, std::string transaction,
                                                             std::int64_t share_ppm) {
    const auto self = shared_from_this();
    Counter* counter = find(provider);
    std::optional<beckn::Order> order;
    if (counter != nullptr) {
        order = counter->desk.reduce(transaction, share_ppm);
    }
    if (!order) {
        co_return Error{Errc::not_found, "provider " + provider + " holds no live order of " + transaction,
                        ""};
    }
    co_return co_await tell_unasked(counter, std::move(transaction), Action::update, std::move(*order));
}

/// Writes the order book, then sends the callback under a message id of its own.
Awaitable<Result<void>> ProviderSim::Impl::tell_unasked(Counter* counter, std::string transaction,
                                                        Action action, beckn::Order order) {
    Result<void> written = co_await write(counter, transaction);
    if (!written) {
        co_return written;
    }
    const BookedOrder& booked = *counter->desk.find(transaction);
    beckn::Envelope envelope{
        .version = booked.version, .context = booked.context, .message = std::move(order), .error = {}};
    envelope.context.action = action;
    // The wall clock keeps the id fresh over restarts.
    envelope.context.message_id =
        make_uuid(transaction + "/own/" + counter->desk.spec().id + "/" + format_utc(parts_.wall.now()) +
                  "/" + std::to_string(++own_messages_));
    auto delivery = std::make_shared<Delivery>();
    delivery->url = callback_url(envelope.context, envelope.version);
    delivery->version = envelope.version;
    delivery->by_stranger = counter->desk.spec().faults.wrong_key;
    Result<std::string> bytes = callback_bytes(*counter, std::move(envelope), {});
    if (!bytes) {
        co_return bytes.error();
    }
    delivery->bytes = std::move(*bytes);
    ++sending_;
    co_await deliver(counter, std::move(delivery));
    --sending_;
    co_return Result<void>{};
}

}  // namespace headroom::sim
