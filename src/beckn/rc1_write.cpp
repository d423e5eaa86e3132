#include "beckn/codec_rc1.hpp"
#include "beckn/rc1_filter.hpp"
#include "beckn/rc1_parts.hpp"
#include "beckn/rc1_words.hpp"
#include "beckn/v11_terms.hpp"
#include "beckn/v11_words.hpp"

#include <algorithm>

namespace headroom::beckn::rc1 {

namespace {

using json::Array;
using json::Object;
using json::Value;

Value write_discover(const SearchIntent& intent) {
    Members members;
    const bool is_ours = !intent.need_w.values.empty();
    const std::string filter = intent.filter.empty() && is_ours ? filter_of(intent) : intent.filter;
    if (!intent.text.empty() || filter.empty()) {
        members.push_back({"text_search", Value(intent.text)});
    }
    if (!filter.empty()) {
        members.push_back(
            {"filters", v11::object({{"type", Value("jsonpath")}, {"expression", Value(filter)}})});
    }
    if (is_ours) {
        members.emplace_back(own_request, values(v11::write_request(intent)));
    }
    return v11::object(std::move(members));
}

Value write_catalogs(std::span<const Catalog> catalogs, const Context& context) {
    Array list;
    for (const Catalog& catalog : catalogs) {
        list.push_back(write_catalog(catalog, context));
    }
    return v11::object({{"catalogs", std::move(list)}});
}

Value write_results(const PublishAnswer& answer) {
    Array results;
    for (const PublishResult& result : answer.results) {
        const std::string_view status = result.status == PublishStatus::accepted  ? "ACCEPTED"
                                        : result.status == PublishStatus::partial ? "PARTIAL"
                                                                                  : "REJECTED";
        Members members{{"catalog_id", Value(result.catalog_id)},
                        {"status", Value(status)},
                        {"item_count", Value(result.item_count)}};
        if (!result.errors.empty()) {
            const MessageError& error = result.errors.front();
            members.push_back(
                {"error", v11::object({{"code", Value(error.code)}, {"message", Value(error.message)}})});
        }
        results.push_back(v11::object(std::move(members)));
    }
    return v11::object({{"results", std::move(results)}});
}

struct WriteBody {
    const Context& context;

    Value operator()(const NoMessage&) const { return Object{}; }
    Value operator()(const SearchIntent& intent) const { return write_discover(intent); }
    Value operator()(const Catalog& catalog) const { return write_catalogs({&catalog, 1}, context); }
    Value operator()(const CatalogList& list) const { return write_catalogs(list.catalogs, context); }
    Value operator()(const Order& order) const {
        return v11::object({{"order", write_order(order, context)}});
    }
    Value operator()(const UpdateRequest& request) const {
        return v11::object({{"order", write_order(request.order, context)}});
    }
    Value operator()(const StatusRequest& request) const {
        return v11::object({{"order", v11::object({{"beckn:id", Value(request.order_id)}})}});
    }
    Value operator()(const CancelRequest& request) const {
        Members members{{"order", v11::object({{"beckn:id", Value(request.order_id)}})}};
        add_text(members, own_reason, request.reason);
        return v11::object(std::move(members));
    }
    Value operator()(const PublishRequest& request) const {
        return write_catalogs(request.catalogs, context);
    }
    Value operator()(const PublishAnswer& answer) const { return write_results(answer); }
    template <class Service>
    Value operator()(const Service& service) const {
        return write_service(service, context);
    }
};

/// Whether the schema wants an order in this callback whatever happened.
bool must_be_order(Action action) {
    switch (action) {
        case Action::on_select:
        case Action::on_init:
        case Action::on_confirm:
        case Action::on_update:
        case Action::on_cancel:
        case Action::on_track:
            return true;
        default:
            return false;
    }
}

Value write_error(const MessageError& error) {
    Members members{{"code", Value(error.code)}, {"message", Value(error.message)}};
    add_text(members, "paths", error.paths);
    return v11::object(std::move(members));
}

/// The schema knows no business error: a callback that must be an order is a rejected one that says why.
Value write_refusal(const Context& context, const MessageError& error) {
    Members terms;
    terms.emplace_back(own_error, write_error(error));
    Members more;
    more.push_back(
        {"beckn:orderAttributes", typed(flexibility_context, "DemandFlexibilityOrder", std::move(terms))});
    return v11::object(
        {{"order", write_bare_order(context.transaction_id, "REJECTED", context, std::move(more))}});
}

}  // namespace

std::string filter_of(const SearchIntent& intent) {
    const std::string own = "@['beckn:itemAttributes']['" + std::string(own_resource) + "']";
    std::string filter =
        "$[?(" + own + "['feeder_id'] == '" + intent.feeder + "' && " + own + "['direction'] == '";
    filter += intent.turn_up ? v11::turn_up : v11::turn_down;
    filter += "')]";
    return filter;
}

bool has_words_for(const Envelope& envelope) {
    const auto is_plain = [](const Catalog& catalog) { return catalog.needs.empty(); };
    const auto* order = std::get_if<Order>(&envelope.message);
    const auto* update = std::get_if<UpdateRequest>(&envelope.message);
    const auto* published = std::get_if<PublishRequest>(&envelope.message);
    const std::span<const Catalog> catalogs = catalogs_of(envelope.message);
    return std::all_of(catalogs.begin(), catalogs.end(), is_plain) &&
           (published == nullptr ||
            std::all_of(published->catalogs.begin(), published->catalogs.end(), is_plain)) &&
           (order == nullptr || order->needs.empty()) && (update == nullptr || update->order.needs.empty());
}

json::Value write(const Envelope& envelope) {
    const Context& context = envelope.context;
    Members members;
    members.push_back({"context", v11::write_context(v11::dialect_rc1, context)});
    if (envelope.error && must_be_order(context.action)) {
        members.push_back({"message", write_refusal(context, *envelope.error)});
        return v11::object(std::move(members));
    }
    members.push_back({"message", std::visit(WriteBody{context}, envelope.message)});
    if (envelope.error) {
        members.push_back({"error", write_error(*envelope.error)});
    }
    return v11::object(std::move(members));
}

}  // namespace headroom::beckn::rc1
