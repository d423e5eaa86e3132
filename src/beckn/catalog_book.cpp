#include "beckn/catalog_book.hpp"

#include "beckn/key_hosts.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace headroom::beckn {

namespace {

constexpr std::size_t errors_max = 8;  // told of one catalog
constexpr std::string_view catalogs_at = "/message/catalogs/";

std::size_t count_of(const Catalog& catalog) {
    return catalog.offers.size() + catalog.windows.size() + catalog.needs.size();
}

/// Which catalog of the message a pointer leads into.
std::optional<std::size_t> catalog_at(std::string_view pointer) {
    if (!pointer.starts_with(catalogs_at)) {
        return std::nullopt;
    }
    pointer.remove_prefix(catalogs_at.size());
    std::size_t index = 0;
    std::size_t digits = 0;
    while (digits < pointer.size() && pointer[digits] >= '0' && pointer[digits] <= '9' && digits < 6) {
        index = index * 10 + static_cast<std::size_t>(pointer[digits++] - '0');
    }
    return digits == 0 ? std::nullopt : std::optional(index);
}

MessageError named(ErrorCode code, std::string_view sentence, std::string pointer = {}) {
    return make_error(WireVersion::v2_lts, code, sentence, std::move(pointer));
}

std::vector<MessageError> faults_in(const Publication& publication, std::size_t index) {
    std::vector<MessageError> errors;
    for (const Fault& fault : publication.faults) {
        if (catalog_at(fault.pointer) == index && errors.size() < errors_max) {
            errors.push_back(
                named(ErrorCode::sch_schema_validation_failed, fault.pointer + ": " + fault.detail));
        }
    }
    return errors;
}

}  // namespace

const std::string& name_of(const Catalog& catalog) {
    return catalog.id.empty() ? catalog.provider : catalog.id;
}

Publication publication_of(const Decoded& decoded, std::string_view raw, std::string publisher,
                           std::string url) {
    Publication publication{.publisher = std::move(publisher),
                            .url = std::move(url),
                            .timestamp = decoded.envelope->context.timestamp,
                            .catalogs = {},
                            .ids = {},
                            .faults = decoded.faults};
    if (const auto* request = std::get_if<PublishRequest>(&decoded.envelope->message)) {
        publication.catalogs = request->catalogs;
    }
    const Result<json::Value> message = json::parse(raw, {.bytes = raw.size(), .depth = CodecLimits{}.depth});
    const json::Value* list = message ? message->at("/message/catalogs") : nullptr;
    for (const json::Value& catalog :
         list != nullptr && list->as_array() != nullptr ? *list->as_array() : json::Array{}) {
        const json::Value* id = catalog.is_object() ? catalog.get("id") : nullptr;
        id = id == nullptr && catalog.is_object() ? catalog.get("beckn:id") : id;
        publication.ids.push_back(id != nullptr && id->is_string() ? id->as_string()->substr(0, 256) : "");
    }
    return publication;
}

