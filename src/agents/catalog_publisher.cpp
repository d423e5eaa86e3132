#include "agents/catalog_publisher.hpp"

#include "agents/service_keys.hpp"
#include "beckn/ack.hpp"
#include "beckn/catalog_book.hpp"
#include "beckn/codec.hpp"
#include "beckn/nack.hpp"
#include "beckn/outbox.hpp"
#include "beckn/post.hpp"
#include "beckn/signature_identity.hpp"
#include "core/log.hpp"
#include "core/pause.hpp"
#include "net/json_text.hpp"

#include <set>
#include <tuple>
#include <utility>

namespace headroom::agents {

using beckn::Action;
using beckn::ErrorCode;
using beckn::MessageError;

class CatalogPublisher::Impl : public std::enable_shared_from_this<CatalogPublisher::Impl> {
  public:
    Impl(Parts parts, CatalogService service, CatalogPublisherOptions options)
        : parts_(std::move(parts)),
          service_(std::move(service)),
          options_(std::move(options)),
          keys_(service_.subscriber_id, service_.keys, parts_.keys, parts_.wall) {
        service_.signature.skew = options_.skew;
        while (service_.url.ends_with('/')) {
            service_.url.pop_back();
        }
        status_.service = service_.subscriber_id;
    }

    void look() {
        if (is_stopped_) {
            return;
        }
        if (is_busy_) {
            is_due_ = true;
            return;
        }
        std::vector<beckn::Catalog> catalogs = what_stands();
        const bool is_time = parts_.clock.now() >= next_;
        if (catalogs == published_ && !is_time) {
            return;
        }
        if (catalogs.empty()) {  // nothing ever was there
            return wake_at(parts_.clock.now() + options_.again);
        }
        is_busy_ = true;
        spawn(parts_.executor, publish(shared_from_this(), std::move(catalogs)));
    }

    void stop() {
        is_stopped_ = true;
        parts_.clock.cancel(timer_);
    }

    Awaitable<net::Response> on_published(net::Request request) {
        const auto self = shared_from_this();
        const UtcTime now = parts_.wall.now();
        if (request.body.size() > options_.body_max) {
            co_return net::problem(413, "Content Too Large", "a result has so many bytes at the most");
        }
        const std::string authorization(request.headers.get("Authorization"));
        const beckn::SignedMessage message{.authorization = authorization,
                                           .body = request.body,
                                           .digest = request.headers.get("Digest"),
                                           .request_authorization = authorization_};
        const beckn::SignatureVerdict verdict = co_await keys_.verify(service_.signature, message);
        if (!verdict.is_good() || verdict.sender.subscriber != service_.subscriber_id) {
            log::warn(
                "a result of a publication was refused",
                {{"reason", verdict.is_good() ? "it is not the service's" : verdict.why.substr(0, 256)}});
            const beckn::SignatureRefusal told = beckn::refusal_of(verdict, parts_.signer.subscriber);
            beckn::AckAnswer answer = beckn::nack_answer(service_.wire, {{}, {}, now}, told.error);
            net::Response response = net::json_text(told.status, std::move(answer.body));
            response.headers.set("WWW-Authenticate", beckn::challenge(parts_.signer.subscriber));
            co_return response;
        }
        const beckn::Decoded decoded = beckn::decode(request.body, {.bytes = options_.body_max});
        std::optional<MessageError> wrong = decoded.envelope
                                                ? check(*decoded.envelope, now)
                                                : beckn::unreadable(service_.wire, decoded, request.body);
        const beckn::Remains about = beckn::remains_of(request.body);
        const beckn::AckSubject subject{about.transaction_id, about.message_id, now};
        beckn::AckAnswer answer;
        if (wrong) {
            wrong->key_id = beckn::key_of_sender(verdict.sender.subscriber, verdict.sender.key);
            answer = beckn::nack_answer(service_.wire, subject, *wrong);
        } else {
            keep(*decoded.envelope);
            answer = beckn::ack_answer(decoded.envelope->version, subject);
        }
        net::Response response = net::json_text(answer.http_status, answer.body);
        const std::string signature =
            beckn::sign_ack(service_.signature, parts_.signer, now, answer.body, authorization);
        if (!signature.empty()) {
            response.headers.set("Signature", signature);
        }
        tell({.action = std::string(beckn::to_string(Action::on_catalog_publish)),
              .is_in = true,
              .peer = service_.subscriber_id,
              .transaction = about.transaction_id,
              .message_id = about.message_id,
              .at = now,
              .raw = request.body,
              .authorization = authorization,
              .public_key = keys_.key_of(verdict),
              .outcome = wrong ? "NACK " + beckn::describe(*wrong) : "ACK",
              .fault = {},
              .answers = beckn::is_bound(authorization) ? authorization_ : std::string(),
              .answer_status = answer.http_status,
              .answer = answer.body,
              .answer_signature = signature,
              .event = {}});
        co_return response;
    }

