#include "sim/aggregator.hpp"

#include "beckn/ack.hpp"
#include "beckn/codec.hpp"
#include "core/random.hpp"
#include "core/units.hpp"
#include "net/json_text.hpp"

#include <algorithm>
#include <utility>

namespace headroom::sim {

using beckn::Action;

namespace {

constexpr std::uint64_t curve_stream = 91;

/// What it will have delivered by its own account, spread over its meters.
flex::Performance evidence_of(const beckn::Order& order, std::int64_t delivered_ppm) {
    const beckn::NeedLine& line = order.needs.front();
    flex::Performance performance;
    performance.id = "evidence-" + order.id;
    performance.state = "COMPLETED";
    performance.event = line.resource;
    performance.methodology = "5of10";
    performance.commitments = {line.id};
    const auto count = static_cast<std::int64_t>(line.meters.size());
    for (const std::string& meter : line.meters) {
        flex::IntervalGrid baseline{.start = line.bid->start, .step = line.bid->step, .values = {}};
        flex::IntervalGrid usage = baseline;
        for (std::size_t slot = 0; slot < line.bid->curve.size(); ++slot) {
            const std::int64_t awarded = line.bid->cleared_w ? line.bid->cleared_w->values[slot]
                                                             : line.bid->curve[slot].front().power_w;
            const std::int64_t share = awarded / count * delivered_ppm / whole_ppm;
            baseline.values.push_back(awarded * 2);
            usage.values.push_back(awarded * 2 - share);
        }
        performance.meters.push_back(
            {.meter = meter, .baseline_w = std::move(baseline), .usage_w = std::move(usage)});
    }
    return performance;
}

}  // namespace

Ed25519KeyPair aggregator_key(const AggregatorSpec& spec) {
    const Sha256 seed =
        sha256("headroom simulated aggregator\n" + std::to_string(spec.seed) + "\n" + spec.id);
    return Ed25519KeyPair::from_secret(as_chars(seed)).value();
}

Aggregator::Aggregator(Parts parts, AggregatorSpec spec, NeedBuyer buyer)
    : parts_(std::move(parts)),
      spec_(std::move(spec)),
      buyer_(std::move(buyer)),
      signer_{spec_.subscriber_id, "k1", aggregator_key(spec_)},
      rules_(beckn::rules_of(beckn::SignatureProfile::nfh004)) {
    if (spec_.meters.empty()) {
        spec_.meters.push_back(spec_.id + "-meter-1");
    }
}

void Aggregator::mount(net::HttpServer& server, const std::string& prefix) {
    auto handler = [this](net::Request request) -> Awaitable<net::Response> {
        std::string action = request.path_parameter("action");
        return take(std::move(action), std::move(request));
    };
    server.route("POST", prefix + "/" + spec_.id + "/{action}", std::move(handler));
}

Awaitable<net::Response> Aggregator::take(std::string action, net::Request request) {
    if (failing_ > 0) {
        --failing_;
        co_return net::problem(503, "Simulated fault", "as configured");
    }
    const beckn::Decoded decoded = beckn::decode(request.body);
    if (!decoded.envelope || beckn::parse_action(action) != decoded.envelope->context.action) {
        beckn::AckAnswer nack = beckn::nack_answer(
            beckn::WireVersion::v2_lts, {{}, {}, parts_.wall.now()},
            beckn::make_error(beckn::WireVersion::v2_lts, beckn::ErrorCode::sch_schema_validation_failed,
                              decoded.describe_faults()));
        co_return net::json_text(nack.http_status, std::move(nack.body));
    }
    const beckn::Envelope& envelope = *decoded.envelope;
    heard_.emplace_back(beckn::to_string(envelope.context.action));
    if (const auto* order = std::get_if<beckn::Order>(&envelope.message);
        order != nullptr && !order->needs.empty()) {
        orders_.insert_or_assign(envelope.context.transaction_id, *order);
    }
    if (const auto waiting = open_.find(envelope.context.message_id); waiting != open_.end()) {
        waiting->second->set(envelope);
    }
    beckn::AckAnswer ack =
        beckn::ack_answer(beckn::WireVersion::v2_lts,
                          {envelope.context.transaction_id, envelope.context.message_id, parts_.wall.now()});
    co_return net::json_text(ack.http_status, std::move(ack.body));
}

Awaitable<Result<net::ClientResponse>> Aggregator::send(Action action, std::string bytes) {
    net::ClientRequest request;
    request.method = "POST";
    request.url = buyer_.url + "/" + std::string(beckn::to_string(action, beckn::WireVersion::v2_lts));
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Authorization", beckn::sign(rules_, signer_, parts_.wall.now(), seconds{30}, bytes));
    request.body = std::move(bytes);
    request.max_response_bytes = beckn::ack_bytes_max;
    co_return co_await parts_.http.send(std::move(request));
}

Awaitable<Result<beckn::Body>> Aggregator::ask(Action action, beckn::Body body, std::string transaction,
                                               milliseconds wait) {
    beckn::Envelope envelope{
        .version = beckn::WireVersion::v2_lts, .context = {}, .message = std::move(body), .error = {}};
    beckn::Context& context = envelope.context;
    context.action = action;
    context.bap_id = spec_.subscriber_id;
    context.bap_uri = url_;
    context.bpp_id = buyer_.subscriber_id;
    context.bpp_uri = buyer_.public_url.empty() ? buyer_.url : buyer_.public_url;
    context.transaction_id = std::move(transaction);
    context.message_id = make_uuid(context.transaction_id + spec_.id + std::to_string(++messages_));
    context.timestamp = parts_.wall.now();
    context.ttl = wait;
    Result<std::string> bytes = beckn::encode(envelope);
    if (!bytes) {
        co_return bytes.error();
    }
    const std::string token = beckn::flight_token(context.message_id, action);
    const auto slot = std::make_shared<Answer>(parts_.executor, parts_.clock);
    open_[context.message_id] = slot;
    parts_.in_flight.begin(token);
    last_request_ = *bytes;
    const UtcTime deadline = parts_.clock.now() + wait;
    std::string raw = std::move(*bytes);
    const Result<net::ClientResponse> response = co_await send(action, std::move(raw));
    const beckn::Ack ack = response ? beckn::read_ack(response->status, response->body) : beckn::Ack{};
    std::optional<beckn::Envelope> answer;
    if (ack.kind == beckn::AckKind::accepted) {
        answer = co_await slot->wait(deadline);
    }
    open_.erase(context.message_id);
    parts_.in_flight.end(token);
    if (!response) {
        co_return response.error();
    }
    if (ack.kind != beckn::AckKind::accepted) {
        co_return Error{Errc::invalid, beckn::describe(ack.error), ack.error.paths};
    }
    if (!answer) {
        co_return Error{Errc::timeout, "no callback came", ""};
    }
    if (answer->error) {
        co_return Error{Errc::invalid, beckn::describe(*answer->error), answer->error->paths};
    }
    co_return std::move(answer->message);
}

beckn::NeedLine Aggregator::offer_for(const beckn::NeedLine& need) const {
    const Random random(spec_.seed);
    const flex::IntervalGrid& wanted = need.need->requested_w;
    beckn::NeedLine line{.id = "line-1", .resource = need.resource, .offer = need.offer};
    line.currency = need.currency;
    line.seller = spec_.subscriber_id;
    line.meters = spec_.meters;
    flex::Bid bid{
        .start = wanted.start, .step = wanted.step, .curve = {}, .is_priced = !need.need->price_per_mwh};
    for (std::size_t slot = 0; slot < wanted.values.size(); ++slot) {
        const std::int64_t most = std::min(spec_.power_w, wanted.values[slot]);
        std::vector<flex::BidStep> steps;
        std::int64_t price = spec_.ask_per_mwh;
        const std::int64_t count = bid.is_priced ? std::max<std::int64_t>(1, spec_.steps) : 1;
        for (std::int64_t step = 1; step <= count; ++step) {
            steps.push_back({.power_w = most * step / count, .price_per_mwh = bid.is_priced ? price : 0});
            price +=
                1'000'000 * static_cast<std::int64_t>(random.below(
                                40, Random::key(spec_.id), static_cast<std::uint64_t>(step), curve_stream));
        }
        bid.curve.push_back(std::move(steps));
    }
    line.bid = std::move(bid);
    return line;
}

Awaitable<Result<beckn::Order>> Aggregator::bid(std::string need, std::string transaction,
                                                milliseconds wait) {
    beckn::Body intent = beckn::SearchIntent{};
    const Result<beckn::Body> found = co_await ask(Action::search, std::move(intent), transaction);
    if (!found) {
        co_return found.error();
    }
    beckn::Order order;
    for (const beckn::Catalog& catalog : beckn::catalogs_of(*found)) {
        for (const beckn::NeedLine& line : catalog.needs) {
            if (line.resource == need && line.need) {
                order.provider = catalog.provider;
                order.needs = {offer_for(line)};
            }
        }
    }
    if (order.needs.empty()) {
        co_return Error{Errc::not_found, "no need " + need + " is offered", ""};
    }
    Result<beckn::Body> told = beckn::Body{};
    for (const Action action : {Action::select, Action::init, Action::confirm}) {
        order.draft = action != Action::confirm;
        beckn::Body body = order;
        told = co_await ask(action, std::move(body), transaction,
                            action == Action::confirm ? wait : milliseconds{seconds{30}});
        if (!told) {
            co_return told.error();
        }
    }
    auto* confirmed = std::get_if<beckn::Order>(&*told);
    if (confirmed == nullptr) {
        co_return Error{Errc::corrupt, "the confirmation holds no contract", ""};
    }
    co_return std::move(*confirmed);
}

Awaitable<Result<beckn::Order>> Aggregator::report(std::string transaction) {
    const beckn::Order* known = order(transaction);
    if (known == nullptr || !known->needs.front().bid) {
        co_return Error{Errc::not_found, "there is no contract in " + transaction, ""};
    }
    beckn::Order update;
    update.id = known->id;
    update.provider = known->provider;
    update.status = beckn::OrderStatus::active;
    update.performance = {evidence_of(*known, spec_.delivered_ppm)};
    beckn::Body body = beckn::UpdateRequest{std::move(update)};
    Result<beckn::Body> told = co_await ask(Action::update, std::move(body), transaction);
    if (!told) {
        co_return told.error();
    }
    co_return std::get<beckn::Order>(std::move(*told));
}

Awaitable<Result<beckn::Order>> Aggregator::cancel(std::string transaction, std::string reason) {
    const beckn::Order* known = order(transaction);
    if (known == nullptr) {
        co_return Error{Errc::not_found, "there is no contract in " + transaction, ""};
    }
    beckn::Body body = beckn::CancelRequest{known->id, std::move(reason)};
    Result<beckn::Body> told = co_await ask(Action::cancel, std::move(body), transaction);
    if (!told) {
        co_return told.error();
    }
    co_return std::get<beckn::Order>(std::move(*told));
}

const beckn::Order* Aggregator::order(const std::string& transaction) const {
    const auto found = orders_.find(transaction);
    return found == orders_.end() ? nullptr : &found->second;
}

}  // namespace headroom::sim
