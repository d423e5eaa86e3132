#include "agents/search_gateway.hpp"

#include "agents/service_times.hpp"
#include "beckn/ack.hpp"
#include "beckn/codec.hpp"
#include "beckn/inbox.hpp"
#include "beckn/nack.hpp"
#include "beckn/outbox.hpp"
#include "beckn/post.hpp"
#include "beckn/signature_identity.hpp"
#include "beckn/signature_verify.hpp"
#include "core/async.hpp"
#include "core/log.hpp"
#include "net/json_text.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace headroom::agents {

using beckn::ErrorCode;
using beckn::MessageError;

namespace {

constexpr std::size_t search_max = 256UL * 1024;

std::string search_url(std::string base) {
    while (base.ends_with('/')) {
        base.pop_back();
    }
    return base + "/search";
}

}  // namespace

class SearchGateway::Impl : public std::enable_shared_from_this<SearchGateway::Impl> {
  public:
    Impl(Parts parts, SearchGatewayOptions options) : parts_(std::move(parts)), options_(options) {}

    Awaitable<net::Response> on_search(net::Request request) {
        beckn::SignatureRules rules = beckn::rules_of(beckn::SignatureProfile::beckn006);
        rules.skew = options_.skew;
        rules.takes_gateway = false;  // a buyer speaks here, no other gateway
        const UtcTime now = parts_.wall.now();
        const beckn::SignatureVerdict verdict =
            beckn::verify(rules,
                          {.authorization = request.headers.get("Authorization"),
                           .body = request.body,
                           .digest = request.headers.get("Digest")},
                          parts_.keys, now);
        if (!verdict.is_good()) {
            co_return refuse(verdict);
        }
        beckn::Decoded decoded = beckn::decode(request.body, {.bytes = search_max});
        if (!decoded.envelope) {
            co_return nack(beckn::WireVersion::v11, {},
                           beckn::unreadable(beckn::WireVersion::v11, decoded, request.body));
        }
        const beckn::Envelope& search = *decoded.envelope;
        if (const auto wrong = check(search, verdict.sender.subscriber, now)) {
            co_return nack(search.version, search.context, *wrong);
        }
        const Sha256 digest = sha256(request.body);
        inbox_.forget_before(now);
        const beckn::Inbox::Seen seen =
            inbox_.judge(verdict.sender.subscriber, beckn::Action::search, search.context.message_id, digest);
        if (seen.verdict == beckn::InboxVerdict::repeat) {
            co_return net::json_text(seen.entry->http_status, seen.entry->answer);
        }
        if (seen.verdict == beckn::InboxVerdict::conflict) {
            co_return nack(search.version, search.context,
                           beckn::make_error(ErrorCode::ctx_message_id_duplicate,
                                             "another message came under this id", "/context/message_id"));
        }
        co_return hand_on(std::move(request), search, digest, verdict.sender);
    }

    [[nodiscard]] std::size_t open() const { return open_; }

  private:
    /// One search on its way to one provider.
    struct Delivery {
        std::string provider;
        std::string url;
        std::shared_ptr<const std::string> bytes;
        std::shared_ptr<const std::string> authorization;  // the buyer's
        std::shared_ptr<const std::string> own;            // the gateway's
        UtcTime until{};
    };

    [[nodiscard]] std::optional<MessageError> check(const beckn::Envelope& search,
                                                    const std::string& subscriber, UtcTime now) const {
        const beckn::Context& context = search.context;
        if (beckn::is_v2(search.version)) {
            return beckn::make_error(search.version, ErrorCode::ctx_version_unsupported,
                                     "this dialect knows no gateways", "/context/version");
        }
        if (context.action != beckn::Action::search) {
            return beckn::make_error(ErrorCode::ctx_action_mismatch, "a gateway hands on searches only",
                                     "/context/action");
        }
        if (const auto wrong = beckn::check_identity(context, subscriber)) {
            return beckn::make_error(ErrorCode::aut_unauthorized_action, *wrong, "/context/bap_id");
        }
        if (context.timestamp > now + options_.skew) {
            return beckn::make_error(ErrorCode::ctx_invalid_field, "the timestamp lies in the future",
                                     "/context/timestamp");
        }
        if (context.timestamp + context.ttl.value_or(options_.ttl) < now) {
            return beckn::make_error(ErrorCode::ctx_ttl_expired, "the message is too old",
                                     "/context/timestamp");
        }
        return std::nullopt;
    }