    [[nodiscard]] bool awaits(std::string_view message_id) const { return message_id == message_id_; }
    [[nodiscard]] const Status& status() const { return status_; }
    [[nodiscard]] bool idle() const { return !is_busy_; }

  private:
    /// With those that were published and are no longer there, empty: so they are taken back.
    [[nodiscard]] std::vector<beckn::Catalog> what_stands() const {
        std::vector<beckn::Catalog> catalogs = parts_.catalogs();
        std::set<std::string> names;
        for (beckn::Catalog& catalog : catalogs) {
            catalog.bpp_id = parts_.signer.subscriber;
            catalog.bpp_uri = options_.url;
            names.insert(beckn::name_of(catalog));
        }
        for (const beckn::Catalog& before : published_) {
            if (!names.contains(beckn::name_of(before))) {
                catalogs.push_back({.provider = before.provider,
                                    .provider_name = before.provider_name,
                                    .offers = {},
                                    .expires = {},
                                    .id = before.id,
                                    .bpp_id = before.bpp_id,
                                    .bpp_uri = before.bpp_uri});
            }
        }
        return catalogs;
    }

    static Awaitable<void> publish(std::shared_ptr<Impl> self, std::vector<beckn::Catalog> catalogs) {
        co_await self->send(catalogs);
        const bool is_taken = self->status_.is_taken;
        if (is_taken) {
            // What was taken back is done with.
            std::erase_if(catalogs, [](const beckn::Catalog& catalog) {
                return catalog.offers.empty() && catalog.windows.empty() && catalog.needs.empty();
            });
            self->published_ = std::move(catalogs);
        }
        self->next_ =
            self->parts_.clock.now() + (is_taken ? self->options_.again : self->options_.after_failure);
        self->is_busy_ = false;
        if (self->is_stopped_) {
            co_return;
        }
        self->wake_at(self->next_);
        if (std::exchange(self->is_due_, false) && is_taken) {
            self->look();
        }
    }

    void wake_at(UtcTime when) {
        parts_.clock.cancel(timer_);
        timer_ = parts_.clock.at(when, [weak = weak_from_this()] {
            if (const std::shared_ptr<Impl> self = weak.lock()) {
                self->timer_ = 0;
                self->look();
            }
        });
    }

    /// Sends one publication until it is taken or refused, the same bytes each time.
    Awaitable<void> send(std::vector<beckn::Catalog> catalogs) {
        const auto self = shared_from_this();
        const UtcTime at = parts_.wall.now();
        for (beckn::Catalog& catalog : catalogs) {
            const bool is_empty = catalog.offers.empty() && catalog.windows.empty() && catalog.needs.empty();
            if (!catalog.expires && !is_empty) {
                catalog.expires = at + 3 * options_.again;
            }
        }
        beckn::Envelope envelope{.version = service_.wire,
                                 .context = {},
                                 .message = beckn::PublishRequest{std::move(catalogs)},
                                 .error = {}};
        beckn::Context& context = envelope.context;
        context.action = Action::catalog_publish;
        context.domain = options_.domain;
        context.bap_id = service_.subscriber_id;  // who is asked stands opposite
        context.bap_uri = service_.public_url.empty() ? service_.url : service_.public_url;
        context.bpp_id = parts_.signer.subscriber;
        context.bpp_uri = options_.url;
        // The wall clock keeps ids fresh over restarts.
        context.transaction_id =
            make_uuid("publish/" + parts_.signer.subscriber + "/" + options_.url + "/" +
                      service_.subscriber_id + "/" + format_utc(at) + "/" + std::to_string(++publications_));
        context.message_id = make_uuid(context.transaction_id + "/message");
        context.timestamp = at;
        context.ttl = options_.ttl;
        status_ = Status{.service = service_.subscriber_id, .at = at, .fault = {}, .results = {}};
        const Result<std::string> bytes = beckn::encode(envelope);
        if (!bytes) {
            status_.fault = bytes.error().message;
            co_return;
        }
        message_id_ = context.message_id;
        authorization_ = beckn::sign(service_.signature, parts_.signer, at, options_.ttl, *bytes);
        const std::string url =
            service_.url + "/" + std::string(beckn::to_string(Action::catalog_publish, service_.wire));
        const beckn::OutboxRules rules{.sends_max = options_.sends_max, .backoff = options_.resend_backoff};
        beckn::OutboxEntry entry{
            .message_id = {}, .transaction_id = {}, .peer = {}, .bytes = {}, .error = {}};
        beckn::OutboxEffect effect;
        MessageRecord record{.action = std::string(beckn::to_string(Action::catalog_publish)),
                             .peer = service_.subscriber_id,
                             .transaction = context.transaction_id,
                             .message_id = context.message_id,
                             .at = at,
                             .raw = *bytes,
                             .authorization = authorization_,
                             .public_key = parts_.signer.key.public_key(),
                             .outcome = {},
                             .fault = {},
                             .answers = {},
                             .answer = {},
                             .answer_signature = {},
                             .event = {}};
        std::tie(entry, effect) = beckn::step(std::move(entry), beckn::OutboxEvent::start, {}, rules);
        while (effect.send) {
            co_await pause(effect.after);
            net::ClientRequest request =
                beckn::post_of(url, authorization_, *bytes, options_.send_deadline.count());
            const Result<net::ClientResponse> response = co_await parts_.http.send(std::move(request));
            if (response) {
                record.answer_status = response->status;
                record.answer = response->body;
                record.answer_signature = std::string(response->headers.get("Signature"));
            }
            std::tie(entry, effect) =
                beckn::step(std::move(entry), beckn::OutboxEvent::answer, beckn::ack_of(response), rules);
        }
        status_.is_taken =
            entry.state == beckn::OutboxState::accepted || entry.state == beckn::OutboxState::closed;
        record.outcome = std::string(to_string(entry.state));
        record.sends = entry.sends;
        if (!status_.is_taken) {
            status_.fault = beckn::describe(entry.error);
            record.fault = status_.fault;
            log::warn("catalogues are not published",
                      {{"service", service_.subscriber_id},
                       {"url", url},
                       {"why", status_.fault.substr(0, 256)},
                       {"remedy", "it is tried again; see that the service runs and knows our key"}});
        }
        tell(std::move(record));
    }

