#include "agents/discovery_service.hpp"

#include "agents/discovery_request.hpp"
#include "agents/service_times.hpp"
#include "beckn/ack.hpp"
#include "beckn/catalog_filter.hpp"
#include "beckn/codec.hpp"
#include "beckn/inbox.hpp"
#include "beckn/nack.hpp"
#include "beckn/outbox.hpp"
#include "beckn/post.hpp"
#include "beckn/signature_identity.hpp"
#include "core/async.hpp"
#include "core/log.hpp"
#include "net/json_text.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace headroom::agents {

using beckn::Action;
using beckn::ErrorCode;
using beckn::MessageError;

namespace {

/// So many items are asked by a filter, the cheapest: each is written and read for it.
constexpr std::size_t filtered_max = 5000;

std::size_t count_of(const std::vector<beckn::Catalog>& catalogs) {
    std::size_t count = 0;
    for (const beckn::Catalog& catalog : catalogs) {
        count += catalog.offers.size() + catalog.windows.size() + catalog.needs.size();
    }
    return count;
}

}  // namespace

class DiscoveryService::Impl : public std::enable_shared_from_this<DiscoveryService::Impl> {
  public:
    Impl(Parts parts, DiscoveryServiceOptions options)
        : parts_(std::move(parts)),
          options_(std::move(options)),
          rules_(beckn::rules_of(beckn::SignatureProfile::nfh004)),
          book_(options_.catalogs) {
        rules_.skew = options_.skew;
    }

    Awaitable<net::Response> handle(Action action, net::Request request) {
        DiscoveryRequest received{.action = action,
                                  .raw = std::move(request.body),
                                  .authorization = std::string(request.headers.get("Authorization")),
                                  .at = parts_.wall.now()};
        const beckn::SignatureVerdict verdict = beckn::verify(rules_,
                                                              {.authorization = received.authorization,
                                                               .body = received.raw,
                                                               .digest = request.headers.get("Digest")},
                                                              parts_.keys, received.at);
        if (!verdict.is_good()) {
            co_return refuse(verdict);
        }
        const beckn::KeyCandidates key =
            parts_.keys(beckn::KeyId{.subscriber = verdict.sender.subscriber, .key = verdict.sender.key});
        received.sender = *(verdict.by_former_key ? key.former : key.current);
        const std::size_t bytes_max =
            action == Action::catalog_publish ? options_.publish_max : options_.discover_max;
        const beckn::Decoded decoded = beckn::decode(received.raw, {.bytes = bytes_max});
        if (!decoded.envelope) {
            beckn::Remains remains = beckn::remains_of(received.raw);
            received.version = remains.version.value_or(received.version);
            received.context.transaction_id = std::move(remains.transaction_id);
            received.context.message_id = std::move(remains.message_id);
            co_return nack(received, beckn::unreadable(received.version, decoded, received.raw));
        }
        received.version = decoded.envelope->version;
        received.context = decoded.envelope->context;
        if (const auto wrong = check(received, options_.ttl, options_.skew)) {
            co_return nack(received, *wrong);
        }
        const Sha256 digest = sha256(received.raw);
        inbox_.forget_before(received.at);
        const beckn::Inbox::Seen seen =
            inbox_.judge(received.sender.subscriber, action, received.context.message_id, digest);
        if (seen.verdict == beckn::InboxVerdict::repeat) {
            co_return sign_answer(received, net::json_text(seen.entry->http_status, seen.entry->answer));
        }
        if (seen.verdict == beckn::InboxVerdict::conflict) {
            co_return nack(received, received.error(ErrorCode::ctx_message_id_duplicate,
                                                    "another message came under this id", "messageId"));
        }
        if (open_ >= options_.callbacks_open_max) {
            co_return nack(received, received.error(ErrorCode::net_overloaded, "try again later"));
        }
        Result<std::string> callback =
            action == Action::catalog_publish ? take(received, decoded) : find(received, *decoded.envelope);
        if (!callback) {
            co_return nack(received, beckn::make_error(received.version, ErrorCode::sch_invalid_jsonpath,
                                                       callback.error().message, callback.error().pointer));
        }
        beckn::AckAnswer answer = beckn::ack_answer(
            received.version, {received.context.transaction_id, received.context.message_id, received.at});
        inbox_.remember(received.sender.subscriber, action, received.context.message_id,
                        {.digest = digest,
                         .accepted = true,
                         .answer = answer.body,
                         .http_status = answer.http_status,
                         .keep_until = std::max(received.at, verdict.sender.expires) + options_.skew +
                                       service_inbox_keep});
        tell(received.action, received.raw, received.authorization, received.sender.signing, "in", {});
        net::Response response = sign_answer(received, net::json_text(answer.http_status, answer.body));
        ++open_;
        spawn(parts_.executor, deliver(shared_from_this(), std::move(received), std::move(*callback)));
        co_return response;
    }

