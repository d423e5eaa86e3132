#include "beckn/ack.hpp"
#include "core/log.hpp"
#include "sim/provider_impl.hpp"

#include <utility>

namespace headroom::sim {

using beckn::Action;
using beckn::ErrorCode;

namespace {

constexpr int sends_max = 3;
constexpr milliseconds resend_after{100};
constexpr std::size_t answers_max = 5000;
constexpr std::size_t ack_max = 64UL * 1024;
constexpr std::size_t ahead_bytes_kept = 1UL << 20U;  // emptied above this, once the store has everything
constexpr std::size_t ahead_bytes_max = 32UL << 20U;

net::Response json_text(int status, std::string body) {
    return net::Response{
        .status = status, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

net::Response nack(const beckn::MessageError& error) {
    return json_text(200, beckn::write_nack(error));
}

}  // namespace

std::vector<ProviderSim::Impl::Counter*> ProviderSim::Impl::targets(const std::string& provider,
                                                                    const beckn::Envelope& request) {
    std::vector<Counter*> found;
    if (provider.empty() && request.context.action == Action::search && request.context.bpp_id.empty()) {
        for (const std::unique_ptr<Counter>& counter : counters_) {
            found.push_back(counter.get());
        }
        return found;
    }
    Counter* counter = provider.empty() ? find_subscriber(request.context.bpp_id) : find(provider);
    const bool is_addressed =
        counter != nullptr &&
        (request.context.bpp_id.empty() || request.context.bpp_id == counter->desk.spec().subscriber_id);
    if (is_addressed) {
        found.push_back(counter);
    }
    return found;
}

Awaitable<net::Response> ProviderSim::Impl::handle(std::string provider, std::string action,
                                                   net::Request request) {
    const std::optional<Action> wanted = beckn::parse_action(action == "discover" ? "search" : action);
    Counter* own = provider.empty() ? nullptr : find(provider);
    if (!wanted || beckn::is_callback(*wanted) || (!provider.empty() && own == nullptr)) {
        co_return net::problem(404, "Not Found", "no provider serves /" + provider + "/" + action);
    }
    if (own != nullptr && own->desk.spec().faults.http_status > 0) {
        co_return net::problem(own->desk.spec().faults.http_status, "Simulated fault", "as configured");
    }
    const UtcTime now = parts_.wall.now();
    const beckn::KeyLookup keys = [this](std::string_view subscriber,
                                         std::string_view key) -> std::optional<Ed25519PublicKey> {
        for (const KnownBuyer& buyer : options_.buyers) {
            if (buyer.subscriber_id == subscriber && buyer.key_id == key) {
                return buyer.public_key;
            }
        }
        return std::nullopt;
    };
    const Result<beckn::VerifiedSender> sender = beckn::verify_authorization(
        request.headers.get("Authorization"), request.body, keys, now, options_.skew);
    if (!sender) {
        log::debug("a simulated provider refused a signature", {{"reason", sender.error().message}});
        net::Response response =
            json_text(401, beckn::write_nack(beckn::make_error(ErrorCode::aut_signature_invalid,
                                                               "the signature was refused")));
        response.headers.set("WWW-Authenticate",
                             beckn::challenge(own != nullptr ? own->desk.spec().subscriber_id : "mock-bpp"));
        co_return response;
    }
    const beckn::Decoded decoded = beckn::decode(request.body);
    if (!decoded.envelope) {
        const std::string pointer = decoded.faults.empty() ? "" : decoded.faults.front().pointer;
        co_return nack(
            beckn::make_error(ErrorCode::sch_schema_validation_failed, decoded.describe_faults(), pointer));
    }
    const auto envelope = std::make_shared<const beckn::Envelope>(*decoded.envelope);
    if (envelope->context.action != *wanted) {
        co_return nack(
            beckn::make_error(ErrorCode::ctx_action_mismatch, "the path says " + action, "/context/action"));
    }
    if (envelope->context.bap_id != sender->subscriber) {
        co_return nack(beckn::make_error(ErrorCode::aut_unauthorized_action, "the signer is not bap_id",
                                         "/context/bap_id"));
    }
    if (envelope->context.timestamp + envelope->context.ttl.value_or(options_.ttl) < now) {
        co_return nack(
            beckn::make_error(ErrorCode::ctx_ttl_expired, "the message is too old", "/context/timestamp"));
    }
    const std::vector<Counter*> called = targets(provider, *envelope);
    if (called.empty()) {
        co_return nack(
            beckn::make_error(ErrorCode::biz_provider_not_found, "no such provider", "/context/bpp_id"));
    }
    const Sha256 digest = sha256(request.body);
    net::Response response;
    for (Counter* counter : called) {
        response = acknowledge(*counter, *envelope, digest);
        if (response.status != 200 || beckn::read_ack(200, response.body).kind != beckn::AckKind::accepted) {
            continue;
        }
        const std::string key = std::string(beckn::to_string(*wanted)) + "/" + envelope->context.message_id;
        spawn(parts_.executor, answer(counter, envelope, counter->answers.contains(key)));
    }
    co_return called.size() > 1 ? json_text(200, beckn::write_ack()) : response;
}

/// The synchronous answer: the same bytes again get the same one.
net::Response ProviderSim::Impl::acknowledge(Counter& counter, const beckn::Envelope& request,
                                             const Sha256& digest) {
    const beckn::Context& context = request.context;
    const std::string sender = context.bap_id + "/" + counter.desk.spec().id;
    inbox_.forget_before(parts_.wall.now());
    const beckn::Inbox::Seen seen = inbox_.judge(sender, context.action, context.message_id, digest);
    if (seen.verdict == beckn::InboxVerdict::conflict) {
        return nack(beckn::make_error(ErrorCode::ctx_message_id_duplicate,
                                      "another message came under this id", "/context/message_id"));
    }
    if (seen.verdict == beckn::InboxVerdict::repeat) {
        return json_text(200, seen.entry->answer);
    }
    const bool refuses = counter.desk.spec().faults.nack;
    std::string body = refuses ? beckn::write_nack(beckn::make_error(ErrorCode::biz_generic_error,
                                                                     "this provider takes no orders now"))
                               : beckn::write_ack();
    inbox_.remember(sender, context.action, context.message_id,
                    {.digest = digest,
                     .accepted = !refuses,
                     .answer = body,
                     .keep_until = parts_.wall.now() + options_.ttl + options_.skew + hours{1}});
    return json_text(200, std::move(body));
}

std::string ProviderSim::Impl::callback_bytes(const Counter& counter, beckn::Context context,
                                              beckn::Body message,
                                              std::optional<beckn::MessageError> error) const {
    const ProviderSpec& spec = counter.desk.spec();
    context.action = beckn::callback_of(context.action);
    context.bpp_id = spec.subscriber_id;
    context.bpp_uri = options_.base_url + "/" + spec.id;
    context.timestamp = parts_.wall.now();
    context.ttl = options_.ttl;
    const beckn::Envelope envelope{.version = beckn::WireVersion::v11,
                                   .context = std::move(context),
                                   .message = std::move(message),
                                   .error = std::move(error)};
    return beckn::encode(envelope).value();
}

Awaitable<Result<void>> ProviderSim::Impl::write(Counter* counter, std::string transaction) {
    const BookedOrder* booked = counter->desk.find(transaction);
    HEADROOM_ASSERT(booked != nullptr);
    store::Batch batch;
    batch.puts.push_back({.kind = order_kind,
                          .id = counter->desk.spec().id + "." + transaction,
                          .corr = transaction,
                          .state = counter->desk.spec().id,
                          .json = json::write(to_json(*booked)),
                          .applied_seq = 0});
    if (parts_.ahead != nullptr) {
        co_return put_ahead(std::move(batch));
    }
    auto job = [this, batch = std::move(batch)] { return parts_.orders.write(batch); };
    co_return co_await writer_.run(std::move(job));
}

/// A batch that the store refuses stays in the file, and everything after it: a restart writes them in order.
Result<void> ProviderSim::Impl::put_ahead(store::Batch batch) {
    store::AheadFile& ahead = *parts_.ahead;
    if (ahead.size() > ahead_bytes_kept && following_.load(std::memory_order_acquire) == 0) {
        if (Result<void> cleared = ahead.clear(); !cleared) {
            return cleared;
        }
    }
    if (ahead.size() > ahead_bytes_max) {
        return Error{Errc::unavailable, "the order book has fallen too far behind the file ahead of it"};
    }
    if (Result<void> appended = ahead.append(batch); !appended) {
        return appended;
    }
    following_.fetch_add(1, std::memory_order_acq_rel);
    writer_.post([this, batch = std::move(batch)] {
        if (const Result<void> written = parts_.orders.write(batch); written) {
            following_.fetch_sub(1, std::memory_order_release);
        } else {
            log::error("the order book cannot follow the file ahead of it",
                       {{"error", written.error().message}});
        }
    });
    return {};
}

/// Makes up the callback, writes the order book, then sends.
Awaitable<void> ProviderSim::Impl::answer(Counter* counter, std::shared_ptr<const beckn::Envelope> request,
                                          bool is_repeat) {
    const auto self = shared_from_this();
    const beckn::Context& context = request->context;
    const ProviderFaults faults = counter->desk.spec().faults;
    const std::string key = std::string(beckn::to_string(context.action)) + "/" + context.message_id;
    auto delivery = std::make_shared<Delivery>();
    delivery->token = beckn::flight_token(context.message_id, context.action);
    delivery->url = context.bap_uri + "/" + std::string(beckn::to_string(beckn::callback_of(context.action)));
    delivery->twice = faults.answers_twice;
    ++sending_;
    if (is_repeat) {
        delivery->bytes = counter->answers[key];
    } else {
        const BookedOrder* booked = counter->desk.find(context.transaction_id);
        const bool is_known = context.action == Action::confirm && booked != nullptr &&
                              booked->confirm_message_id == context.message_id;
        if (is_known) {
            delivery->bytes = booked->confirm_answer;  // kept by an earlier process
        } else {
            ProviderDesk::Reply reply = counter->desk.reply_to(*request, catalogue_, parts_.clock.now());
            delivery->bytes =
                callback_bytes(*counter, context, std::move(reply.message), std::move(reply.error));
            if (reply.booked) {
                if (context.action == Action::confirm) {
                    counter->desk.find(context.transaction_id)->confirm_answer = delivery->bytes;
                }
                const Result<void> written = co_await write(counter, context.transaction_id);
                if (!written) {
                    log::error("a simulated provider cannot keep its orders",
                               {{"error", written.error().message}});
                    parts_.in_flight.end(delivery->token);
                    --sending_;
                    co_return;
                }
            }
        }
        if (counter->answers.size() >= answers_max) {
            counter->answers.clear();
        }
        counter->answers[key] = delivery->bytes;
    }
    if (faults.never_answers) {
        parts_.in_flight.end(delivery->token);
    } else {
        if (faults.garbage) {
            delivery->bytes = "{\"context\": this is no JSON";
        }
        if (faults.answer_delay > milliseconds{0}) {
            parts_.in_flight.end(delivery->token);
            delivery->token.clear();
            --sending_;  // waiting for the clock is no reason for the clock to wait
            const UtcTime due = parts_.clock.now() + faults.answer_delay;
            co_await wait_until(parts_.clock, due);
            ++sending_;
        }
        co_await deliver(counter, delivery);
    }
    --sending_;
}

/// True when the buyer took it.
Awaitable<bool> ProviderSim::Impl::send_once(Counter* counter, std::shared_ptr<const Delivery> delivery) {
    const bool is_stranger = counter->desk.spec().faults.wrong_key;
    const beckn::Signer& signer = is_stranger ? counter->stranger : counter->signer;
    for (int send = 1; send <= sends_max; ++send) {
        net::ClientRequest request;
        request.method = "POST";
        request.url = delivery->url;
        request.headers.add("Content-Type", "application/json");
        request.headers.add("Authorization", beckn::make_authorization(signer, parts_.wall.now(),
                                                                       options_.ttl, delivery->bytes));
        request.body = delivery->bytes;
        request.max_response_bytes = ack_max;
        const Result<net::ClientResponse> response = co_await parts_.http.send(std::move(request));
        const beckn::Ack ack = response ? beckn::read_ack(response->status, response->body) : beckn::Ack{};
        if (ack.kind != beckn::AckKind::failed) {
            co_return ack.kind == beckn::AckKind::accepted || ack.kind == beckn::AckKind::closed;
        }
        if (send < sends_max) {
            asio::steady_timer timer(parts_.executor, resend_after * send);
            auto token = asio::as_tuple(asio::use_awaitable);
            co_await timer.async_wait(token);
        }
    }
    co_return false;
}

Awaitable<void> ProviderSim::Impl::deliver(Counter* counter, std::shared_ptr<const Delivery> delivery) {
    const auto self = shared_from_this();
    const bool is_taken = co_await send_once(counter, delivery);
    if (!is_taken && !delivery->token.empty()) {
        // The buyer will hear nothing more of this, so its clock may run to the deadline.
        parts_.in_flight.end(delivery->token);
    }
    if (delivery->twice) {
        static_cast<void>(co_await send_once(counter, delivery));
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
    const Result<void> written = co_await write(counter, transaction);
    if (!written) {
        co_return written;
    }
    beckn::Context context = counter->desk.find(transaction)->context;
    context.action = Action::cancel;
    context.message_id = make_uuid(transaction + "/own/" + provider + "/" + std::to_string(++own_messages_));
    auto delivery = std::make_shared<Delivery>();
    delivery->url = context.bap_uri + "/on_cancel";
    delivery->bytes = callback_bytes(*counter, std::move(context), std::move(*order), std::nullopt);
    co_await deliver(counter, delivery);
    co_return Result<void>{};
}

}  // namespace headroom::sim
