#include "agents/catalog_publisher_impl.hpp"
#include "beckn/ack.hpp"
#include "beckn/codec.hpp"
#include "beckn/nack.hpp"
#include "beckn/signature_identity.hpp"
#include "core/log.hpp"
#include "net/json_text.hpp"

#include <utility>

// What a discovery service says of what was published there.

namespace headroom::agents {

using beckn::Action;
using beckn::ErrorCode;
using beckn::MessageError;

Awaitable<net::Response> CatalogPublisher::Impl::on_published(net::Request request) {
    const auto self = shared_from_this();
    const UtcTime now = parts_.wall.now();
    if (request.body.size() > options_.body_max) {
        co_return net::problem(413, "Content Too Large", "a result has so many bytes at the most");
    }
    const std::string authorization(request.headers.get("Authorization"));
    // What is published while the key is asked for has another.
    const std::string published_with = authorization_;
    const beckn::SignedMessage message{.authorization = authorization,
                                       .body = request.body,
                                       .digest = request.headers.get("Digest"),
                                       .request_authorization = published_with};
    const beckn::SignatureVerdict verdict = co_await keys_.verify(service_.signature, message);
    if (!verdict.is_good() || verdict.sender.subscriber != service_.subscriber_id) {
        log::warn("a result of a publication was refused",
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
          .answers = beckn::is_bound(authorization) ? published_with : std::string(),
          .answer_status = answer.http_status,
          .answer = answer.body,
          .answer_signature = signature,
          .event = {}});
    co_return response;
}

std::optional<MessageError> CatalogPublisher::Impl::check(const beckn::Envelope& answer, UtcTime now) const {
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
        return wrong(ErrorCode::ctx_invalid_field, "the timestamp lies in the future", "/context/timestamp");
    }
    if (!awaits(context.message_id)) {
        return wrong(ErrorCode::ctx_transaction_id_unknown, "nothing was published under this message id",
                     is_lts ? "/context/messageId" : "/context/message_id");
    }
    return std::nullopt;
}

void CatalogPublisher::Impl::keep(const beckn::Envelope& answer) {
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
            log::info(
                "a catalogue is published",
                {{"service", service_.subscriber_id}, {"catalogue", result.catalog_id}, {"items", items}});
        } else {
            log::warn("a catalogue is not published as it stands", {{"service", service_.subscriber_id},
                                                                    {"catalogue", result.catalog_id},
                                                                    {"items", items},
                                                                    {"why", why.substr(0, 512)}});
        }
    }
}

}  // namespace headroom::agents