    [[nodiscard]] std::size_t open() const { return open_; }
    void set_url(std::string url) { url_ = std::move(url); }
    void set_reach(std::vector<std::pair<std::string, std::string>> reach) { reach_ = std::move(reach); }
    [[nodiscard]] const beckn::CatalogBook& book() const { return book_; }
    [[nodiscard]] const DiscoveryServiceOptions& options() const { return options_; }

  private:
    /// The callback that tells what became of each catalog.
    Result<std::string> take(const DiscoveryRequest& received, const beckn::Decoded& decoded) {
        beckn::PublishAnswer answer = book_.take(
            beckn::publication_of(decoded, received.raw, received.sender.subscriber, received.sender.url),
            received.at);
        for (const beckn::PublishResult& result : answer.results) {
            log::info("a catalogue was published",
                      {{"publisher", received.sender.subscriber},
                       {"catalogue", result.catalog_id.substr(0, 128)},
                       {"items", std::to_string(result.item_count)},
                       {"faults", std::to_string(result.errors.size())},
                       {"taken", result.status == beckn::PublishStatus::rejected ? "no" : "yes"}});
        }
        return callback_of(received, std::move(answer));
    }

    /// The callback with what was found. Errors: `unsupported` for a filter that is not evaluated here.
    Result<std::string> find(const DiscoveryRequest& received, const beckn::Envelope& request) {
        const auto& intent = std::get<beckn::SearchIntent>(request.message);
        std::optional<beckn::JsonFilter> filter;
        if (intent.need_w.values.empty()) {  // our own request says all of it; its filter is for others
            Result<std::optional<beckn::JsonFilter>> read = filter_of(received);
            if (!read) {
                return read.error();
            }
            filter = std::move(*read);
        }
        std::size_t items = options_.items_max;
        while (true) {
            std::vector<beckn::Catalog> found =
                book_.find(intent, received.at, filter ? filtered_max : items);
            if (filter) {
                found = beckn::fitting(std::move(found), received.version, *filter, items);
            }
            // A buyer's needs have words in 2.0.0 alone.
            if (received.version == beckn::WireVersion::v2_rc1) {
                for (beckn::Catalog& catalog : found) {
                    catalog.needs.clear();
                }
            }
            std::erase_if(found, [](const beckn::Catalog& catalog) {
                return catalog.offers.empty() && catalog.windows.empty() && catalog.needs.empty();
            });
            const std::size_t found_items = count_of(found);
            Result<std::string> bytes = callback_of(received, beckn::CatalogList{std::move(found)});
            if (!bytes || bytes->size() <= options_.answer_max || items == 1) {
                return bytes;
            }
            items = std::max<std::size_t>(
                1, std::min(items, found_items) * options_.answer_max / bytes->size() * 9 / 10);
            log::info("an answer is cut to its cheapest items",
                      {{"to", received.sender.subscriber}, {"items", std::to_string(items)}});
        }
    }

    Result<std::string> callback_of(const DiscoveryRequest& received, beckn::Body body) const {
        beckn::Envelope envelope{.version = received.version,
                                 .context = received.context,
                                 .message = std::move(body),
                                 .error = {}};
        beckn::Context& context = envelope.context;
        context.action = beckn::callback_of(received.action);
        (received.is_of_bpp() ? context.bap_id : context.bpp_id) = parts_.signer.subscriber;
        (received.is_of_bpp() ? context.bap_uri : context.bpp_uri) = url_;
        context.timestamp = parts_.wall.now();
        context.ttl = options_.ttl;
        context.request_digest.clear();
        return beckn::encode(envelope);
    }

    static Awaitable<void> deliver(std::shared_ptr<Impl> self, DiscoveryRequest received, std::string bytes) {
        const beckn::OutboxRules rules{.sends_max = self->options_.sends_max,
                                       .backoff = self->options_.resend_backoff};
        const Action action = beckn::callback_of(received.action);
        const std::string url = self->callback_url(received, action);
        const UtcTime until = self->parts_.wall.now() + self->options_.ttl;
        const std::string authorization =
            beckn::sign(self->rules_, self->parts_.signer, self->parts_.wall.now(), self->options_.ttl, bytes,
                        received.authorization);
        self->tell(action, bytes, authorization, self->parts_.signer.key.public_key(), "out",
                   received.authorization);
        beckn::OutboxEntry entry{
            .message_id = {}, .transaction_id = {}, .peer = {}, .bytes = {}, .error = {}};
        beckn::OutboxEffect effect;
        std::tie(entry, effect) = beckn::step(std::move(entry), beckn::OutboxEvent::start, {}, rules);
        while (effect.send) {
            co_await pause(effect.after);
            if (self->parts_.wall.now() >= until) {
                break;
            }
            net::ClientRequest request = beckn::post_of(url, authorization, bytes, service_deadline_ms);
            const beckn::Ack ack = beckn::ack_of(co_await self->parts_.http.send(std::move(request)));
            std::tie(entry, effect) = beckn::step(std::move(entry), beckn::OutboxEvent::answer, ack, rules);
        }
        if (entry.state != beckn::OutboxState::accepted && entry.state != beckn::OutboxState::closed) {
            log::warn("a callback of the discovery service was not taken",
                      {{"to", received.sender.subscriber},
                       {"url", url},
                       {"why", beckn::describe(entry.error).substr(0, 256)}});
        }
        --self->open_;
    }