    [[nodiscard]] std::optional<MessageError> check(const beckn::Envelope& answer, UtcTime now) const {
        const beckn::Context& context = answer.context;
        const bool is_lts = answer.version == beckn::WireVersion::v2_lts;
        const auto wrong = [&answer](ErrorCode code, std::string_view sentence, const char* pointer) {
            return beckn::make_error(answer.version, code, sentence, pointer);
        };
        if (context.action != Action::on_catalog_publish) {
            return wrong(ErrorCode::ctx_action_mismatch, "the path names another action", "/context/action");
        }
        if (const auto identity = beckn::check_identity(context, service_.subscriber_id)) {
            return wrong(ErrorCode::aut_unauthorized_action, *identity,
                         is_lts ? "/context/bapId" : "/context/bap_id");
        }
        if (context.timestamp > now + options_.skew) {
            return wrong(ErrorCode::ctx_invalid_field, "the timestamp lies in the future",
                         "/context/timestamp");
        }
        if (!awaits(context.message_id)) {
            return wrong(ErrorCode::ctx_transaction_id_unknown, "nothing was published under this message id",
                         is_lts ? "/context/messageId" : "/context/message_id");
        }
        return std::nullopt;
    }

    void keep(const beckn::Envelope& answer) {
        status_.is_answered = true;
        if (answer.error) {
            status_.fault = beckn::describe(*answer.error);
        }
        if (const auto* told = std::get_if<beckn::PublishAnswer>(&answer.message)) {
            status_.results = told->results;
        }
        for (const beckn::PublishResult& result : status_.results) {
            const bool is_good = result.status == beckn::PublishStatus::accepted;
            const std::string why = result.errors.empty() ? "" : beckn::describe(result.errors.front());
            const std::string items = std::to_string(result.item_count);
            if (is_good) {
                log::info("a catalogue is published", {{"service", service_.subscriber_id},
                                                       {"catalogue", result.catalog_id},
                                                       {"items", items}});
            } else {
                log::warn("a catalogue is not published as it stands", {{"service", service_.subscriber_id},
                                                                        {"catalogue", result.catalog_id},
                                                                        {"items", items},
                                                                        {"why", why.substr(0, 512)}});
            }
        }
    }

    void tell(MessageRecord record) const {
        if (parts_.evidence) {
            parts_.evidence(std::move(record));
        }
    }

    Parts parts_;
    CatalogService service_;
    CatalogPublisherOptions options_;
    ServiceKeys keys_;
    Status status_{.service = {}, .fault = {}, .results = {}};
    std::vector<beckn::Catalog> published_;  // as it was taken last
    std::string message_id_;                 // of the newest publication
    std::string authorization_;              // and its header
    std::uint64_t publications_ = 0;
    DomainClock::TimerId timer_ = 0;
    UtcTime next_{};  // domain time: then in any case
    bool is_busy_ = false;
    bool is_due_ = false;  // something changed meanwhile
    bool is_stopped_ = false;
};

CatalogPublisher::CatalogPublisher(Parts parts, CatalogService service, CatalogPublisherOptions options)
    : impl_(std::make_shared<Impl>(std::move(parts), std::move(service), std::move(options))) {}

CatalogPublisher::~CatalogPublisher() {
    impl_->stop();
}

void CatalogPublisher::look() {
    impl_->look();
}

Awaitable<net::Response> CatalogPublisher::on_published(net::Request request) {
    return impl_->on_published(std::move(request));
}

bool CatalogPublisher::awaits(std::string_view message_id) const {
    return impl_->awaits(message_id);
}

const CatalogPublisher::Status& CatalogPublisher::status() const {
    return impl_->status();
}

bool CatalogPublisher::idle() const {
    return impl_->idle();
}

}  // namespace headroom::agents