PublishAnswer CatalogBook::take(Publication publication, UtcTime now) {
    forget(now);
    PublishAnswer answer;
    std::set<std::string> seen;
    std::size_t next = 0;  // of those that could be read
    for (std::size_t i = 0; i < publication.ids.size(); ++i) {
        PublishResult result{.catalog_id = publication.ids[i]};
        result.errors = faults_in(publication, i);
        const bool is_read =
            next < publication.catalogs.size() && name_of(publication.catalogs[next]) == publication.ids[i];
        if (!is_read || publication.ids[i].empty()) {
            next += is_read ? 1 : 0;
            if (result.errors.empty()) {
                result.errors.push_back(
                    is_read ? named(ErrorCode::sch_required_field_missing, "it has no id")
                            : named(ErrorCode::pol_np_capacity_exceeded, "one message has fewer catalogs"));
            }
            result.status = PublishStatus::rejected;
            answer.results.push_back(std::move(result));
            continue;
        }
        Catalog& catalog = publication.catalogs[next++];
        std::optional<MessageError> wrong = refuse(publication, catalog, now);
        if (!seen.insert(publication.ids[i]).second) {
            wrong = named(ErrorCode::sch_schema_validation_failed, "the id stands twice; the first counts");
        }
        const Name name{publication.publisher, publication.ids[i]};
        const std::size_t count = count_of(catalog);
        if (!wrong && count == 0 && !result.errors.empty()) {
            wrong = named(ErrorCode::sch_schema_validation_failed, "nothing of it could be read");
        }
        if (!wrong && !has_room_for(name, count)) {
            wrong = named(ErrorCode::pol_np_capacity_exceeded, "there is no room for so much");
        }
        if (wrong) {
            result.status = PublishStatus::rejected;
            result.errors.insert(result.errors.begin(), std::move(*wrong));
            answer.results.push_back(std::move(result));
            continue;
        }
        if (const auto before = kept_.find(name); before != kept_.end()) {
            drop(before);
        }
        catalog.bpp_id = publication.publisher;
        catalog.bpp_uri = catalog.bpp_uri.empty() ? publication.url : catalog.bpp_uri;
        // One that was taken back is remembered, so that an older message does not bring it back.
        const UtcTime end = count > 0 && catalog.expires ? *catalog.expires : UtcTime::max();
        const UtcTime until = std::min(end, now + rules_.lasts);
        items_ += count;
        result.item_count = static_cast<std::int64_t>(count);
        result.status = result.errors.empty() ? PublishStatus::accepted : PublishStatus::partial;
        kept_.emplace(name, Kept{std::move(catalog), publication.timestamp, until});
        answer.results.push_back(std::move(result));
    }
    return answer;
}

std::optional<MessageError> CatalogBook::refuse(const Publication& publication, const Catalog& catalog,
                                                UtcTime now) const {
    if (!catalog.bpp_id.empty() && catalog.bpp_id != publication.publisher) {
        return named(ErrorCode::aut_unauthorized_action,
                     "it is of " + catalog.bpp_id.substr(0, 128) + ", and its publisher is another");
    }
    if (!catalog.bpp_uri.empty() && !is_below(catalog.bpp_uri, publication.url)) {
        return named(ErrorCode::ctx_invalid_bpp_uri,
                     "it names an address where its publisher is not registered");
    }
    const auto before = kept_.find({publication.publisher, name_of(catalog)});
    if (before != kept_.end() && publication.timestamp < before->second.published) {
        return named(ErrorCode::net_catalog_stale,
                     "a later one stands, of " + format_utc(before->second.published));
    }
    if (count_of(catalog) > 0 && catalog.expires && *catalog.expires <= now) {
        return named(ErrorCode::net_catalog_stale, "its validity ended at " + format_utc(*catalog.expires));
    }
    return std::nullopt;
}

/// Beside what stays when the catalog of that name goes.
bool CatalogBook::has_room_for(const Name& name, std::size_t items) const {
    std::size_t own_items = 0;
    std::size_t own_catalogs = 0;
    std::size_t replaced = 0;
    for (auto entry = kept_.lower_bound({name.first, ""});
         entry != kept_.end() && entry->first.first == name.first; ++entry) {
        const bool is_replaced = entry->first == name;
        replaced += is_replaced ? count_of(entry->second.catalog) : 0;
        own_items += is_replaced ? 0 : count_of(entry->second.catalog);
        own_catalogs += is_replaced ? 0 : 1;
    }
    std::size_t publishers = own_catalogs > 0 ? 0 : 1;  // his own
    for (auto entry = kept_.begin(); entry != kept_.end();
         entry = kept_.upper_bound({entry->first.first, std::string(1, '\xff')})) {
        ++publishers;
    }
    return own_catalogs < rules_.catalogs_max && own_items + items <= rules_.items_max &&
           items_ - replaced + items <= rules_.items_all_max && publishers <= rules_.publishers_max;
}

void CatalogBook::drop(std::map<Name, Kept>::iterator entry) {
    items_ -= count_of(entry->second.catalog);
    kept_.erase(entry);
}

void CatalogBook::forget(UtcTime now) {
    for (auto entry = kept_.begin(); entry != kept_.end();) {
        const auto next = std::next(entry);
        if (entry->second.until <= now) {
            drop(entry);
        }
        entry = next;
    }
}

}  // namespace headroom::beckn
