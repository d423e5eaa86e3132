#include "agents/catalog_publisher_impl.hpp"
#include "beckn/ack.hpp"
#include "beckn/catalog_book.hpp"
#include "beckn/codec.hpp"
#include "beckn/outbox.hpp"
#include "beckn/post.hpp"
#include "core/async.hpp"
#include "core/log.hpp"

#include <set>
#include <tuple>
#include <utility>

namespace headroom::agents {

using beckn::Action;

CatalogPublisher::Impl::Impl(Parts parts, CatalogService service, CatalogPublisherOptions options)
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

void CatalogPublisher::Impl::look() {
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

void CatalogPublisher::Impl::stop() {
    is_stopped_ = true;
    parts_.clock.cancel(timer_);
}

std::vector<beckn::Catalog> CatalogPublisher::Impl::what_stands() const {
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

Awaitable<void> CatalogPublisher::Impl::publish(std::shared_ptr<Impl> self,
                                                std::vector<beckn::Catalog> catalogs) {
    co_await self->send(catalogs);
    const bool is_taken = self->status_.is_taken;
    if (is_taken) {
        // What was taken back is done with.
        std::erase_if(catalogs, [](const beckn::Catalog& catalog) {
            return catalog.offers.empty() && catalog.windows.empty() && catalog.needs.empty();
        });
        self->published_ = std::move(catalogs);
    }
    self->next_ = self->parts_.clock.now() + (is_taken ? self->options_.again : self->options_.after_failure);
    self->is_busy_ = false;
    if (self->is_stopped_) {
        co_return;
    }
    self->wake_at(self->next_);
    if (std::exchange(self->is_due_, false) && is_taken) {
        self->look();
    }
}

void CatalogPublisher::Impl::wake_at(UtcTime when) {
    parts_.clock.cancel(timer_);
    timer_ = parts_.clock.at(when, [weak = weak_from_this()] {
        if (const std::shared_ptr<Impl> self = weak.lock()) {
            self->timer_ = 0;
            self->look();
        }
    });
}

Awaitable<void> CatalogPublisher::Impl::send(std::vector<beckn::Catalog> catalogs) {
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
        make_uuid("publish/" + parts_.signer.subscriber + "/" + options_.url + "/" + service_.subscriber_id +
                  "/" + format_utc(at) + "/" + std::to_string(++publications_));
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
    beckn::OutboxEntry entry{.message_id = {}, .transaction_id = {}, .peer = {}, .bytes = {}, .error = {}};
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

void CatalogPublisher::Impl::tell(MessageRecord record) const {
    if (parts_.evidence) {
        parts_.evidence(std::move(record));
    }
}

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