    net::Response hand_on(net::Request request, const beckn::Envelope& search, const Sha256& digest,
                          const beckn::VerifiedSender& buyer) {
        const beckn::Context& context = search.context;
        std::vector<Delivery> deliveries;
        Delivery delivery;
        delivery.bytes = std::make_shared<const std::string>(std::move(request.body));
        delivery.authorization = std::make_shared<const std::string>(request.headers.get("Authorization"));
        delivery.until = std::min(buyer.expires, context.timestamp + context.ttl.value_or(options_.ttl));
        const UtcTime now = parts_.wall.now();
        const milliseconds lasts = std::chrono::duration_cast<milliseconds>(delivery.until - now);
        delivery.own = std::make_shared<const std::string>(beckn::sign(
            beckn::rules_of(beckn::SignatureProfile::beckn006), parts_.signer, now, lasts, *delivery.bytes));
        std::set<std::string> called;  // a provider may have several keys, and several may listen as one
        for (const beckn::PublishedKey& provider : parts_.providers(context.domain)) {
            std::string url = search_url(provider.url);
            if (!provider.url.empty() && called.size() < options_.providers_max &&
                called.insert(url).second) {
                delivery.provider = provider.subscriber;
                delivery.url = std::move(url);
                deliveries.push_back(delivery);
            }
        }
        if (deliveries.empty()) {
            return nack(search.version, context,
                        beckn::make_error(ErrorCode::biz_provider_not_found,
                                          "no provider is registered for this domain", "/context/domain"));
        }
        if (open_ + deliveries.size() > options_.sends_open_max) {
            net::Response later = nack(search.version, context,
                                       beckn::make_error(ErrorCode::net_overloaded, "try again later"));
            later.status = 503;
            return later;
        }
        beckn::AckAnswer answer = beckn::ack_answer(
            search.version, {context.transaction_id, context.message_id, parts_.wall.now()});
        inbox_.remember(buyer.subscriber, beckn::Action::search, context.message_id,
                        {.digest = digest,
                         .accepted = true,
                         .answer = answer.body,
                         .http_status = answer.http_status,
                         .keep_until = delivery.until + options_.skew + service_inbox_keep});
        for (Delivery& one : deliveries) {
            ++open_;
            spawn(parts_.executor, deliver(shared_from_this(), std::move(one)));
        }
        return net::json_text(answer.http_status, std::move(answer.body));
    }

    static Awaitable<void> deliver(std::shared_ptr<Impl> self, Delivery delivery) {
        const beckn::OutboxRules rules{.sends_max = self->options_.sends_max,
                                       .backoff = self->options_.resend_backoff};
        beckn::OutboxEntry entry{
            .message_id = {}, .transaction_id = {}, .peer = {}, .bytes = {}, .error = {}};
        beckn::OutboxEffect effect;
        std::tie(entry, effect) = beckn::step(std::move(entry), beckn::OutboxEvent::start, {}, rules);
        while (effect.send) {
            co_await pause(effect.after);
            if (self->parts_.wall.now() >= delivery.until) {
                break;
            }
            net::ClientRequest request = self->request_of(delivery);
            const beckn::Ack ack = beckn::ack_of(co_await self->parts_.http.send(std::move(request)));
            std::tie(entry, effect) = beckn::step(std::move(entry), beckn::OutboxEvent::answer, ack, rules);
        }
        if (entry.state != beckn::OutboxState::accepted) {
            log::warn("a search was not taken by a provider",
                      {{"provider", delivery.provider},
                       {"url", delivery.url},
                       {"why", beckn::describe(entry.error).substr(0, 256)}});
        }
        --self->open_;
    }

    [[nodiscard]] static net::ClientRequest request_of(const Delivery& delivery) {
        net::ClientRequest request =
            beckn::post_of(delivery.url, *delivery.authorization, *delivery.bytes, service_deadline_ms);
        request.headers.add("X-Gateway-Authorization", *delivery.own);
        return request;
    }

    /// The constant answer to a signature that is refused, whatever is wrong with it.
    [[nodiscard]] net::Response refuse(const beckn::SignatureVerdict& verdict) const {
        log::warn("the gateway refused a signature",
                  {{"rule", std::string(to_string(verdict.broken))}, {"reason", verdict.why.substr(0, 256)}});
        const beckn::SignatureRefusal told = beckn::refusal_of(verdict, parts_.signer.subscriber);
        net::Response response = net::json_text(told.status, beckn::write_nack(told.error));
        response.headers.set(told.header_name, told.header_value);
        return response;
    }

    [[nodiscard]] net::Response nack(beckn::WireVersion version, const beckn::Context& context,
                                     const MessageError& error) const {
        beckn::AckAnswer answer = beckn::nack_answer(
            version, {context.transaction_id, context.message_id, parts_.wall.now()}, error);
        return net::json_text(answer.http_status, std::move(answer.body));
    }

    Parts parts_;
    SearchGatewayOptions options_;
    beckn::Inbox inbox_;
    std::size_t open_ = 0;
};

SearchGateway::SearchGateway(Parts parts, SearchGatewayOptions options)
    : impl_(std::make_shared<Impl>(std::move(parts), options)) {}

SearchGateway::~SearchGateway() = default;

void SearchGateway::mount(net::HttpServer& server, const std::string& prefix) {
    const auto impl = impl_;
    server.route(
        "POST", prefix + "/search",
        [impl](net::Request request) -> Awaitable<net::Response> {
            return impl->on_search(std::move(request));
        },
        net::RouteOptions{.role = "peer", .max_body = search_max});
}

Awaitable<net::Response> SearchGateway::on_search(net::Request request) {
    return impl_->on_search(std::move(request));
}

std::size_t SearchGateway::open() const {
    return impl_->open();
}

}  // namespace headroom::agents
