#include "agents/market_impl.hpp"
#include "agents/message_record.hpp"
#include "beckn/ack.hpp"
#include "beckn/nack.hpp"
#include "core/log.hpp"
#include "net/json_text.hpp"

#include <algorithm>
#include <utility>

// What a provider is answered at once, and what is kept of it.

namespace headroom::agents {

using beckn::Action;
using beckn::ErrorCode;

bool Market::Impl::may_note_refusal(UtcTime now) {
    if (now >= refusal_window_ + refusal_window) {
        refusal_window_ = now;
        refusals_noted_ = 0;
    }
    return ++refusals_noted_ <= refusals_noted_max;
}

void Market::Impl::write_down(const Received& received) {
    add_trace(received.event, MessageTrace{.action = received.action,
                                           .provider = received.peer->id,
                                           .latency_ms = static_cast<double>(received.latency_us) / 1000.0,
                                           .signature_ok = true,
                                           .outcome = clean_text(received.outcome),
                                           .at = received.at});
    const auto sent = sent_.find(received.answers.empty() ? received.message_id : received.answers);
    if (sent != sent_.end()) {
        sent->second.records->push_back(received_record(received));
        sent->second.drafts->push_back(received_draft(received));
    } else {
        post({received_record(received)});
        parts_.journal.note(received_draft(received));
    }
}

/// What is kept of it outlives this process, as long as its signature can be valid and some time more.
void Market::Impl::remember(const Received& received, Action action, bool is_accepted) {
    beckn::InboxEntry entry{
        .digest = received.digest,
        .accepted = is_accepted,
        .answer = received.answer,
        .http_status = received.status,
        .keep_until = std::max(received.at, received.signature_ends) + options_.skew + options_.inbox_keep};
    // An answer that is waited for becomes durable together with its effect: a process that dies between the
    // two must take the repeat of it, not pass it over.
    const auto sent = sent_.find(received.answers.empty() ? received.message_id : received.answers);
    if (sent != sent_.end()) {
        sent->second.records->push_back(inbox_record(received, entry));
    } else {
        post({inbox_record(received, entry)});
    }
    inbox_.remember(received.peer->subscriber_id, action, received.message_id, std::move(entry));
}

/// Every refusal of a sender looks the same from outside; what was wrong stands in our own log.
net::Response Market::Impl::refuse_sender(Received& received, const beckn::SignatureVerdict& verdict) {
    const beckn::SignatureRefusal refusal = beckn::refusal_of(verdict, options_.subscriber_id);
    std::string answer = beckn::write_nack(refusal.error);  // whatever is wrong: nothing is known of who asks
    if (may_note_refusal(received.at)) {
        log::warn("a market message was refused",
                  {{"action", received.action}, {"reason", clean_text(verdict.why)}});
        received.outcome = "refused: " + verdict.why;
        received.status = refusal.status;
        received.answer = answer;
        post({received_record(received)});
        parts_.journal.note(received_draft(received));
    }
    net::Response response = net::json_text(refusal.status, std::move(answer));
    response.headers.set(refusal.header_name, refusal.header_value);
    return response;
}

/// In the dialect of what is answered.
void Market::Impl::set_answer(Received& received, const beckn::MessageError* error) const {
    const beckn::AckSubject subject{
        .transaction_id = received.transaction, .message_id = received.message_id, .now = parts_.wall.now()};
    beckn::AckAnswer answer;
    if (error == nullptr) {
        answer = beckn::ack_answer(received.version, subject);
    } else {
        beckn::MessageError told = *error;
        told.key_id = beckn::key_of_sender(received.verdict->sender.subscriber, received.verdict->sender.key);
        answer = beckn::nack_answer(received.version, subject, told);
    }
    received.status = answer.http_status;
    received.answer = std::move(answer.body);
}

net::Response Market::Impl::nack(Received& received, const beckn::MessageError& error) {
    received.outcome = "NACK " + beckn::describe(error);
    set_answer(received, &error);
    write_down(received);
    return net::json_text(received.status, received.answer);
}

/// A provider that signs what cannot be read: told why, written down, and no longer waited for in a search.
net::Response Market::Impl::answer_garbage(Received& received, Action action, const beckn::Decoded& decoded) {
    const std::string faults = clean_text(decoded.describe_faults());
    note_failure(*received.peer, faults);
    const std::vector<std::string> open =
        correlator_.open_requests(received.peer->subscriber_id, beckn::request_of(action));
    if (action == Action::on_search && open.size() == 1) {
        Callback broken;
        broken.peer = received.peer;
        broken.envelope.context.action = action;
        broken.envelope.error = beckn::make_error(ErrorCode::sch_schema_validation_failed, faults);
        if (const auto waiting = awaiting_.find(open.front()); waiting != awaiting_.end()) {
            static_cast<void>(waiting->second(broken));
        }
    }
    const beckn::Remains remains = beckn::remains_of(received.raw);
    received.version = remains.version.value_or(received.version);
    received.transaction = remains.transaction_id;
    received.message_id = remains.message_id;
    const beckn::MessageError error = beckn::unreadable(received.version, decoded, received.raw);
    if (may_note_refusal(received.at)) {
        return nack(received, error);
    }
    set_answer(received, &error);
    return net::json_text(received.status, received.answer);
}

}  // namespace headroom::agents
