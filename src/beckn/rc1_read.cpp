#include "beckn/codec_rc1.hpp"
#include "beckn/rc1_filter.hpp"
#include "beckn/rc1_parts.hpp"
#include "beckn/rc1_words.hpp"
#include "beckn/text.hpp"
#include "beckn/v11_terms.hpp"

namespace headroom::beckn::rc1 {

namespace {

constexpr std::size_t catalogs_max = 500;
constexpr std::size_t filter_max = 4096;
constexpr std::size_t results_max = 500;

std::optional<Body> read_discover(const Node& message) {
    const std::size_t before = message.faults().count();
    SearchIntent intent;
    const Node own = message.member(own_request);
    if (own.is_there()) {
        std::optional<SearchIntent> request = v11::read_request(Tags::of(own));
        if (!request) {
            return std::nullopt;
        }
        intent = std::move(*request);
    }
    const Node filters = message.member("filters");
    intent.text = message.member("text_search").text_or_empty(v11::sentence_max).value_or("");
    intent.filter = filters.member("expression").text_or_empty(filter_max).value_or("");
    if (own.is_there() && intent.filter == filter_of(intent)) {
        intent.filter.clear();
    }
    if (message.faults().count() != before) {
        return std::nullopt;
    }
    const bool is_asking = own.is_there() || message.member("text_search").is_there() || filters.is_there() ||
                           message.member("spatial").is_there() || message.member("media_search").is_there();
    if (!is_asking) {
        message.refuse("has none of text_search, filters, spatial");
        return std::nullopt;
    }
    return Body(std::move(intent));
}

std::optional<std::vector<Catalog>> read_catalogs(const Node& message, const Context& context,
                                                  const CodecLimits& limits) {
    const Node list = message.member("catalogs");
    if (list.value() == nullptr || list.value()->as_array() == nullptr) {
        list.refuse("must be a list");
        return std::nullopt;
    }
    std::vector<Catalog> catalogs;
    CodecLimits left = limits;
    for (const Node& node : list.items(catalogs_max)) {
        std::optional<Catalog> catalog = read_catalog(node, context, left);
        if (catalog) {
            left.items -= std::min(left.items, catalog->offers.size() + catalog->windows.size());
            catalogs.push_back(std::move(*catalog));
        }
    }
    return catalogs;
}

std::optional<Body> read_discovered(const Node& message, const Context& context, const CodecLimits& limits) {
    std::optional<std::vector<Catalog>> catalogs = read_catalogs(message, context, limits);
    if (!catalogs) {
        return std::nullopt;
    }
    if (catalogs->size() == 1) {
        return Body(std::move(catalogs->front()));
    }
    return Body(CatalogList{std::move(*catalogs)});
}

std::optional<Body> read_published(const Node& message, const Context& context, const CodecLimits& limits) {
    std::optional<std::vector<Catalog>> catalogs = read_catalogs(message, context, limits);
    return catalogs ? std::optional<Body>(PublishRequest{std::move(*catalogs)}) : std::nullopt;
}

std::optional<Body> read_results(const Node& message) {
    const std::size_t before = message.faults().count();
    PublishAnswer answer;
    for (const Node& node : message.member("results").items(results_max)) {
        PublishResult result;
        result.catalog_id = node.member("catalog_id").text(id_max).value_or("");
        const std::string status = node.member("status").text(64).value_or("");
        result.status = status == "ACCEPTED"  ? PublishStatus::accepted
                        : status == "PARTIAL" ? PublishStatus::partial
                                              : PublishStatus::rejected;
        if (node.member("item_count").is_there()) {
            result.item_count = number(node.member("item_count"), 0, 0, 1'000'000'000).value_or(0);
        }
        if (const std::optional<MessageError> error = v11::read_error(node.member("error").value())) {
            result.errors.push_back(*error);
        }
        answer.results.push_back(std::move(result));
    }
    return message.faults().count() == before ? std::optional<Body>(std::move(answer)) : std::nullopt;
}

/// Published messages of demand flexibility say `order_id`, as 1.1 does.
std::optional<std::string> read_order_id(const Node& message) {
    const Node order = message.member("order");
    return (order.is_there() ? field(order, "id") : message.member("order_id")).foreign_id();
}

std::optional<Body> read_cancel(const Node& message) {
    std::optional<std::string> id = read_order_id(message);
    std::optional<std::string> reason = message.member(own_reason).text_or_empty(v11::sentence_max);
    return id && reason ? std::optional<Body>(CancelRequest{std::move(*id), std::move(*reason)})
                        : std::nullopt;
}

std::optional<Body> read_body(const Context& context, const Node& message, const CodecLimits& limits) {
    switch (context.action) {
        case Action::search:
            return read_discover(message);
        case Action::on_search:
            return read_discovered(message, context, limits);
        case Action::status: {
            std::optional<std::string> id = read_order_id(message);
            return id ? std::optional<Body>(StatusRequest{std::move(*id)}) : std::nullopt;
        }
        case Action::cancel:
            return read_cancel(message);
        case Action::update: {
            std::optional<Order> order = read_order(message.member("order"), context, limits);
            return order ? std::optional<Body>(UpdateRequest{std::move(*order)}) : std::nullopt;
        }
        case Action::select:
        case Action::init:
        case Action::confirm:
        case Action::on_select:
        case Action::on_init:
        case Action::on_confirm:
        case Action::on_status:
        case Action::on_update:
        case Action::on_cancel: {
            std::optional<Order> order = read_order(message.member("order"), context, limits);
            return order ? std::optional<Body>(std::move(*order)) : std::nullopt;
        }
        case Action::track:
        case Action::on_track:
        case Action::support:
        case Action::on_support:
        case Action::rating:
        case Action::on_rating:
            return read_service(context.action, message);
        case Action::catalog_publish:
            return read_published(message, context, limits);
        case Action::on_catalog_publish:
            return read_results(message);
    }
    HEADROOM_ASSERT(false);
    return std::nullopt;
}

/// Where an error of a callback may stand: beside the message, in it, or, when the message must be an order,
/// in that.
std::optional<MessageError> error_of(const json::Value& message) {
    for (const std::string_view place :
         {"/error", "/message/error", "/message/order/beckn:orderAttributes/headroom:error"}) {
        if (const json::Value* error = message.at(place)) {
            return v11::read_error(error);
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<Envelope> read(const json::Value& message, const CodecLimits& limits,
                             std::vector<Fault>& faults) {
    v11::FaultList list(faults, limits.faults);
    const Node root(&message, "", list);
    std::optional<Context> context = v11::read_context(v11::dialect_rc1, root.member("context"));
    if (!context) {
        return std::nullopt;
    }
    Envelope envelope{
        .version = WireVersion::v2_rc1, .context = std::move(*context), .message = NoMessage{}, .error = {}};
    // A sandbox that answers at once sends the catalogs under the action of the question.
    if (envelope.context.action == Action::search && message.at("/message/catalogs") != nullptr) {
        envelope.context.action = Action::on_search;
    }
    if (is_callback(envelope.context.action)) {
        envelope.error = error_of(message);
        if (envelope.error) {
            return envelope;
        }
    }
    const Node body = root.member("message");
    if (body.value() == nullptr || !body.value()->is_object()) {
        body.refuse("must be an object");
        return std::nullopt;
    }
    std::optional<Body> read_message = read_body(envelope.context, body, limits);
    if (!read_message) {
        return std::nullopt;
    }
    envelope.message = std::move(*read_message);
    return envelope;
}

}  // namespace headroom::beckn::rc1