    [[nodiscard]] std::string callback_url(const DiscoveryRequest& received, Action action) const {
        std::string url = received.uri();
        while (url.ends_with('/')) {
            url.pop_back();
        }
        for (const auto& [from, to] : reach_) {
            if (url.starts_with(from)) {
                url.replace(0, from.size(), to);
                break;
            }
        }
        return url + "/" + std::string(beckn::to_string(action, received.version));
    }

    void tell(Action action, const std::string& raw, const std::string& authorization,
              const Ed25519PublicKey& key, const char* direction, const std::string& request) const {
        if (parts_.evidence) {
            parts_.evidence({.action = std::string(beckn::to_string(action)),
                             .raw = raw,
                             .authorization = authorization,
                             .received_at = parts_.wall.now(),
                             .public_key = key,
                             .direction = direction,
                             .request_signature = request});
        }
    }

    /// The constant answer to a signature that is refused, whatever is wrong with it.
    [[nodiscard]] net::Response refuse(const beckn::SignatureVerdict& verdict) const {
        log::warn("the discovery service refused a signature",
                  {{"rule", std::string(to_string(verdict.broken))}, {"reason", verdict.why.substr(0, 256)}});
        const beckn::SignatureRefusal told = beckn::refusal_of(verdict, parts_.signer.subscriber);
        beckn::AckAnswer answer =
            beckn::nack_answer(beckn::WireVersion::v2_lts, {{}, {}, parts_.wall.now()}, told.error);
        net::Response response = net::json_text(told.status, std::move(answer.body));
        response.headers.set(told.header_name, told.header_value);
        return response;
    }

    [[nodiscard]] net::Response nack(const DiscoveryRequest& received, MessageError why) const {
        why.key_id = beckn::key_of_sender(received.sender.subscriber, received.sender.key);
        log::warn("the discovery service refused a message",
                  {{"sender", received.sender.subscriber}, {"why", beckn::describe(why).substr(0, 256)}});
        beckn::AckAnswer answer = beckn::nack_answer(
            received.version, {received.context.transaction_id, received.context.message_id, received.at},
            why);
        return sign_answer(received, net::json_text(answer.http_status, std::move(answer.body)));
    }

    [[nodiscard]] net::Response sign_answer(const DiscoveryRequest& received, net::Response response) const {
        const std::string signature =
            beckn::sign_ack(rules_, parts_.signer, parts_.wall.now(), response.body, received.authorization);
        if (beckn::is_v2(received.version) && !signature.empty()) {
            response.headers.set("Signature", signature);
        }
        return response;
    }

    Parts parts_;
    DiscoveryServiceOptions options_;
    beckn::SignatureRules rules_;
    beckn::Inbox inbox_;
    std::string url_;
    std::vector<std::pair<std::string, std::string>> reach_;
    std::size_t open_ = 0;
    beckn::CatalogBook book_;
};

DiscoveryService::DiscoveryService(Parts parts, DiscoveryServiceOptions options)
    : impl_(std::make_shared<Impl>(std::move(parts), std::move(options))) {}

DiscoveryService::~DiscoveryService() = default;

void DiscoveryService::mount(net::HttpServer& server, const std::string& prefix) {
    const auto serve = [&](const char* method, const std::string& path, Action action, std::size_t max) {
        server.route(
            method, path,
            [impl = impl_, action](net::Request request) -> Awaitable<net::Response> {
                return impl->handle(action, std::move(request));
            },
            net::RouteOptions{.role = "peer", .max_body = max});
    };
    for (const std::string& base : {prefix, prefix + "/beckn"}) {
        serve("POST", base + "/catalog/publish", Action::catalog_publish, impl_->options().publish_max);
        serve("POST", base + "/discover", Action::search, impl_->options().discover_max);
        serve("GET", base + "/discover", Action::search, impl_->options().discover_max);
    }
}

void DiscoveryService::set_url(std::string url) {
    impl_->set_url(std::move(url));
}

void DiscoveryService::set_reach(std::vector<std::pair<std::string, std::string>> reach) {
    impl_->set_reach(std::move(reach));
}

Awaitable<net::Response> DiscoveryService::handle(Action action, net::Request request) {
    return impl_->handle(action, std::move(request));
}

const beckn::CatalogBook& DiscoveryService::book() const {
    return impl_->book();
}

std::size_t DiscoveryService::open() const {
    return impl_->open();
}

}  // namespace headroom::agents
